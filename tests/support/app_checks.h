/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_APP_CHECKS_H
#define TESTS_APP_CHECKS_H

/* What a sender finds wrong with an app, called "a". */

#include "common/settings.h"

typedef void app_check_fn(const struct settings *settings,
                          const struct app *app);

/* Notes as "path: what; " one behind the other, malloc'd: the check's alone.
 * Each has a remedy. `payload` is JSON, or NULL: the app has none. */
char *app_check_notes(app_check_fn *check, struct app app, const char *payload);

/* An object with one member of `size` letters, malloc'd. */
char *app_check_filled(const char *before, size_t size, const char *after);

#endif

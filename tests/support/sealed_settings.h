/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_SUPPORT_SEALED_SETTINGS_H
#define TESTS_SUPPORT_SEALED_SETTINGS_H

/* Settings of a frontend with one key for sealed nodes, the app "bare" that is
 * stateless, and "kept", the default, that is not. */

#include "common/settings.h"

/* Never NULL. */
struct settings *sealed_settings_new(void);
void sealed_settings_free(struct settings *settings);

/* Nodes can be neither sealed nor opened any more. */
void sealed_settings_forget_keys(struct settings *settings);

#endif

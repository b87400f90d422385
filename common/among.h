/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_AMONG_H
#define COMMON_AMONG_H

#include <stdbool.h>

/* Is `text` one of these? `words` ends with NULL. */
bool is_among(const char *text, const char *const *words);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_NEAREST_H
#define COMMON_NEAREST_H

/* What somebody may have meant who wrote a name that there is not. Pure. */

#include <stddef.h>

/* Slips of the pen between two names: letters left out, added, replaced, or
 * two neighbours swapped. Names of more than NEAREST_MAX bytes are not looked
 * at: as different as they can be. */
enum { NEAREST_MAX = 255 };
size_t nearest_slips(const char *a, const char *b);

/* So many slips still look like the same name; with more, a suggestion would
 * rather mislead. */
size_t nearest_slips_allowed(const char *name);

#endif

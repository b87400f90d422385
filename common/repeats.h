/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_REPEATS_H
#define COMMON_REPEATS_H

/* Ten thousand equal faults are two facts, not ten thousand lines: the first
 * at once, then how many there were, once a minute. */

#include <stdbool.h>
#include <stdint.h>

enum { REPEATS_MS = 60 * 1000, REPEATS_CHANGES = 20 };

typedef struct repeats repeats_t;

repeats_t *repeats_new(void);
void repeats_destroy(repeats_t **self_p);

/* A fault happened; `key` tells which. Returns how many a line about it should
 * report, this one included, or 0 when it shall be kept quiet for now. Beyond
 * 64 keys the one quiet for longest is forgotten. */
int64_t repeats_note(repeats_t *self, const char *key, int64_t now_ms);

/* The same for what is no fault as such, like a connection that comes or ends:
 * each is told, unless there are more than REPEATS_CHANGES in a minute. Of a
 * pair note the one that begins it, and tell of its end if that was told; at
 * level debug both are told always. */
int64_t repeats_note_change(repeats_t *self, const char *key, int64_t now_ms);

#endif

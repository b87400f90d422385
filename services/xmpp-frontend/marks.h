/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_MARKS_H
#define XMPP_FRONTEND_MARKS_H

/* What has happened to whom, remembered as a time until which it matters, for
 * many keys in bounded memory: 36 bytes each. What does not matter any more
 * makes room for what is new; if that does not suffice and all is full, what
 * was set longest ago does. Pure. */

#include <stddef.h>
#include <stdint.h>

typedef struct marks marks_t;

/* For up to `most` keys, fewer than 2^31. Memory is taken as it is needed. */
marks_t *marks_new(size_t most);
void marks_destroy(marks_t **self_p);

/* 0 if there is none. */
int64_t marks_get(const marks_t *self, uint64_t key);

/* Set it, and make it the youngest. Marks up to `over` do not matter any
 * more. */
void marks_set(marks_t *self, uint64_t key, int64_t mark, int64_t over);

/* How many there are, how much memory they take, and how many that still
 * mattered had to make room. */
size_t marks_count(const marks_t *self);
size_t marks_bytes(const marks_t *self);
uint64_t marks_pushed_out(const marks_t *self);

#endif

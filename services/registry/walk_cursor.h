/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_WALK_CURSOR_H
#define REGISTRY_WALK_CURSOR_H

/* Where a walk through all targets is. Pure. */

#include <stdbool.h>
#include <stddef.h>

enum { CURSOR_ROOM = 64 };

struct walk_cursor {
    unsigned part;  /* which of the servers … */
    unsigned parts; /* … of so many */
    char scan[24];  /* SCAN's own */
    char run[12];   /* the start of that server, "" if not known */
};

/* The beginning, of so many servers. */
void walk_cursor_begin(struct walk_cursor *self, unsigned parts);

/* "2/3/18446744073709551615/0123abcd", and back: false for any other text. */
void walk_cursor_print(const struct walk_cursor *self, char out[CURSOR_ROOM]);
bool walk_cursor_read(struct walk_cursor *self, const char *text);

/* After a step, which has told SCAN's next cursor and the server's start. False
 * at the end of all. Neither is longer than there is room, or it is cut, and is
 * then no cursor of that server. */
bool walk_cursor_advance(struct walk_cursor *self, const char *scan,
                         const char *run);

#endif

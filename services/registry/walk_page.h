/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_WALK_PAGE_H
#define REGISTRY_WALK_PAGE_H

/* What was met on a walk through all targets, no more than fits into a message.
 * Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WALK_ROWS_MAX = 256, WALK_BYTES_MAX = 56000 };

/* A target, or how many an app has in a domain. Owned by the page. */
struct walk_row {
    char *first;  /* its node; or all of it, see whole_target.h; or the app */
    char *second; /* its app; or ""; or the domain */
    int64_t a;    /* when it was created, Unix ms, 0: unknown; or how many */
    int64_t b;    /* when it was renewed; or 0 */
};

/* All zero at start. */
struct walk_page {
    bool counts; /* rows for the same app and domain are one */
    bool whole;  /* each target with all that it has */
    size_t count;
    size_t bytes;
    struct walk_row rows[WALK_ROWS_MAX];
};

/* The lines of walk.lua, all of them; or none, and false, when they do not
 * fit. */
bool walk_page_add(struct walk_page *self, const char *lines);

/* So full that more might not fit? */
bool walk_page_is_full(const struct walk_page *self);

void walk_page_release(struct walk_page *self);

#endif

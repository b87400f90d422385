/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_WALK_H
#define REGISTRY_WALK_H

/* A way through all targets, in pages, so that neither Redis nor a message has
 * to hold many at once. Where a page ends is a text, so any registry can go on
 * from there. As with SCAN, which it is made of, what is there all the time is
 * met, once or, while Redis grows, more often. */

#include "services/registry/redis.h"
#include "services/registry/walk_cursor.h"
#include "services/registry/walk_page.h"

struct walk {
    bool counts;        /* targets by app and domain, else each of them … */
    bool whole;         /* … with all that it has */
    const char *domain; /* only its targets, or NULL */
    const char *app;    /* the same */
    const char *after;  /* where the page before has ended, or NULL */
};

enum walk_outcome {
    WALK_OK,
    WALK_CHANGED, /* `after` is of a server that is no longer there, or not
                     since then: nobody can say what was met already */
    WALK_LATER,   /* Redis did not answer */
};

/* `page` lives in the call. `after` is where it ends, or NULL: that was all. */
typedef void walk_fn(void *arg, enum walk_outcome outcome,
                     const struct walk_page *page, const char *after);

/* Returns 0 and calls `on_page` once, or returns -1 when `after` is no text of
 * ours. Strings of `what` need not outlive the call. */
int walk_start(redis_t *redis, const struct walk *what, walk_fn *on_page,
               void *arg);

#endif

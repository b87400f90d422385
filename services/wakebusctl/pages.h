/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_PAGES_H
#define WAKEBUSCTL_PAGES_H

/* Asking for one page after the other of a way through all targets, as
 * operator.count and operator.list give them. One that cannot be had now is
 * asked for again, as long as an answer may take. */

#include "services/wakebusctl/client.h"

enum { PAGES_AFTER_ROOM = 65 };

/* What a page says of the next one. */
struct pages_next {
    enum operator_walk outcome;
    const char *after; /* borrowed from the page, or NULL: there is none */
};

struct pages {
    client_t *client;
    char after[PAGES_AFTER_ROOM]; /* where the next one begins, "" at first */
    bool has_begun;               /* a page was taken */

    /* The request for it. Returns the frame, or NULL with `err` set. */
    char *(*encode)(const struct pages *self, const char *after, const char *id,
                    struct proto_err *err);
    /* Take what it holds. Returns 0 with `next` filled, or -1 with `err` set,
     * or 1 when that is enough. */
    int (*take)(const struct pages *self, const struct msg *page,
                struct pages_next *next, struct proto_err *err);
    void *arg;
};

/* All pages from self->after on, which is then where it has stopped, or "" when
 * that was all. Returns 0, or the exit status, after saying what is wrong. */
int pages_walk(struct pages *self);

#endif

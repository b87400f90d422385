/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_GUARD_H
#define XMPP_FRONTEND_GUARD_H

/* Stands between the XMPP server and libstrophe, which builds a tree of any
 * stanza whatever its size: a hundred thousand nested elements overflow its
 * stack, sixty thousand siblings keep it busy for seconds. The guard reads the
 * stream first, without building anything, and lets only whole stanzas within
 * limits pass. Pure: bytes in, bytes out. */

#include <stddef.h>
#include <stdint.h>

enum {
    GUARD_STANZA_MAX = 64 * 1024, /* bytes */
    GUARD_DEPTH_MAX = 32,         /* elements within each other */
    GUARD_ELEMENTS_MAX = 1024,    /* in one stanza */
    GUARD_ATTRIBUTES_MAX = 64,    /* of one element */
};

typedef struct guard guard_t;

/* Never NULL. One guard serves one stream. */
guard_t *guard_new(void);
void guard_destroy(guard_t **self_p);

/* What came of some bytes. */
struct guard_result {
    const char *bytes; /* for libstrophe, until the next call … */
    size_t size;       /* … this many */
    unsigned dropped;  /* stanzas that were beyond a limit */
    const char *why;   /* the last of them: constant; else NULL */
};

/* Returns 0, or -1 when the stream cannot go on: it is not well-formed, or has
 * what RFC 6120, 11.1 forbids (a DTD, a processing instruction, a comment). In
 * that case `why` says which, and what was read before still stands. */
int guard_feed(guard_t *self, const char *bytes, size_t size,
               struct guard_result *result);

#endif

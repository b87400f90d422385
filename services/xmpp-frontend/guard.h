/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_GUARD_H
#define XMPP_FRONTEND_GUARD_H

/* Reads the stream from the XMPP server, once. Stanzas (RFC 6120, 8) come out
 * as trees, those beyond a limit are dropped; all else, which is the stream's
 * header, the handshake, stream errors and the end, is for libstrophe and comes
 * out as the bytes that it was. Nobody reads more than what is within the
 * limits: a hundred thousand nested elements would overflow libstrophe's stack,
 * sixty thousand siblings keep it busy for seconds. Pure. */

#include "services/xmpp-frontend/element.h"
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

struct guard_item {
    enum guard_kind {
        GUARD_BYTES,   /* for libstrophe */
        GUARD_STANZA,  /* an <iq/>, <message/> or <presence/> */
        GUARD_DROPPED, /* something was beyond a limit, because of `why` */
        GUARD_BROKEN,  /* the stream cannot go on, because of `why`: it is not
                          well-formed, or has what RFC 6120, 11.1 forbids (a
                          DTD, a processing instruction, a comment) */
    } kind;
    const char *bytes;
    size_t size;
    const struct element *stanza;
    const char *why; /* constant */
};

/* Is the stream open, and has all of it that was fed been told of, with nothing
 * begun? What comes next may then be kept from the guard, if it is a whole
 * stanza. Not before guard_next has returned false. */
bool guard_is_between(const guard_t *self);

/* Give it what was read: borrowed until guard_next returns false. */
void guard_feed(guard_t *self, const char *bytes, size_t size);

/* What comes next in the stream, in its order; what an item points to lives
 * until the next call. Returns false when there is nothing before it is fed
 * again; after GUARD_BROKEN for ever. */
bool guard_next(guard_t *self, struct guard_item *item);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STREAM_H
#define XMPP_FRONTEND_STREAM_H

/* What libstrophe does: it opens the stream as a component (XEP-0114) and sees
 * how it ends. It does so over a connection to a port of this process, on
 * loopback; there can be one at a time. */

typedef struct stream stream_t;

/* How the server has ended a stream. */
struct stream_end {
    const char *refusal; /* a stream error (RFC 6120, 4.9.3) that a person must
                            mend, or NULL; constant … */
    const char *remedy;  /* … and how; NULL with it */
    const char *text;    /* what the server has said beside any, or NULL */
};

struct stream_events {
    void (*on_open)(void *arg); /* the server takes us as its component */
    /* It is over, and so is the connection; `end` lives in the call. */
    void (*on_end)(void *arg, const struct stream_end *end);
    void *arg;
};

/* Never NULL; there can be one in a process. */
stream_t *stream_new(const char *jid, const char *secret,
                     const struct stream_events *events);
void stream_destroy(stream_t **self_p);

/* Begin to connect to that port. Returns the socket with which it does, or -1.
 */
int stream_connect(stream_t *self, unsigned short port);

/* The connection was accepted: it has something to say. */
void stream_accepted(stream_t *self);

/* Bytes were written to it, not more than it takes in one read, 4096. What they
 * do is done when this returns. */
void stream_read(stream_t *self);

/* The connection was closed by the other side. */
void stream_lost(stream_t *self);

/* Its own timers: to be called a few times a second. */
void stream_turn(stream_t *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_RELAY_H
#define XMPP_FRONTEND_RELAY_H

/* The TCP connection to the XMPP server. What comes is read by the guard, and
 * stanzas go to the owner at once. The rest is for libstrophe, which opens the
 * stream and watches for its end: as it can do no more than connect to a port,
 * it connects to one of the relay's on loopback, and gets it there. What goes
 * to the server is sent here, in one write for many stanzas, and as much as the
 * server does not take is known here. */

#include "services/xmpp-frontend/element.h"
#include <czmq.h>

typedef struct relay relay_t;

struct relay_events {
    /* The server is there: now let libstrophe connect to relay_port. */
    void (*on_open)(void *arg);
    /* It has connected: it has something to say now. */
    void (*on_accepted)(void *arg);
    /* Bytes for libstrophe are in its socket, not more than it takes in one
     * read; what they do must be done before this returns. */
    void (*on_bytes)(void *arg);
    /* Only after relay_skim, and between stanzas: what comes next, not read
     * yet. Returns how many bytes of it need not be read, or 0. */
    size_t (*on_unread)(void *arg, const char *bytes, size_t size);
    /* A stanza, which lives in the call. */
    void (*on_stanza)(void *arg, const struct element *stanza);
    /* All stanzas that came in one go were given. */
    void (*on_batch_end)(void *arg);
    /* The connection is gone, or there was none; `why` for the log. Both sides
     * are closed by then. */
    void (*on_closed)(void *arg, const char *why);
    /* A stanza was dropped, because of `why`. */
    void (*on_dropped)(void *arg, const char *why);
    void *arg;
};

/* Never NULL. */
relay_t *relay_new(zloop_t *loop, const char *host, int port,
                   const struct relay_events *events);
void relay_destroy(relay_t **self_p);

/* Begin to connect: on_open or on_closed follows. There is no connection. */
void relay_open(relay_t *self);

/* The port on 127.0.0.1; valid from on_open until libstrophe has connected. */
unsigned short relay_port(const relay_t *self);

/* Which socket libstrophe connects with: nobody else on this host is let in. */
void relay_expect(relay_t *self, int fd);

/* Show what comes before it is read, or do not any more. */
void relay_skim(relay_t *self, bool skims);

/* Queue bytes for the server, and send what is queued. */
void relay_write(relay_t *self, const char *bytes, size_t size);
void relay_flush(relay_t *self);

/* End the connection: on_closed is called before this returns. */
void relay_close(relay_t *self, const char *why);

#endif

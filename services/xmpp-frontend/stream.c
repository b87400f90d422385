/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <strophe.h>

enum { DELIVERY_MS = 1000 }; /* from one socket of ours to another, at most */

struct stream {
    struct stream_events events;
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;
    int fd; /* of the connection, or -1 */
};

/* libstrophe's callback for sockets gets no argument of ours, so it finds the
 * one stream there is here. */
static stream_t *only_stream;

/* ---- how it goes ---- */

/* Stream errors (RFC 6120, 4.9.3) that a person must mend, and how. */
static const struct refusal {
    xmpp_error_type_t type;
    const char *name;
    const char *remedy;
} REFUSALS[] = {
    {XMPP_SE_NOT_AUTHORIZED, "not-authorized",
     "xmpp.secret is not the one that the XMPP server has for xmpp.jid: check "
     "both"},
    {XMPP_SE_HOST_UNKNOWN, "host-unknown",
     "the XMPP server has no component with the name xmpp.jid"},
    {XMPP_SE_CONFLICT, "conflict",
     "another process is connected as xmpp.jid: with Prosody run only one "
     "frontend, and set component_conflict_resolve = \"kick_old\""},
};

static const struct refusal *refusal_of(const xmpp_stream_error_t *error)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        if (error != NULL && error->type == REFUSALS[i].type) {
            return &REFUSALS[i];
        }
    }
    return NULL;
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *arg)
{
    stream_t *self = arg;
    const struct refusal *refusal = refusal_of(stream_error);

    (void)conn;
    (void)error;
    if (event == XMPP_CONN_CONNECT) {
        self->events.on_open(self->events.arg);
        return;
    }
    const struct stream_end end = {
        .refusal = refusal != NULL ? refusal->name : NULL,
        .remedy = refusal != NULL ? refusal->remedy : NULL,
        .text = stream_error != NULL ? stream_error->text : NULL};
    self->fd = -1;
    self->events.on_end(self->events.arg, &end);
}

void stream_turn(stream_t *self)
{
    xmpp_run_once(self->ctx, 0);
}

/* libstrophe tells its socket to nobody but this callback. */
static int remember_socket(xmpp_conn_t *conn, void *socket)
{
    (void)conn;
    only_stream->fd = *(int *)socket;
    return 0;
}

int stream_connect(stream_t *self, unsigned short port)
{
    xmpp_conn_set_sockopt_callback(self->conn, remember_socket);
    return xmpp_connect_component(self->conn, "127.0.0.1", port, on_connection,
                                  self) == XMPP_EOK
               ? self->fd
               : -1;
}

/* What it says, it sends with its next turn. */
void stream_accepted(stream_t *self)
{
    stream_turn(self);
    stream_turn(self);
}

/* The kernel may take a moment to deliver on loopback, and stanzas must not get
 * in before what opens the stream: so this waits. */
void stream_read(stream_t *self)
{
    if (self->fd >= 0) { /* else libstrophe would sleep */
        xmpp_run_once(self->ctx, DELIVERY_MS);
        stream_turn(self);
    }
}

void stream_lost(stream_t *self)
{
    if (self->fd >= 0) {
        stream_turn(self);
    }
}

/* ---- life ---- */

static int refuse_socket(xmpp_conn_t *conn, void *socket)
{
    (void)conn;
    (void)socket;
    return -1;
}

/* libstrophe 0.12 to 0.14 allocates a part of the connection's state only in
 * xmpp_connect_client, and component mode then reads it through a NULL. An
 * attempt as a client that is refused before anything is sent makes it. */
static void allocate_stream_state(stream_t *self)
{
    xmpp_conn_set_sockopt_callback(self->conn, refuse_socket);
    (void)xmpp_connect_client(self->conn, "127.0.0.1", 1, on_connection, self);
}

stream_t *stream_new(const char *jid, const char *secret,
                     const struct stream_events *events)
{
    stream_t *self = calloc(1, sizeof *self);

    assert(self && only_stream == NULL);
    only_stream = self;
    self->events = *events;
    self->fd = -1;
    xmpp_initialize();
    self->ctx = xmpp_ctx_new(NULL, NULL);
    self->conn = xmpp_conn_new(self->ctx);
    assert(self->ctx && self->conn);
    xmpp_conn_set_jid(self->conn, jid);
    xmpp_conn_set_pass(self->conn, secret);
    allocate_stream_state(self);
    return self;
}

void stream_destroy(stream_t **self_p)
{
    stream_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    xmpp_conn_release(self->conn);
    xmpp_ctx_free(self->ctx);
    xmpp_shutdown();
    only_stream = NULL;
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */

/* What libstrophe alone can do: a component that answers each request with an
 * empty result, until the server ends the stream. */

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strophe.h>
#include <sysexits.h>

static int on_iq(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
    xmpp_stanza_t *reply = xmpp_stanza_reply(stanza);

    (void)arg;
    xmpp_stanza_set_type(reply, "result");
    xmpp_stanza_set_from(reply, xmpp_stanza_get_to(stanza));
    xmpp_send(conn, reply);
    xmpp_stanza_release(reply);
    return 1;
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event, int error,
                          xmpp_stream_error_t *stream_error, void *arg)
{
    (void)conn;
    (void)error;
    (void)stream_error;
    if (event != XMPP_CONN_CONNECT) {
        xmpp_stop(arg);
    }
}

static int refuse_socket(xmpp_conn_t *conn, void *socket)
{
    (void)conn;
    (void)socket;
    return -1;
}

/* libstrophe 0.12 to 0.14 allocates what a component needs only when it
 * connects as a client. */
static void allocate_stream_state(xmpp_conn_t *conn, xmpp_ctx_t *ctx)
{
    xmpp_conn_set_sockopt_callback(conn, refuse_socket);
    (void)xmpp_connect_client(conn, "127.0.0.1", 1, on_connection, ctx);
    xmpp_conn_set_sockopt_callback(conn, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fputs("Usage: bare_strophe PORT JID SECRET\n", stderr);
        return EX_USAGE;
    }
    xmpp_initialize();
    xmpp_ctx_t *ctx = xmpp_ctx_new(NULL, NULL);
    xmpp_conn_t *conn = xmpp_conn_new(ctx);
    assert(ctx != NULL && conn != NULL);
    xmpp_conn_set_jid(conn, argv[2]);
    xmpp_conn_set_pass(conn, argv[3]);
    allocate_stream_state(conn, ctx);
    xmpp_handler_add(conn, on_iq, NULL, "iq", NULL, NULL);
    int status = xmpp_connect_component(
        conn, "127.0.0.1", (unsigned short)strtoul(argv[1], NULL, 10),
        on_connection, ctx);
    if (status == XMPP_EOK) {
        xmpp_run(ctx);
    }
    xmpp_conn_release(conn);
    xmpp_ctx_free(ctx);
    xmpp_shutdown();
    return status == XMPP_EOK ? EX_OK : EX_UNAVAILABLE;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_CLIENT_H
#define COMMON_HTTP_CLIENT_H

/* Requests over HTTP/2 (RFC 9113) and TLS from a zloop. Only
 * http_client.c and http_transfer.c know libcurl.
 *
 * A client keeps at most one connection to its server, and never asks more of
 * it than the server allows: on a new connection one request goes alone, the
 * others follow when it has been answered. What cannot go now waits in the
 * client, in order.
 *
 * A request may arrive more than once: when a connection dies, libcurl sends
 * again what was not answered. Callers must only post what may be repeated. */

#include "common/http_engine.h"
#include <stdbool.h>
#include <stdint.h>

/* A certificate of ours, as it stood in its files. */
struct http_certificate {
    const char *data; /* PEM, or PKCS#12 */
    size_t size;
    bool is_pkcs12;
    const char *key_pem;  /* NULL: in `data` */
    const char *password; /* or NULL */
};

struct http_client_conf {
    const char *name;     /* for the log: "ios" */
    const char *base_url; /* "https://host[:port]" */
    const char *ca_pem;   /* CAs to trust, or NULL: the system's */
    const struct http_certificate *certificate; /* or NULL */
    long streams;                               /* requests at once, 1..1000 */
    int64_t lifetime_s; /* then another connection takes over; 0: no limit */
    bool is_small;      /* HTTP/1.1 and "http://" will do */
};

typedef struct http_client http_client_t;

/* The engine and what `conf` points to must live as long as the client.
 * Connects at the first request. Never NULL. */
http_client_t *http_client_new(http_engine_t *engine,
                               const struct http_client_conf *conf);
/* Open requests are answered with HTTP_CLOSED first. Not to be called from a
 * request's callback. */
void http_client_destroy(http_client_t **self_p);

enum http_failure {
    HTTP_ANSWERED,    /* no failure: there is a status */
    HTTP_UNREACHABLE, /* no connection; nothing was sent */
    HTTP_UNTRUSTED,   /* TLS failed: a certificate, theirs or ours */
    HTTP_OUTDATED,    /* the server does not speak HTTP/2 */
    HTTP_LOST,        /* the connection broke: perhaps done, perhaps not */
    HTTP_TIMEOUT,     /* no answer in time: perhaps done, perhaps not */
    HTTP_CLOSED,      /* the client was destroyed */
};

/* All strings must live until the callback. */
struct http_request {
    const char *path;           /* from the slash; may be secret, not logged */
    const char *const *headers; /* "name: value", NULL-terminated */
    const char *body;           /* to POST it; NULL: to GET */
    int64_t timeout_ms;         /* over all, waiting in the client included */
};

/* Valid during the callback. */
struct http_response {
    enum http_failure failure;
    long status;           /* 0 unless HTTP_ANSWERED */
    const char *body;      /* never NULL, with a NUL behind it; cut at 64 KiB */
    size_t size;           /* of the body, in bytes */
    int64_t retry_after_s; /* Retry-After (RFC 9110, 10.2.3), or 0 */
    uint64_t connection;   /* for http_client_renew */
    const char *why;       /* on failure: libcurl's words, no URL */
};

typedef void http_done_fn(void *arg, const struct http_response *response);

/* `on_done` is called exactly once, from the loop and never from in here. */
void http_client_send(http_client_t *self, const struct http_request *request,
                      http_done_fn *on_done, void *arg);

/* Leave the connection that gave a response: what is still open on it may
 * finish, everything else goes over a new one. Nothing happens when that
 * connection has been left already, so that a hundred responses that tell the
 * same cost one new connection. */
void http_client_renew(http_client_t *self, uint64_t connection);

/* Requests that are open, waiting ones included. */
size_t http_client_load(const http_client_t *self);

#endif

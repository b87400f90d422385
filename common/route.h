/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_ROUTE_H
#define COMMON_ROUTE_H

/* The way of an app's pushes to its provider: an account, and connections. When
 * the settings of an app change, a new route takes the place of the old one,
 * which finishes what it has. */

#include "common/delivery.h"
#include "common/standing.h"

enum {
    ROUTE_STREAMS = 100, /* pushes at once on one connection, as FCM allows */
    ROUTE_SLOTS = 3,     /* connections */
};

struct route {
    struct route *next;              /* for lists of the owner */
    const struct settings *settings; /* held, for `app` and the keys */
    const struct app *app;
    const struct dialect *dialect;
    void *account;
    const char *base_url; /* of the provider */
    http_client_t *clients[ROUTE_SLOTS];
    struct standing standing; /* of this account: a new one proves itself */
    size_t open;              /* pushes on their way, counted by the owner */
};

/* What all routes of a sender share. */
struct route_conf {
    http_engine_t *engine;
    const struct dialect *dialect;
    void *sender;
};

/* `app` is of these settings. Never NULL. */
struct route *route_new(const struct route_conf *conf,
                        const struct settings *settings, const struct app *app);

/* Requests that are open are answered with HTTP_CLOSED first. */
void route_destroy(struct route **route_p);

/* Would a route made of this app be the same? */
bool route_is_for(const struct route *route, const struct settings *settings,
                  const struct app *app);

/* The first connection that has room, so that little traffic keeps to one. */
http_client_t *route_client(const struct route *route);

#endif

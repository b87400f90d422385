/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_DELIVERY_H
#define COMMON_DELIVERY_H

/* A sender, but for the dialect of its provider: takes push.request from the
 * bus, posts it, replays it where that may help at once, and answers with
 * push.result exactly once. A provider may get a push twice, never silently
 * none: a push is only a wake-up. */

#include "common/health.h"
#include "common/http_client.h"
#include "common/judgement.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "proto/push.h"

enum { CALL_HEADERS_MAX = 10 };

/* A push in the provider's words. */
struct call {
    char *path;
    char *body;
    char *headers[CALL_HEADERS_MAX]; /* "name: value"; NULL behind the last */
};

/* Append to the headers, as printf. */
void call_add_header(struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void call_clear(struct call *call);

/* What a provider asks of a request beside the call itself. */
enum access {
    ACCESS_READY,  /* go; `authorization` is a whole header, or NULL */
    ACCESS_WAIT,   /* not yet: the sender will call delivery_resume */
    ACCESS_DENIED, /* not now: answer with `judgement` */
};

/* One provider's dialect; `account` is the sender's own, one for each app. */
struct dialect {
    const char *role;    /* "fcm-sender" */
    const char *backend; /* "fcm" */

    /* Fill `call`. Returns 0, or -1 with `judgement` set when the provider is
     * not even to be asked. `unix_ms` is now. Pure. */
    int (*compose)(const void *account, const struct push_request *request,
                   const char *job, int64_t unix_ms, struct call *call,
                   struct judgement *judgement);

    /* What an answer with a status means. Pure. */
    void (*judge)(const struct http_response *response,
                  struct judgement *judgement);

    enum access (*access)(void *account, const char **authorization,
                          struct judgement *judgement);

    /* The provider refused this authorization: have another next time. */
    void (*refused)(void *account, const char *authorization);
};

typedef struct delivery delivery_t;

/* Strings and pointers must live as long as the delivery. Connects to the
 * frontends, but serves no app until delivery_add_app. Never NULL. */
delivery_t *delivery_new(zloop_t *loop, http_engine_t *engine,
                         const struct dialect *dialect);
/* Pushes that are still open are answered with `later`. */
void delivery_destroy(delivery_t **self_p);

/* `conf` tells how to reach the provider for this app; its name is the app's.
 * At most APPS_MAX times, before delivery_start. */
void delivery_add_app(delivery_t *self, const struct http_client_conf *conf,
                      void *account);

/* Say hello to the frontends and take pushes. Once. */
void delivery_start(delivery_t *self, const struct settings *settings);

/* Something changed for those that wait for access. */
void delivery_resume(delivery_t *self, const void *account);

/* Can a frontend be reached? */
void delivery_health(const delivery_t *self, struct health *health);

/* What it has done for each app, and has to do. */
void delivery_metrics(const delivery_t *self, metrics_t *page);

/* Take no more pushes, finish what is open, then call `on_drained` once. */
void delivery_drain(delivery_t *self, void (*on_drained)(void *arg), void *arg);

#endif

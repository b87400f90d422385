/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_DELIVERY_H
#define COMMON_DELIVERY_H

/* A sender, but for the dialect of its provider: takes push.request from the
 * bus, posts it, replays it where that may help at once, and answers with
 * push.result exactly once. A provider may get a push twice, never silently
 * none: a push is only a wake-up. */

#include "common/call.h"
#include "common/health.h"
#include "common/http_client.h"
#include "common/judgement.h"
#include "common/metrics.h"
#include "common/settings.h"
#include "proto/push.h"

/* What a provider asks of a request beside the call itself. */
enum access {
    ACCESS_READY,  /* go; `authorization` is a whole header, or NULL */
    ACCESS_WAIT,   /* not yet: the sender will call delivery_resume */
    ACCESS_DENIED, /* not now: answer with `judgement` */
};

/* How --self-test tries the dialect out, see trial.h. */
struct dialect_trial {
    /* Fill `call` with a push that reaches no device. */
    void (*compose)(const void *account, int64_t unix_ms, struct call *call);

    /* The reasons that complain of that device alone, NULL-terminated. */
    const char *const *expected;

    /* Say by what the provider knows us, in a few words without secrets. */
    void (*describe)(const void *account, char *out, size_t size);
};

/* One provider's dialect; `account` is the sender's own, one for each app. */
struct dialect {
    const char *role;    /* "fcm-sender" */
    const char *backend; /* "fcm" */

    /* Make the account of an app, and fill `conf`, which tells how to reach
     * the provider for it. Both may use what `settings` own as long as the
     * account lives: they are held. `sender` is what delivery_new was given. */
    void *(*open)(void *sender, const struct settings *settings,
                  const struct app *app, struct http_client_conf *conf);

    /* Nothing of it is in use any more. */
    void (*close)(void *account);

    /* Is the app of `a` in all that matters to its account as that of `b`,
     * the contents of keys and certificates included? */
    bool (*is_same)(const struct settings *a, const struct app *app_a,
                    const struct settings *b, const struct app *app_b);

    /* What is to be told of an account; `labels` are the app and the backend.
     */
    void (*metrics)(const void *account, const char *const *labels,
                    metrics_t *page);

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

    struct dialect_trial trial;
};

typedef struct delivery delivery_t;

/* Says hello to the frontends, and takes pushes for all apps of the dialect's
 * backend. `sender` is for dialect->open. Never NULL. */
delivery_t *delivery_new(zloop_t *loop, http_engine_t *engine,
                         const struct dialect *dialect, void *sender);

/* Serve these apps from now on. Called first before any push can come. What is
 * as it was goes on undisturbed; accounts that are replaced or gone finish
 * what is open. */
void delivery_use(delivery_t *self, const struct settings *settings);

/* Pushes that are still open are answered with `later`. */
void delivery_destroy(delivery_t **self_p);

/* Something changed for those that wait for access. */
void delivery_resume(delivery_t *self, const void *account);

/* Can a frontend be reached? */
void delivery_health(const delivery_t *self, struct health *health);

/* What it has done for each app, and has to do. */
void delivery_metrics(const delivery_t *self, metrics_t *page);

/* Take no more pushes, finish what is open, then call `on_drained` once. */
void delivery_drain(delivery_t *self, void (*on_drained)(void *arg), void *arg);

#endif

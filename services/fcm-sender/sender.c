/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/sender.h"

#include "common/delivery.h"
#include "common/trial.h"
#include "services/fcm-sender/credentials.h"
#include "services/fcm-sender/fcm.h"
#include "services/fcm-sender/message.h"
#include "services/fcm-sender/oauth.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Google's front ends end a connection after an hour; leaving before that
 * costs no push a second try. */
enum { LIFETIME_S = 3300 };

struct sender {
    zloop_t *loop;
    http_engine_t *engine;
    delivery_t *delivery; /* one of the two … */
    trial_t *trial;       /* … and the other is NULL */
};

/* An app at FCM. */
struct account {
    sender_t *sender;
    const struct service_account *key;
    message_t *message;
    oauth_t *oauth;
    char *path; /* of the project's messages */
};

/* ---- accounts ---- */

static void on_token(void *arg)
{
    const struct account *account = arg;
    const sender_t *sender = account->sender;

    if (sender->trial != NULL) {
        trial_resume(sender->trial, account);
    } else {
        delivery_resume(sender->delivery, account);
    }
}

static void *open_account(void *sender, const struct settings *settings,
                          const struct app *app, struct http_client_conf *conf)
{
    sender_t *self = sender;
    const struct service_account *key = credentials_account(settings, app);
    struct account *account = calloc(1, sizeof *account);
    struct oauth_conf oauth = {app->name, key, credentials_ca(settings)};

    assert(account != NULL);
    account->sender = self;
    account->key = key;
    account->message = message_new(app);
    account->path = fcm_path(key->project_id);
    account->oauth =
        oauth_new(self->loop, self->engine, &oauth, on_token, account);
    conf->base_url = settings->fcm.base_url;
    conf->ca_pem = credentials_ca(settings);
    conf->lifetime_s = LIFETIME_S;
    return account;
}

static void close_account(void *arg)
{
    struct account *account = arg;

    oauth_destroy(&account->oauth);
    message_destroy(&account->message);
    free(account->path);
    free(account);
}

static bool is_same(const struct settings *a, const struct app *app_a,
                    const struct settings *b, const struct app *app_b)
{
    return strcmp(a->fcm.base_url, b->fcm.base_url) == 0 &&
           credentials_are_same(a, app_a, b, app_b);
}

/* ---- the dialect ---- */

static int compose(const void *arg, const struct push_request *request,
                   const char *job, int64_t unix_ms, struct call *call,
                   struct judgement *judgement)
{
    const struct account *account = arg;

    (void)job;
    (void)unix_ms;
    (void)judgement;
    call->path = strdup(account->path);
    call->body = message_body(account->message, request, &call->forwarding);
    assert(call->path != NULL && call->body != NULL); /* it was JSON before */
    call_add_header(call, "Content-Type: application/json");
    return 0;
}

static enum access get_access(void *arg, const char **authorization,
                              struct judgement *judgement)
{
    const struct account *account = arg;

    return oauth_access(account->oauth, authorization, judgement);
}

static void on_refused(void *arg, const char *authorization)
{
    const struct account *account = arg;

    oauth_refused(account->oauth, authorization);
}

static void add_metrics(const void *arg, const char *const *labels,
                        metrics_t *page)
{
    const struct account *account = arg;

    oauth_metrics(account->oauth, labels, page);
}

static void compose_trial(const void *arg, int64_t unix_ms, struct call *call)
{
    const struct account *account = arg;

    (void)unix_ms;
    call->path = strdup(account->path);
    call->body = message_trial_body(account->message);
    assert(call->path != NULL);
    call_add_header(call, "Content-Type: application/json");
}

static void describe(const void *arg, char *out, size_t size)
{
    const struct account *account = arg;

    snprintf(out, size, "Google gives access to the project %s",
             account->key->project_id);
}

static const struct dialect FCM = {.role = "fcm-sender",
                                   .backend = "fcm",
                                   .open = open_account,
                                   .close = close_account,
                                   .is_same = is_same,
                                   .metrics = add_metrics,
                                   .compose = compose,
                                   .judge = fcm_judge,
                                   .access = get_access,
                                   .refused = on_refused,
                                   .trial = {.compose = compose_trial,
                                             .expected = FCM_TRIAL_REASONS,
                                             .describe = describe}};

/* ---- life ---- */

static sender_t *new_sender(zloop_t *loop)
{
    sender_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->loop = loop;
    self->engine = http_engine_new(loop);
    return self;
}

sender_t *sender_new(zloop_t *loop, const struct settings *settings)
{
    sender_t *self = new_sender(loop);

    self->delivery = delivery_new(loop, self->engine, &FCM, self);
    delivery_use(self->delivery, settings);
    return self;
}

sender_t *sender_try(self_test_t *test)
{
    sender_t *self = new_sender(self_test_loop(test));

    self_test_try_bus(test);
    self->trial = trial_new(test, self->engine, &FCM, self);
    return self;
}

void sender_destroy(sender_t **self_p)
{
    sender_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    delivery_destroy(&self->delivery);
    trial_destroy(&self->trial);
    http_engine_destroy(&self->engine);
    free(self);
    *self_p = NULL;
}

void sender_reload(sender_t *self, const struct settings *settings)
{
    delivery_use(self->delivery, settings);
}

void sender_health(const sender_t *self, struct health *health)
{
    delivery_health(self->delivery, health);
}

void sender_metrics(const sender_t *self, metrics_t *page)
{
    delivery_metrics(self->delivery, page);
}

void sender_drain(sender_t *self, void (*on_drained)(void *arg), void *arg)
{
    delivery_drain(self->delivery, on_drained, arg);
}

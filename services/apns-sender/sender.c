/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/sender.h"

#include "common/clock.h"
#include "common/delivery.h"
#include "common/trial.h"
#include "services/apns-sender/apns.h"
#include "services/apns-sender/credentials.h"
#include "services/apns-sender/provider_token.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An app at APNs. */
struct account {
    struct account *next;
    sender_t *sender;
    const struct app *app;
    payload_t *payload;
    provider_token_t *token;             /* NULL: it has a certificate … */
    struct http_certificate certificate; /* … this one, … */
    int64_t expires_s;                   /* … which ends then, Unix time */
};

struct sender {
    http_engine_t *engine;
    delivery_t *delivery;     /* one of the two … */
    trial_t *trial;           /* … and the other is NULL */
    struct account *accounts; /* those that were replaced as well */
};

/* ---- accounts ---- */

/* Apps of one key share the token: Apple counts new ones by the key. */
static provider_token_t *have_token(const sender_t *self,
                                    const struct provider_token_conf *conf)
{
    for (const struct account *account = self->accounts; account != NULL;
         account = account->next) {
        if (account->token != NULL && provider_token_is(account->token, conf)) {
            return provider_token_share(account->token);
        }
    }
    return provider_token_new(conf);
}

static void set_credential(struct account *account,
                           const struct settings *settings,
                           struct http_client_conf *conf)
{
    const struct app *app = account->app;
    const struct provider_token_conf token = {credentials_key(settings, app),
                                              app->key_id, app->team_id};
    const struct certificate *certificate =
        credentials_certificate(settings, app);

    if (token.key != NULL) {
        account->token = have_token(account->sender, &token);
        return;
    }
    account->certificate = (struct http_certificate){
        .data = certificate->data,
        .size = certificate->size,
        .is_pkcs12 = certificate->is_pkcs12,
        .key_pem = certificate->key_pem,
        .password = app->certificate_password,
    };
    account->expires_s = certificate->expires_s;
    conf->certificate = &account->certificate;
}

static const char *url_of(const struct settings *settings,
                          const struct app *app)
{
    return app->environment == APNS_SANDBOX ? settings->apns.sandbox_url
                                            : settings->apns.production_url;
}

static void *open_account(void *sender, const struct settings *settings,
                          const struct app *app, struct http_client_conf *conf)
{
    sender_t *self = sender;
    struct account *account = calloc(1, sizeof *account);

    assert(account != NULL);
    account->sender = self;
    account->app = app;
    account->payload = payload_new(app);
    set_credential(account, settings, conf);
    account->next = self->accounts;
    self->accounts = account;
    conf->base_url = url_of(settings, app);
    conf->ca_pem = credentials_ca(settings);
    conf->lifetime_s = 0; /* Apple wants connections kept for days */
    return account;
}

static void close_account(void *arg)
{
    struct account *account = arg;
    struct account **at = &account->sender->accounts;

    while (*at != account) {
        at = &(*at)->next;
    }
    *at = account->next;
    provider_token_destroy(&account->token);
    payload_destroy(&account->payload);
    free(account);
}

static bool is_same(const struct settings *a, const struct app *app_a,
                    const struct settings *b, const struct app *app_b)
{
    return strcmp(url_of(a, app_a), url_of(b, app_b)) == 0 &&
           credentials_are_same(a, app_a, b, app_b);
}

/* ---- the dialect ---- */

static int compose(const void *arg, const struct push_request *request,
                   const char *job, int64_t unix_ms, struct call *call,
                   struct judgement *judgement)
{
    const struct account *account = arg;
    const struct apns_form form = {account->app, account->payload};

    return apns_compose(&form, request, job, unix_ms, call, judgement);
}

static enum access get_access(void *arg, const char **authorization,
                              struct judgement *judgement)
{
    const struct account *account = arg;

    (void)judgement;
    if (account->token != NULL) {
        *authorization =
            provider_token_header(account->token, clock_unix_ms() / 1000);
    }
    return ACCESS_READY;
}

static void on_refused(void *arg, const char *authorization)
{
    const struct account *account = arg;

    if (account->token != NULL) {
        provider_token_refused(account->token, authorization,
                               clock_unix_ms() / 1000);
    }
}

static const struct metric EXPIRY = {
    "wakebus_certificate_expiry_timestamp_seconds",
    METRIC_GAUGE,
    "When the certificate of an app that has one ends, in seconds since 1970.",
    {"app", "backend"}};

static void add_metrics(const void *arg, const char *const *labels,
                        metrics_t *page)
{
    const struct account *account = arg;

    if (account->token == NULL) {
        metrics_add(page, &EXPIRY, labels, (double)account->expires_s);
    }
}

static void compose_trial(const void *arg, int64_t unix_ms, struct call *call)
{
    const struct account *account = arg;
    const struct apns_form form = {account->app, account->payload};

    apns_compose_trial(&form, unix_ms, call);
}

static void describe(const void *arg, char *out, size_t size)
{
    const struct account *account = arg;
    time_t expires_s = account->expires_s;
    struct tm utc;
    char day[16];

    if (account->token != NULL) {
        snprintf(out, size, "a token signed with key %s of team %s",
                 account->app->key_id, account->app->team_id);
        return;
    }
    gmtime_r(&expires_s, &utc);
    strftime(day, sizeof day, "%Y-%m-%d", &utc);
    snprintf(out, size, "a certificate that ends on %s", day);
}

static const struct dialect APNS = {.role = "apns-sender",
                                    .backend = "apns",
                                    .open = open_account,
                                    .close = close_account,
                                    .is_same = is_same,
                                    .metrics = add_metrics,
                                    .compose = compose,
                                    .judge = apns_judge,
                                    .access = get_access,
                                    .refused = on_refused,
                                    .trial = {.compose = compose_trial,
                                              .expected = APNS_TRIAL_REASONS,
                                              .describe = describe}};

/* ---- life ---- */

static sender_t *new_sender(zloop_t *loop)
{
    sender_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->engine = http_engine_new(loop);
    return self;
}

sender_t *sender_new(zloop_t *loop, const struct settings *settings)
{
    sender_t *self = new_sender(loop);

    self->delivery = delivery_new(loop, self->engine, &APNS, self);
    delivery_use(self->delivery, settings);
    return self;
}

sender_t *sender_try(self_test_t *test)
{
    sender_t *self = new_sender(self_test_loop(test));

    self_test_try_bus(test);
    self->trial = trial_new(test, self->engine, &APNS, self);
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

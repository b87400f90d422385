/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/sender.h"

#include "common/clock.h"
#include "common/delivery.h"
#include "common/log.h"
#include "services/apns-sender/apns.h"
#include "services/apns-sender/certificate.h"
#include "services/apns-sender/provider_token.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRY_WARNING_S = 30 * 24 * 3600, DAY_S = 24 * 3600 };

/* An app at APNs. */
struct account {
    const struct app *app;
    provider_token_t *token; /* NULL: it has a certificate … */
    int64_t expires_s;       /* … which ends then, Unix time */
};

struct sender {
    http_engine_t *engine;
    delivery_t *delivery;
    struct account accounts[APPS_MAX];
    size_t count;
    provider_token_t *tokens[APPS_MAX]; /* one a key */
    size_t token_count;
};

/* ---- the dialect ---- */

static int compose(const void *arg, const struct push_request *request,
                   const char *job, int64_t unix_ms, struct call *call,
                   struct judgement *judgement)
{
    const struct account *account = arg;

    return apns_compose(account->app, request, job, unix_ms, call, judgement);
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

static const struct dialect APNS = {.role = "apns-sender",
                                    .backend = "apns",
                                    .compose = compose,
                                    .judge = apns_judge,
                                    .access = get_access,
                                    .refused = on_refused};

/* ---- keys and certificates ---- */

static int report_fault(const struct app *app, const char *member,
                        const struct fault *fault)
{
    char path[128];

    snprintf(path, sizeof path, "apps.%s.%s", app->name, member);
    log_error("config.fault", TEXT("member", path), TEXT("why", fault->why),
              TEXT("remedy", fault->remedy));
    return -1;
}

/* Apple's names are of ten characters; a lowercase or longer one is a slip. */
static int check_name(const struct app *app, const char *member,
                      const char *name)
{
    static const char ALLOWED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct fault fault;

    if (strlen(name) == 10 && name[strspn(name, ALLOWED)] == '\0') {
        return 0;
    }
    fault_set(&fault, "copy it from Apple's developer site",
              "is not ten capital letters and digits");
    return report_fault(app, member, &fault);
}

/* It becomes a header. */
static int check_topic(const struct app *app)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    struct fault fault;

    if (strlen(app->topic) <= 255 &&
        app->topic[strspn(app->topic, ALLOWED)] == '\0') {
        return 0;
    }
    fault_set(&fault, "give the app's bundle id, e.g. org.example.app",
              "is not letters, digits, dots and hyphens");
    return report_fault(app, "topic", &fault);
}

static provider_token_t *find_token(const sender_t *self, const struct app *app)
{
    for (size_t i = 0; i < self->token_count; i++) {
        if (provider_token_is(self->tokens[i], app->key_id, app->team_id)) {
            return self->tokens[i];
        }
    }
    return NULL;
}

static int load_key(sender_t *self, struct account *account)
{
    const struct app *app = account->app;
    struct fault fault;
    signing_key_t *key = NULL;
    int status = check_name(app, "key_id", app->key_id);

    if (check_name(app, "team_id", app->team_id) != 0) {
        status = -1;
    }
    char *pem = keyfile_read(app->key_file, NULL, &fault);
    if (pem != NULL) {
        key = signing_key_new(SIGN_ES256, pem, &fault);
        keyfile_wipe(&pem);
    }
    if (key == NULL) {
        return report_fault(app, "key_file", &fault);
    }
    /* Apps of one key share the token: Apple counts new ones by the key. */
    account->token = find_token(self, app);
    if (account->token == NULL) {
        account->token = provider_token_new(&key, app->key_id, app->team_id);
        self->tokens[self->token_count++] = account->token;
    }
    signing_key_destroy(&key);
    return status;
}

static int load_certificate(struct account *account)
{
    const struct app *app = account->app;
    struct certificate_conf conf = {app->certificate_file,
                                    app->certificate_key_file,
                                    app->certificate_password};
    struct certificate certificate;
    struct fault fault;
    int64_t now_s = clock_unix_ms() / 1000;

    if (certificate_load(&certificate, &conf, now_s, &fault) != 0) {
        return report_fault(app, "certificate_file", &fault);
    }
    account->expires_s = certificate.expires_s;
    int64_t left_s = certificate.expires_s - now_s;
    if (left_s < EXPIRY_WARNING_S) {
        log_warn("certificate.expires", TEXT("app", app->name),
                 NUM("days", left_s / DAY_S),
                 TEXT("remedy", "renew it on Apple's developer site, or use "
                                "a .p8 key"));
    }
    if (!certificate_covers(&certificate, app->topic)) {
        log_warn("certificate.other_topic", TEXT("app", app->name),
                 TEXT("topic", app->topic),
                 TEXT("certificate", certificate.topics[0]),
                 TEXT("remedy", "Apple will refuse it: correct topic, or use "
                                "the certificate of this app"));
    }
    return 0;
}

static int load_account(sender_t *self, struct account *account)
{
    int topic = check_topic(account->app);
    int credential = account->app->key_file != NULL ? load_key(self, account)
                                                    : load_certificate(account);

    return topic == 0 && credential == 0 ? 0 : -1;
}

/* All of them, so that every fault is told at once. */
static int load_accounts(sender_t *self, const struct settings *settings)
{
    int status = 0;

    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        if (strcmp(app->backend, APNS.backend) == 0) {
            struct account *account = &self->accounts[self->count++];
            account->app = app;
            status = load_account(self, account) != 0 ? -1 : status;
        }
    }
    if (self->count == 0) {
        log_error("config.fault", TEXT("member", "apps"),
                  TEXT("why", "has no app with backend apns"),
                  TEXT("remedy", "add one, or do not run this sender"));
        return -1;
    }
    return status;
}

/* ---- life ---- */

static void open_account(sender_t *self, struct account *account,
                         const struct settings *settings)
{
    const struct app *app = account->app;
    struct http_client_conf conf = {
        .name = app->name,
        .base_url = app->environment == APNS_SANDBOX
                        ? settings->apns.sandbox_url
                        : settings->apns.production_url,
        .ca_file = settings->apns.ca_file,
        .certificate_file = app->certificate_file,
        .certificate_key_file = app->certificate_key_file,
        .certificate_password = app->certificate_password,
        /* Apple wants connections kept for days. */
        .lifetime_s = 0,
    };

    delivery_add_app(self->delivery, &conf, account);
}

sender_t *sender_new(zloop_t *loop, const struct settings *settings)
{
    sender_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    if (load_accounts(self, settings) != 0) {
        sender_destroy(&self);
        return NULL;
    }
    self->engine = http_engine_new(loop);
    self->delivery = delivery_new(loop, self->engine, &APNS);
    for (size_t i = 0; i < self->count; i++) {
        open_account(self, &self->accounts[i], settings);
    }
    delivery_start(self->delivery, settings);
    return self;
}

void sender_destroy(sender_t **self_p)
{
    sender_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    delivery_destroy(&self->delivery);
    http_engine_destroy(&self->engine);
    for (size_t i = 0; i < self->token_count; i++) {
        provider_token_destroy(&self->tokens[i]);
    }
    free(self);
    *self_p = NULL;
}

void sender_health(const sender_t *self, struct health *health)
{
    delivery_health(self->delivery, health);
}

static const struct metric EXPIRY = {
    "wakebus_certificate_expiry_timestamp_seconds",
    METRIC_GAUGE,
    "When the certificate of an app that has one ends, in seconds since 1970.",
    {"app", "backend"}};

void sender_metrics(const sender_t *self, metrics_t *page)
{
    delivery_metrics(self->delivery, page);
    for (size_t i = 0; i < self->count; i++) {
        const struct account *account = &self->accounts[i];
        if (account->token == NULL) {
            metrics_add(page, &EXPIRY, LABELS(account->app->name, APNS.backend),
                        (double)account->expires_s);
        }
    }
}

void sender_drain(sender_t *self, void (*on_drained)(void *arg), void *arg)
{
    delivery_drain(self->delivery, on_drained, arg);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/sender.h"

#include "common/delivery.h"
#include "common/log.h"
#include "services/fcm-sender/fcm.h"
#include "services/fcm-sender/oauth.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Google's front ends end a connection after an hour; leaving before that
 * costs no push a second try. */
enum { LIFETIME_S = 3300 };

/* An app at FCM. */
struct account {
    sender_t *sender;
    const struct app *app;
    struct service_account key;
    oauth_t *oauth;
    char *path; /* of the project's messages */
};

struct sender {
    http_engine_t *engine;
    delivery_t *delivery;
    struct account accounts[APPS_MAX];
    size_t count;
};

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
    call->body = fcm_body(request, account->app->ttl_s);
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

static const struct dialect FCM = {.role = "fcm-sender",
                                   .backend = "fcm",
                                   .compose = compose,
                                   .judge = fcm_judge,
                                   .access = get_access,
                                   .refused = on_refused};

/* ---- start ---- */

static int load_key(struct account *account)
{
    const struct app *app = account->app;
    struct fault fault;
    char member[128];
    int status = -1;

    char *text = keyfile_read(app->service_account_file, NULL, &fault);
    if (text != NULL) {
        status = service_account_parse(&account->key, text, &fault);
        keyfile_wipe(&text);
    }
    if (status != 0) {
        snprintf(member, sizeof member, "apps.%s.service_account_file",
                 app->name);
        log_error("config.fault", TEXT("member", member),
                  TEXT("why", fault.why), TEXT("remedy", fault.remedy));
    }
    return status;
}

/* All of them, so that every fault is told at once. */
static int load_keys(sender_t *self, const struct settings *settings)
{
    int status = 0;

    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        if (strcmp(app->backend, FCM.backend) == 0) {
            struct account *account = &self->accounts[self->count++];
            account->sender = self;
            account->app = app;
            status = load_key(account) != 0 ? -1 : status;
        }
    }
    if (self->count == 0) {
        log_error("config.fault", TEXT("member", "apps"),
                  TEXT("why", "has no app with backend fcm"),
                  TEXT("remedy", "add one, or do not run this sender"));
        return -1;
    }
    return status;
}

static void on_token(void *arg)
{
    const struct account *account = arg;

    delivery_resume(account->sender->delivery, account);
}

static void open_account(struct account *account, zloop_t *loop,
                         const struct settings *settings)
{
    sender_t *self = account->sender;
    struct oauth_conf oauth = {account->app->name, &account->key,
                               settings->fcm.ca_file};
    struct http_client_conf fcm = {.name = account->app->name,
                                   .base_url = settings->fcm.base_url,
                                   .ca_file = settings->fcm.ca_file,
                                   .lifetime_s = LIFETIME_S};

    account->path = fcm_path(account->key.project_id);
    account->oauth = oauth_new(loop, self->engine, &oauth, on_token, account);
    delivery_add_app(self->delivery, &fcm, account);
}

sender_t *sender_new(zloop_t *loop, const struct settings *settings)
{
    sender_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    if (load_keys(self, settings) != 0) {
        sender_destroy(&self);
        return NULL;
    }
    self->engine = http_engine_new(loop);
    self->delivery = delivery_new(loop, self->engine, &FCM);
    for (size_t i = 0; i < self->count; i++) {
        open_account(&self->accounts[i], loop, settings);
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
    for (size_t i = 0; i < self->count; i++) {
        oauth_destroy(&self->accounts[i].oauth);
        service_account_release(&self->accounts[i].key);
        free(self->accounts[i].path);
    }
    http_engine_destroy(&self->engine);
    free(self);
    *self_p = NULL;
}

void sender_health(const sender_t *self, struct health *health)
{
    delivery_health(self->delivery, health);
}

void sender_metrics(const sender_t *self, metrics_t *page)
{
    delivery_metrics(self->delivery, page);
    for (size_t i = 0; i < self->count; i++) {
        const struct account *account = &self->accounts[i];
        oauth_metrics(account->oauth, LABELS(account->app->name, FCM.backend),
                      page);
    }
}

void sender_drain(sender_t *self, void (*on_drained)(void *arg), void *arg)
{
    delivery_drain(self->delivery, on_drained, arg);
}

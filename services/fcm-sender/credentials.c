/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/credentials.h"

#include "common/ca_file.h"
#include "common/config.h"
#include "services/fcm-sender/message_check.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct credentials {
    char *ca_pem;                              /* or NULL */
    struct service_account accounts[APPS_MAX]; /* in the order of the apps */
};

static void destroy(void *own)
{
    struct credentials *self = own;

    free(self->ca_pem);
    for (size_t i = 0; i < APPS_MAX; i++) {
        service_account_release(&self->accounts[i]);
    }
    free(self);
}

static void ask_machine(struct settings *settings, const struct app *app,
                        struct service_account *account)
{
    struct fault fault;

    if (service_account_of_machine(account, app->project_id,
                                   settings->fcm.metadata_url, &fault) != 0) {
        settings_app_fault(settings, app, "project_id", &fault);
    }
}

static void read_key(struct settings *settings, const struct app *app,
                     struct service_account *account)
{
    struct fault fault;
    char *text = keyfile_read(app->service_account_file, NULL, &fault);

    if (text == NULL || service_account_parse(account, text, &fault) != 0) {
        settings_app_fault(settings, app, "service_account_file", &fault);
    }
    keyfile_wipe(&text);
}

void credentials_check(struct settings *settings)
{
    struct credentials *self = calloc(1, sizeof *self);
    struct fault fault;
    bool has_app = false;

    assert(self != NULL);
    settings->own = self;
    settings->free_own = destroy;
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        bool is_fcm = app->backend != NULL && strcmp(app->backend, "fcm") == 0;
        if (is_fcm) {
            message_check(settings, app);
        }
        if (is_fcm && app->service_account_file != NULL) {
            read_key(settings, app, &self->accounts[i]);
        } else if (is_fcm && app->project_id != NULL) {
            ask_machine(settings, app, &self->accounts[i]);
        }
        has_app = has_app || is_fcm;
    }
    if (!has_app) {
        config_fault(settings->source, "apps", "has no app with backend fcm",
                     "add one, or do not run this sender");
    }
    if (settings->fcm.ca_file != NULL &&
        (self->ca_pem = ca_file_read(settings->fcm.ca_file, &fault)) == NULL) {
        config_fault(settings->source, "fcm.ca_file", fault.why, fault.remedy);
    }
}

static const struct credentials *of(const struct settings *settings)
{
    return settings->own;
}

const struct service_account *
credentials_account(const struct settings *settings, const struct app *app)
{
    return &of(settings)->accounts[app - settings->apps];
}

const char *credentials_ca(const struct settings *settings)
{
    return of(settings)->ca_pem;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool credentials_are_same(const struct settings *a, const struct app *app_a,
                          const struct settings *b, const struct app *app_b)
{
    return is_same_text(credentials_ca(a), credentials_ca(b)) &&
           service_account_is_same(credentials_account(a, app_a),
                                   credentials_account(b, app_b));
}

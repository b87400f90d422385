/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/app.h"

#include <stdio.h>
#include <string.h>

#define APNS_SENDER "wakebus-apns-sender"

enum { TEXT_MAX = 1023 };

const char *const APP_BACKENDS[] = {"fcm", "apns", NULL};

static const char *const PRIORITIES_OF_APPS[] = {"auto", "high", "low", NULL};
static const char *const COLLAPSES[] = {"none", "account", NULL};
static const char *const ENVIRONMENTS[] = {"production", "sandbox", NULL};
static const char *const PUSH_TYPES[] = {"alert", "background", NULL};

/* ---- the tables ---- */

/* A table is read by its columns. */
/* clang-format off */
#define AT(m) offsetof(struct app, m)
#define TEXT_SETTING(name, needed_by, help)                                    \
    {#name, SETTING_TEXT, AT(name), NULL, 1, TEXT_MAX, NULL, needed_by, help}
#define BOOL_SETTING(name, m, help)                                            \
    {name, SETTING_BOOL, AT(m), NULL, 0, 0, NULL, NULL, help}
#define WORD_SETTING(name, fallback, words, help)                              \
    {#name, SETTING_WORD, AT(name), fallback, 0, 0, words, NULL, help}
#define PAYLOAD_SETTING(help)                                                  \
    {"payload", SETTING_OBJECT, AT(payload), NULL, 0, 0, NULL, NULL, help}

static const struct setting BACKEND_SETTING[] = {
    {"backend", SETTING_WORD, 0, NULL, 0, 0, APP_BACKENDS, "*", "fcm or apns"},
};

/* In each member of `apps`; needed_by names the program that serves it. */
static const struct setting APP_SETTINGS[] = {
    BOOL_SETTING("default", is_default,
        "the app of register-push-<backend>; needed with several apps"),
    BOOL_SETTING("stateless", is_stateless,
        "true: pushes bring the device token along, and nothing is stored"),
    {"ttl_s", SETTING_INT, AT(ttl_s), "2419200", 0, 2419200, NULL, NULL,
        "seconds that FCM or APNs keep a push for a device that is off"},
    WORD_SETTING(priority, "auto", PRIORITIES_OF_APPS,
        "auto: a push is urgent if the XMPP server says so; high: each is, "
        "and whoever wakes phones for nothing is throttled; low: none is"),
    BOOL_SETTING("forward_encrypted", forwards_encrypted,
        "true: what a server has encrypted for the app (<encrypted/>, of "
        "tigase:push:encrypt:0) goes along, as encrypted and iv"),
};

/* Of no account at a provider: they can change while that goes on. */
static const struct setting APP_LIMITS[] = {
    {"limits.target_per_minute", SETTING_INT, AT(limits.target_per_minute),
        NULL, 0, 60000, NULL, NULL,
        "pushes to one device, if not as limits.target_per_minute"},
    {"limits.target_burst", SETTING_INT, AT(limits.target_burst), NULL, 1,
        100000, NULL, NULL, "and at once, if not as limits.target_burst"},
    {"limits.per_second", SETTING_INT, AT(limits.per_second), "0", 0, 1000000,
        NULL, NULL,
        "pushes to all its devices, for long, e.g. its quota at the provider; "
        "what is beyond is deferred; 0: any"},
    {"limits.burst", SETTING_INT, AT(limits.burst), "60000", 1, 10000000, NULL,
        NULL, "and so many at once before that"},
};

static const struct setting FCM_SETTINGS[] = {
    TEXT_SETTING(service_account_file, NULL,
        "JSON key of a service account, from the Google Cloud console"),
    TEXT_SETTING(project_id, NULL,
        "without a key on Google's cloud: the Firebase project, to which the "
        "service account of this machine or pod may send"),
    PAYLOAD_SETTING(
        "an object with data, an object of strings: what each push has beside "
        "account and channel"),
    WORD_SETTING(collapse, "none", COLLAPSES,
        "account: a push takes the place of one before it for the same "
        "account, and FCM lets 20 at once through and then one in 3 minutes"),
    BOOL_SETTING("direct_boot_ok", direct_boot_ok,
        "true: the app gets pushes before its phone is first unlocked"),
    TEXT_SETTING(restricted_package, NULL,
        "the one package that gets pushes, e.g. org.example.app"),
};

static const struct setting APNS_SETTINGS[] = {
    TEXT_SETTING(topic, APNS_SENDER,
        "the app's bundle id, e.g. org.example.app"),
    WORD_SETTING(environment, "production", ENVIRONMENTS,
        "production or sandbox"),
    WORD_SETTING(push_type, "alert", PUSH_TYPES,
        "alert wakes the app's extension; background is throttled by Apple"),
    PAYLOAD_SETTING(
        "an object of what each push has beside account and channel; its aps "
        "takes the place of the built-in one"),
    WORD_SETTING(collapse, "account", COLLAPSES,
        "account: a push takes the place of one before it for the same "
        "account; none: each is shown"),
    TEXT_SETTING(key_file, NULL, "the .p8 key from Apple's developer site"),
    TEXT_SETTING(key_id, NULL, "the ten characters that name the .p8 key"),
    TEXT_SETTING(team_id, NULL, "the ten characters that name the team"),
    TEXT_SETTING(certificate_file, NULL,
        "PEM or .p12 certificate, in place of a .p8 key"),
    TEXT_SETTING(certificate_key_file, NULL,
        "its PEM key, if that is not in the same file"),
    {"certificate_password", SETTING_SECRET, AT(certificate_password), NULL,
        0, TEXT_MAX, NULL, APNS_SENDER,
        "opens the .p12 or the encrypted key"},
};

#define TABLE(table) table, sizeof table / sizeof *table

/* Which members an app has beside the common ones, in the backends' order. */
static const struct {
    const struct setting *table;
    size_t count;
} BACKEND_TABLES[] = {{TABLE(FCM_SETTINGS)}, {TABLE(APNS_SETTINGS)}};

const struct app_group APP_GROUPS[] = {
    {"In each app, apps.NAME.…:", TABLE(BACKEND_SETTING)},
    {NULL, TABLE(APP_SETTINGS)},
    {NULL, TABLE(APP_LIMITS)},
    {"With backend fcm:", TABLE(FCM_SETTINGS)},
    {"With backend apns:", TABLE(APNS_SETTINGS)},
    {NULL, NULL, 0},
};
/* clang-format on */

/* ---- reading ---- */

/* The members of an app's backend; `audience` NULL requires none of them. */
static void read_backend(config_t *config, struct app *app, size_t backend,
                         const char *path, const char *audience)
{
    struct config_scope scope = {BACKEND_TABLES[backend].table,
                                 BACKEND_TABLES[backend].count, path, audience};

    config_read(config, &scope, app);
}

void app_read(config_t *config, struct app *app, const char *program)
{
    enum { BACKENDS_COUNT = sizeof BACKEND_TABLES / sizeof *BACKEND_TABLES };
    char path[APP_NAME_MAX + 16];
    unsigned backend = BACKENDS_COUNT;

    snprintf(path, sizeof path, "apps.%s", app->name);
    struct config_scope scope = {TABLE(BACKEND_SETTING), path, "*"};
    config_read(config, &scope, &backend);
    scope = (struct config_scope){TABLE(APP_SETTINGS), path, program};
    config_read(config, &scope, app);
    scope = (struct config_scope){TABLE(APP_LIMITS), path, program};
    config_read(config, &scope, app);
    if (backend == BACKENDS_COUNT) {
        /* That fault is noted; members of any backend are none. */
        for (size_t i = 0; i < BACKENDS_COUNT; i++) {
            read_backend(config, app, i, path, NULL);
        }
        return;
    }
    app->backend = APP_BACKENDS[backend];
    read_backend(config, app, backend, path, program);
}

/* ---- asking ---- */

static bool is_same_in(const struct setting *table, size_t count,
                       const struct app *a, const struct app *b)
{
    for (size_t i = 0; i < count; i++) {
        if (!setting_is_same(&table[i], a, b)) {
            return false;
        }
    }
    return true;
}

bool app_is_same(const struct app *a, const struct app *b)
{
    return strcmp(a->name, b->name) == 0 &&
           strcmp(a->backend, b->backend) == 0 &&
           is_same_in(TABLE(APP_SETTINGS), a, b) &&
           is_same_in(TABLE(FCM_SETTINGS), a, b) &&
           is_same_in(TABLE(APNS_SETTINGS), a, b);
}

bool app_is_urgent(const struct app *app, enum push_priority priority)
{
    switch (app->priority) {
    case APP_PRIORITY_AUTO:
        break;
    case APP_PRIORITY_HIGH:
        return true;
    case APP_PRIORITY_LOW:
        return false;
    }
    return priority == PRIORITY_HIGH;
}

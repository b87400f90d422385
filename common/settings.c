/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/settings.h"

#include "common/config.h"
#include "common/rules.h"
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FRONTEND "wakebus-xmpp-frontend"

enum { TEXT_MAX = 1023, MEMBER_ROOM = 200 };

/* ---- the tables ---- */

/* A table is read by its columns. */
/* clang-format off */
#define AT(m) offsetof(struct settings, m)
#define TEXT_SETTING(name, m, fallback, needed_by, help)                       \
    {name, SETTING_TEXT, AT(m), fallback, 1, TEXT_MAX, NULL, needed_by, help}
#define INT_SETTING(name, m, fallback, lo, hi, help)                           \
    {name, SETTING_INT, AT(m), fallback, lo, hi, NULL, NULL, help}

static const struct setting SETTINGS[] = {
    TEXT_SETTING("xmpp.host", xmpp.host, "127.0.0.1", NULL,
        "address of the XMPP server"),
    INT_SETTING("xmpp.port", xmpp.port, "5347", 1, 65535,
        "its port for components (XEP-0114)"),
    TEXT_SETTING("xmpp.jid", xmpp.jid, NULL, FRONTEND,
        "domain of this component, e.g. push.example.org"),
    {"xmpp.secret", SETTING_SECRET, AT(xmpp.secret), NULL, 1, TEXT_MAX, NULL,
        FRONTEND, "the component's secret, as in the XMPP server"},
    INT_SETTING("xmpp.ping_interval_s", xmpp.ping_interval_s, "60", 1, 3600,
        "seconds between two pings through the XMPP server to ourselves"),
    INT_SETTING("xmpp.ping_timeout_s", xmpp.ping_timeout_s, "25", 1, 3600,
        "without an answer to one for so long, the connection is made anew"),
    {"bus.frontends", SETTING_LIST, AT(bus.frontends),
        "tcp://127.0.0.1:5750", 1, 256, NULL, NULL,
        "inboxes of the frontends; a name stands for all its addresses"},
    TEXT_SETTING("bus.bind", bus.bind, "tcp://127.0.0.1:5750", NULL,
        "where the frontend's inbox listens"),
    TEXT_SETTING("bus.advertise", bus.advertise, "auto", NULL,
        "address at which frontends reach this worker; auto: find out"),
    TEXT_SETTING("bus.curve_key_file", bus.curve_key_file, NULL, NULL,
        "this process's own keys, from wakebusctl keygen"),
    TEXT_SETTING("bus.curve_authorized_dir", bus.curve_authorized_dir, NULL,
        NULL, "public keys of all who may come in, from wakebusctl keygen"),
    {"redis.url", SETTING_SECRET, AT(redis.url), "redis://127.0.0.1:6379/0",
        1, TEXT_MAX, NULL, "wakebus-registry",
        "redis://[[user]:password@]host:port/db, unix:/path, with sentinels "
        "redis+sentinel://[[user]:password@]host:port,…/master/db, or for a "
        "cluster redis+cluster://[[user]:password@]host:port,…"},
    TEXT_SETTING("http.bind", http.bind, NULL, NULL,
        "where /livez, /readyz and /metrics are, e.g. 127.0.0.1:9750"),
    {"log.level", SETTING_WORD, AT(log.level), "info", 0, 0, LOG_LEVELS, NULL,
        "error, warn, info or debug"},
    {"log.format", SETTING_WORD, AT(log.format), "logfmt", 0, 0, LOG_FORMATS,
        NULL, "logfmt or json"},
    INT_SETTING("push.deadline_ms", push.deadline_ms, "10000", 500, 28000,
        "every request is answered within this; servers wait 32 s"),
    INT_SETTING("push.max_in_flight", push.max_in_flight, "20000", 1, 1000000,
        "requests at once; past it the answer is to try again later"),
    INT_SETTING("push.coalesce_ms", push.coalesce_ms, "1000", 0, 10000,
        "pushes to one device within this are one, but for an urgent one after "
        "one that is not; at most a quarter of push.deadline_ms; 0: never"),
    INT_SETTING("push.retry_first_s", push.retry_first_s, "10", 1, 600,
        "seconds to the first retry of a failed push; providers ask for 10"),
    INT_SETTING("push.retry_ttl_s", push.retry_ttl_s, "3600", 1, 86400,
        "seconds for which a failed push is tried again"),
    TEXT_SETTING("sealed.keys_file", sealed.keys_file, NULL, NULL,
        "keys for the nodes of stateless apps, each of 64 hex digits on a line "
        "of its own (openssl rand -hex 32); the first seals, all open"),
    INT_SETTING("sealed.max_age_s", sealed.max_age_s, "0", 0, 315360000,
        "seconds for which such a node is good; 0: for ever"),
    INT_SETTING("limits.target_per_minute", limits.target_per_minute,
        "12", 0, 60000,
        "pushes to one device, for long; what is beyond is deferred; 0: any"),
    INT_SETTING("limits.target_burst", limits.target_burst, "60", 1, 100000,
        "and so many at once before that"),
    INT_SETTING("limits.domain_per_second", limits.domain_per_second,
        "5000", 0, 100000,
        "pushes for one domain, for long; what is beyond is deferred; 0: any"),
    INT_SETTING("limits.domain_burst", limits.domain_burst,
        "60000", 1, 10000000, "and so many at once before that"),
    INT_SETTING("limits.user_registrations_per_hour",
        limits.user_registrations_per_hour, "60", 0, 100000,
        "registrations of one user, for long; more are refused; 0: any"),
    INT_SETTING("limits.user_registrations_burst",
        limits.user_registrations_burst, "60", 1, 100000,
        "and so many at once before that"),
    INT_SETTING("limits.domain_registrations_per_second",
        limits.domain_registrations_per_second, "200", 0, 100000,
        "registrations of one domain, for long; more are refused; 0: any"),
    INT_SETTING("limits.domain_registrations_burst",
        limits.domain_registrations_burst, "60000", 1, 10000000,
        "and so many at once before that"),
    TEXT_SETTING("fcm.base_url", fcm.base_url, "https://fcm.googleapis.com",
        NULL, "where FCM is"),
    TEXT_SETTING("fcm.ca_file", fcm.ca_file, NULL, NULL,
        "CA certificates for FCM and its tokens, if not the system's"),
    TEXT_SETTING("fcm.metadata_url", fcm.metadata_url,
        "http://metadata.google.internal", NULL,
        "where Google's cloud tells a machine its access tokens"),
    TEXT_SETTING("apns.production_url", apns.production_url,
        "https://api.push.apple.com", NULL, "where APNs is"),
    TEXT_SETTING("apns.sandbox_url", apns.sandbox_url,
        "https://api.sandbox.push.apple.com", NULL, "and its sandbox"),
    TEXT_SETTING("apns.ca_file", apns.ca_file, NULL, NULL,
        "CA certificates for APNs, if not the system's"),
};
#undef AT
#undef TEXT_SETTING
#undef INT_SETTING

#define TABLE(table) table, sizeof table / sizeof *table
/* clang-format on */

/* Those that are looked at only at the start. */
static const char *const NEED_RESTART[] = {"xmpp.host",
                                           "xmpp.port",
                                           "xmpp.jid",
                                           "xmpp.secret",
                                           "bus.frontends",
                                           "bus.bind",
                                           "bus.advertise",
                                           "bus.curve_key_file",
                                           "redis.url",
                                           "http.bind",
                                           "bus.curve_authorized_dir"};

static bool needs_restart(const struct setting *setting)
{
    for (size_t i = 0; i < sizeof NEED_RESTART / sizeof *NEED_RESTART; i++) {
        if (strcmp(setting->name, NEED_RESTART[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* ---- reading ---- */

static void check_defaults(config_t *config, struct settings *settings)
{
    for (int b = 0; APP_BACKENDS[b] != NULL; b++) {
        struct app *only = NULL;
        size_t apps = 0;
        size_t defaults = 0;
        for (size_t i = 0; i < settings->app_count; i++) {
            struct app *app = &settings->apps[i];
            if (app->backend == APP_BACKENDS[b]) {
                only = app;
                apps++;
                defaults += app->is_default ? 1 : 0;
            }
        }
        if (defaults > 1) {
            config_fault(config, "apps", "more than one default of a backend",
                         "set default in only one app of fcm, one of apns");
        } else if (apps == 1) {
            only->is_default = true; /* nothing else it could be */
        }
    }
}

static void read_apps(config_t *config, struct settings *settings,
                      const char *program)
{
    const char *names[APPS_MAX];
    size_t count = config_members(config, "apps", names, APPS_MAX);

    if (count > APPS_MAX) {
        config_fault(config, "apps", "more than 64", "run several deployments");
        count = APPS_MAX;
    }
    for (size_t i = 0; i < count; i++) {
        struct app *app = &settings->apps[i];
        if (strlen(names[i]) < 1 || strlen(names[i]) > APP_NAME_MAX ||
            strpbrk(names[i], "./ \t\n") != NULL) {
            config_fault(config, "apps", "has a name that cannot be used",
                         "1 to 64 bytes without dots, slashes and spaces");
            continue;
        }
        app->name = names[i];
        app->limits.target_per_minute = settings->limits.target_per_minute;
        app->limits.target_burst = settings->limits.target_burst;
        app_read(config, app, program);
    }
    settings->app_count = count;
    check_defaults(config, settings);
}

static void read_all(config_t *config, struct settings *settings,
                     const char *program)
{
    struct config_scope scope = {TABLE(SETTINGS), "", program};

    config_read(config, &scope, settings);
    read_apps(config, settings, program);
    rules_check(config, settings, program);
    config_refuse_unknown(config);
}

int settings_http_bind(const char *file, char **bind)
{
    struct settings settings = {0};
    config_t *config =
        config_open(file != NULL ? file : SETTINGS_DEFAULT_FILE, file == NULL);

    for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++) {
        if (SETTINGS[i].offset == offsetof(struct settings, http.bind)) {
            struct config_scope scope = {&SETTINGS[i], 1, "", NULL};
            config_read(config, &scope, &settings);
        }
    }
    rules_check_http(config, settings.http.bind);
    size_t faults = config_report(config);
    *bind =
        faults == 0 && settings.http.bind ? strdup(settings.http.bind) : NULL;
    config_close(&config);
    return faults == 0 ? EX_OK : EX_CONFIG;
}

/* ---- life ---- */

struct settings *settings_read(const struct settings_origin *origin)
{
    struct settings *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->holders = 1;
    self->origin = origin;
    self->source =
        config_open(origin->file ? origin->file : SETTINGS_DEFAULT_FILE,
                    origin->file == NULL);
    read_all(self->source, self, origin->program);
    if (origin->check != NULL) {
        origin->check(self);
    }
    return self;
}

const struct settings *settings_hold(const struct settings *settings)
{
    struct settings *self = (struct settings *)(uintptr_t)settings;

    self->holders++;
    return self;
}

void settings_release(const struct settings **settings_p)
{
    struct settings *self = (struct settings *)(uintptr_t)*settings_p;

    *settings_p = NULL;
    if (self == NULL || --self->holders > 0) {
        return;
    }
    if (self->own != NULL) {
        self->free_own(self->own);
    }
    if (self->first != NULL) {
        settings_release(&self->first);
    } else {
        keyring_close(&self->bus.keys);
    }
    config_close(&self->source);
    free(self);
}

static void report_restart(const char *member)
{
    log_warn("config.needs_restart", TEXT("member", member),
             TEXT("why", "it was changed, and is looked at only at the start"),
             TEXT("remedy", "restart this process"));
}

/* The pair that the own key file holds now, and did at the start. */
static bool has_other_keys(const struct settings *a, const struct settings *b)
{
    return a->bus.keys != NULL && b->bus.keys != NULL &&
           strcmp(zcert_public_txt(keyring_own(a->bus.keys)),
                  zcert_public_txt(keyring_own(b->bus.keys))) != 0;
}

static void keep_what_needs_restart(struct settings *self,
                                    const struct settings *first)
{
    for (size_t i = 0; i < sizeof SETTINGS / sizeof *SETTINGS; i++) {
        const struct setting *setting = &SETTINGS[i];
        if (needs_restart(setting)) {
            if (!setting_is_same(setting, self, first)) {
                report_restart(setting->name);
            }
            setting_copy(setting, self, first);
        }
    }
    if (has_other_keys(self, first)) {
        report_restart("bus.curve_key_file");
    }
    keyring_close(&self->bus.keys);
    self->bus.keys = first->bus.keys;
    self->first = settings_hold(first);
}

const struct settings *settings_reload(const struct settings *settings)
{
    struct settings *self = settings_read(settings->origin);
    const struct settings *read = self;

    notes_log(config_notes(self->source));
    if (notes_count(config_notes(self->source), NOTE_FAULT) > 0) {
        settings_release(&read);
        return NULL;
    }
    keep_what_needs_restart(self, settings->first ? settings->first : settings);
    return read;
}

/* ---- help ---- */

static void print_settings(const char *title, const struct setting *table,
                           size_t count)
{
    if (title != NULL) {
        printf("\n%s\n", title);
    }
    for (size_t i = 0; i < count; i++) {
        const struct setting *s = &table[i];
        printf("  %-26s%s %s%s%s%s\n", s->name, needs_restart(s) ? "*" : " ",
               s->help, s->fallback != NULL ? " [" : "",
               s->fallback != NULL ? s->fallback : "",
               s->fallback != NULL ? "]" : "");
    }
}

void settings_print_help(void)
{
    print_settings("Members and their [defaults]; * needs a restart:",
                   TABLE(SETTINGS));
    for (const struct app_group *g = APP_GROUPS; g->table != NULL; g++) {
        print_settings(g->title, g->table, g->count);
    }
}

/* ---- asking ---- */

const struct app *settings_app(const struct settings *settings,
                               const char *name)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        if (strcmp(settings->apps[i].name, name) == 0) {
            return &settings->apps[i];
        }
    }
    return NULL;
}

const struct app *settings_default_app(const struct settings *settings,
                                       const char *backend)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        if (app->is_default && strcmp(app->backend, backend) == 0) {
            return app;
        }
    }
    return NULL;
}

bool settings_need_registry(const struct settings *settings)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        if (!settings->apps[i].is_stateless) {
            return true;
        }
    }
    return settings->app_count == 0;
}

struct name_list settings_apps_of(const struct settings *settings,
                                  const char *backend)
{
    struct name_list names = {0};

    for (size_t i = 0; i < settings->app_count; i++) {
        if (strcmp(settings->apps[i].backend, backend) == 0) {
            names.items[names.count++] = settings->apps[i].name;
        }
    }
    return names;
}

void settings_app_note(const struct settings *settings, const struct app *app,
                       enum note_kind kind, const char *what,
                       const char *remedy, const char *format, ...)
{
    char member[MEMBER_ROOM];
    char path[APP_NAME_MAX + sizeof member + 8];
    va_list args;

    va_start(args, format);
    vsnprintf(member, sizeof member, format, args);
    va_end(args);
    snprintf(path, sizeof path, "apps.%s.%s", app->name, member);
    notes_add(config_notes(settings->source), kind, path, what, remedy);
}

void settings_app_fault(const struct settings *settings, const struct app *app,
                        const char *member, const struct fault *fault)
{
    settings_app_note(settings, app, NOTE_FAULT, fault->why, fault->remedy,
                      "%s", member);
}

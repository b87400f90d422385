/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/fpush_settings.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_ROOM = 256,
    NAME_MAX_BYTES = 64, /* of an app */
    APPS_MOST = 64,
};

/* ---- notes ---- */

static void note(struct fpush_settings *self, const char *text,
                 const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The format makes the member's path. */
static void note(struct fpush_settings *self, const char *text,
                 const char *format, ...)
{
    char path[PATH_ROOM];
    va_list args;

    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    json_array_append_new(self->notes,
                          json_pack("{s:s,s:s}", "member", path, "note", text));
}

static const char NOT_TAKEN[] = "not taken over: there is nothing like it";

/* What there is beside the members that are taken over. */
static const struct {
    const char *member, *text;
} LEFT_OUT[] = {
    {"ratelimit", "not taken over: see push.coalesce_ms, which is for all"},
    {"blacklist", "not needed: dead tokens are remembered for a day"},
    {"timeout", "not needed: the link is made anew by itself"},
    {"poolIdleTimeout", "not needed"},
    {"requestTimeout", "not needed: see push.deadline_ms"},
};

static const char *why_left_out(const char *member)
{
    for (size_t i = 0; i < sizeof LEFT_OUT / sizeof *LEFT_OUT; i++) {
        if (strcmp(LEFT_OUT[i].member, member) == 0) {
            return LEFT_OUT[i].text;
        }
    }
    return NOT_TAKEN;
}

/* Of an object at `path`, which ends in a dot or is empty. */
static void note_left_out(struct fpush_settings *self, json_t *object,
                          const char *path, const char *const *taken)
{
    const char *member;
    json_t *value;

    json_object_foreach(object, member, value) {
        const char *const *known = taken;
        while (*known != NULL && strcmp(*known, member) != 0) {
            known++;
        }
        if (*known == NULL) {
            note(self, why_left_out(member), "%s%s", path, member);
        }
    }
}

/* ---- modules ---- */

/* One push module on its way to become an app. */
struct module {
    struct fpush_settings *out;
    const char *name;
    json_t *from;
    json_t *app;
};

/* The member of a group of the module, or NULL: then there is a note. */
static const char *need(const struct module *module, const char *group,
                        const char *member)
{
    const char *value = json_string_value(
        json_object_get(json_object_get(module->from, group), member));

    if (value == NULL) {
        note(module->out, "missing, or no text", "pushModules.%s.%s.%s",
             module->name, group, member);
    }
    return value;
}

/* What each push has beside the alert. Names that are ours are left out. */
static void convert_additions(const struct module *module, json_t *additions)
{
    static const char *const OURS[] = {"aps", "account", "channel"};
    json_t *payload = json_object();
    const char *name;
    json_t *value;

    json_object_foreach(additions, name, value) {
        json_object_set(payload, name, value);
    }
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) {
        if (json_object_del(payload, OURS[i]) == 0) {
            note(module->out, "not taken over: Wakebus puts its own there",
                 "pushModules.%s.apns.additionalData.%s", module->name,
                 OURS[i]);
        }
    }
    if (json_object_size(payload) > 0) {
        json_object_set(module->app, "payload", payload);
    }
    json_decref(payload);
}

/* Returns 0, or -1 when it cannot become an app; there are notes then. */
static int convert_apple(const struct module *module)
{
    static const char *const TAKEN[] = {"certFilePath",   "certPassword",
                                        "topic",          "environment",
                                        "additionalData", NULL};
    json_t *apns = json_object_get(module->from, "apns");
    const char *topic = need(module, "apns", "topic");
    const char *file = need(module, "apns", "certFilePath");
    const char *password =
        json_string_value(json_object_get(apns, "certPassword"));
    const char *environment =
        json_string_value(json_object_get(apns, "environment"));
    char path[PATH_ROOM];

    if (topic == NULL || file == NULL) {
        return -1;
    }
    json_object_set_new(module->app, "topic", json_string(topic));
    if (environment != NULL) {
        json_object_set_new(module->app, "environment",
                            json_string(environment));
    }
    json_object_set_new(module->app, "certificate_file", json_string(file));
    if (password != NULL && password[0] != '\0') {
        snprintf(path, sizeof path, "apns_%s.password", module->name);
        json_object_set_new(module->app, "certificate_password_file",
                            json_string(path));
        note(module->out,
             "a secret, not shown: write it into the file that "
             "certificate_password_file names",
             "pushModules.%s.apns.certPassword", module->name);
    }
    convert_additions(module, json_object_get(apns, "additionalData"));
    snprintf(path, sizeof path, "pushModules.%s.apns.", module->name);
    note_left_out(module->out, apns, path, TAKEN);
    return 0;
}

static int convert_google(const struct module *module)
{
    static const char *const TAKEN[] = {"fcmSecretPath", NULL};
    const char *file = need(module, "fcm", "fcmSecretPath");
    char path[PATH_ROOM];

    if (file == NULL) {
        return -1;
    }
    json_object_set_new(module->app, "service_account_file", json_string(file));
    snprintf(path, sizeof path, "pushModules.%s.fcm.", module->name);
    note_left_out(module->out, json_object_get(module->from, "fcm"), path,
                  TAKEN);
    return 0;
}

/* What fpush calls the backends; "fcm" stood in its README once. */
static const struct backend {
    const char *type, *name, *group;
    int (*convert)(const struct module *module);
} BACKENDS[] = {{"apple", "apns", "apns", convert_apple},
                {"google", "fcm", "fcm", convert_google},
                {"fcm", "fcm", "fcm", convert_google}};

static const struct backend *backend_of(const char *type)
{
    for (size_t i = 0; i < sizeof BACKENDS / sizeof *BACKENDS; i++) {
        if (type != NULL && strcmp(BACKENDS[i].type, type) == 0) {
            return &BACKENDS[i];
        }
    }
    return NULL;
}

static int convert_module(const struct module *module)
{
    const struct backend *backend =
        backend_of(json_string_value(json_object_get(module->from, "type")));
    char path[PATH_ROOM];

    if (backend == NULL) {
        note(module->out, "neither apple nor google", "pushModules.%s.type",
             module->name);
        return -1;
    }
    const char *const taken[] = {"type", "is_default_module", backend->group,
                                 NULL};
    json_object_set_new(module->app, "backend", json_string(backend->name));
    json_object_set_new(module->app, "stateless", json_true());
    if (json_is_true(json_object_get(module->from, "is_default_module"))) {
        json_object_set_new(module->app, "default", json_true());
    }
    snprintf(path, sizeof path, "pushModules.%s.", module->name);
    note_left_out(module->out, module->from, path, taken);
    return backend->convert(module);
}

static bool is_app_name(const char *name)
{
    size_t size = strlen(name);

    return size >= 1 && size <= NAME_MAX_BYTES &&
           strpbrk(name, "./ \t\n") == NULL;
}

static void convert_modules(struct fpush_settings *self, json_t *modules,
                            json_t *apps)
{
    const char *name;
    json_t *from;

    json_object_foreach(modules, name, from) {
        const struct module module = {self, name, from, json_object()};
        bool fits = is_app_name(name) && json_object_size(apps) < APPS_MOST;
        if (!fits) {
            note(self, "cannot be the name of an app, or is one too many",
                 "pushModules.%s", name);
        }
        if (fits && convert_module(&module) == 0) {
            json_object_set_new(apps, name, module.app);
        } else {
            json_decref(module.app);
            self->lost++;
        }
    }
}

/* ---- the rest ---- */

static json_t *convert_component(struct fpush_settings *self, json_t *component)
{
    static const char *const TAKEN[] = {"componentHostname", "componentKey",
                                        "serverHostname", "serverPort", NULL};
    json_t *xmpp = json_object();

    json_object_set(xmpp, "host", json_object_get(component, "serverHostname"));
    json_object_set(xmpp, "port", json_object_get(component, "serverPort"));
    json_object_set(xmpp, "jid",
                    json_object_get(component, "componentHostname"));
    json_object_set_new(xmpp, "secret_file", json_string("xmpp-secret"));
    note(self,
         "a secret, not shown: write it into the file that xmpp.secret_file "
         "names",
         "component.componentKey");
    note_left_out(self, component, "component.", TAKEN);
    return xmpp;
}

struct fpush_settings fpush_settings_convert(json_t *settings)
{
    static const char *const TAKEN[] = {"component", "pushModules", NULL};
    json_t *component = json_object_get(settings, "component");
    json_t *modules = json_object_get(settings, "pushModules");
    struct fpush_settings self = {json_object(), json_array(), 0};
    json_t *apps = json_object();

    assert(self.converted && self.notes && apps);
    if (json_is_object(component)) {
        json_object_set_new(self.converted, "xmpp",
                            convert_component(&self, component));
    }
    if (json_object_size(modules) == 0) {
        note(&self, "missing, or empty: is this fpush's settings.json?",
             "pushModules");
        self.lost++;
    }
    convert_modules(&self, modules, apps);
    json_object_set_new(self.converted, "apps", apps);
    note_left_out(&self, settings, "", TAKEN);
    return self;
}

void fpush_settings_free(struct fpush_settings *self)
{
    json_decref(self->converted);
    json_decref(self->notes);
}

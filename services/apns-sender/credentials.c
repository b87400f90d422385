/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/credentials.h"

#include "common/ca_file.h"
#include "common/clock.h"
#include "common/config.h"
#include "services/apns-sender/payload_check.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXPIRY_WARNING_S = 30 * 24 * 3600, DAY_S = 24 * 3600 };

/* One of the two. */
struct credential {
    signing_key_t *key;
    struct certificate certificate;
};

struct credentials {
    char *ca_pem;                     /* or NULL */
    struct credential apps[APPS_MAX]; /* in the order of the apps */
};

static void destroy(void *own)
{
    struct credentials *self = own;

    free(self->ca_pem);
    for (size_t i = 0; i < APPS_MAX; i++) {
        signing_key_destroy(&self->apps[i].key);
        certificate_release(&self->apps[i].certificate);
    }
    free(self);
}

/* ---- what Apple's names look like ---- */

/* They are of ten characters; a lowercase or longer one is a slip. */
static void check_name(const struct settings *settings, const struct app *app,
                       const char *member, const char *name)
{
    static const char ALLOWED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    struct fault fault;

    if (name != NULL &&
        (strlen(name) != 10 || name[strspn(name, ALLOWED)] != '\0')) {
        fault_set(&fault, "copy it from Apple's developer site",
                  "is not ten capital letters and digits");
        settings_app_fault(settings, app, member, &fault);
    }
}

/* It becomes a header. */
static void check_topic(const struct settings *settings, const struct app *app)
{
    static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    struct fault fault;

    if (app->topic != NULL &&
        (strlen(app->topic) > 255 ||
         app->topic[strspn(app->topic, ALLOWED)] != '\0')) {
        fault_set(&fault, "give the app's bundle id, e.g. org.example.app",
                  "is not letters, digits, dots and hyphens");
        settings_app_fault(settings, app, "topic", &fault);
    }
}

/* ---- keys and certificates ---- */

static void read_key(const struct settings *settings, const struct app *app,
                     struct credential *credential)
{
    struct fault fault;
    char *pem = keyfile_read(app->key_file, NULL, &fault);

    if (pem != NULL) {
        credential->key = signing_key_new(SIGN_ES256, pem, &fault);
        keyfile_wipe(&pem);
    }
    if (credential->key == NULL) {
        settings_app_fault(settings, app, "key_file", &fault);
    }
}

static void warn_of_expiry(const struct settings *settings,
                           const struct app *app, int64_t left_s)
{
    char what[64];

    snprintf(what, sizeof what, "expires in %d days", (int)(left_s / DAY_S));
    settings_app_note(settings, app, NOTE_WARNING, what,
                      "renew it on Apple's developer site, or use a .p8 key",
                      "certificate_file");
}

static void read_certificate(const struct settings *settings,
                             const struct app *app,
                             struct credential *credential)
{
    struct certificate_conf conf = {app->certificate_file,
                                    app->certificate_key_file,
                                    app->certificate_password};
    struct certificate *certificate = &credential->certificate;
    struct fault fault;
    int64_t now_s = clock_unix_ms() / 1000;

    if (certificate_load(certificate, &conf, now_s, &fault) != 0) {
        settings_app_fault(settings, app, "certificate_file", &fault);
        return;
    }
    if (certificate->expires_s - now_s < EXPIRY_WARNING_S) {
        warn_of_expiry(settings, app, certificate->expires_s - now_s);
    }
    if (app->topic != NULL && !certificate_covers(certificate, app->topic)) {
        fault_set(&fault,
                  "Apple would refuse it: correct topic, or use the "
                  "certificate of this app",
                  "is not the certificate's, which is for %s",
                  certificate->topics[0]);
        settings_app_fault(settings, app, "topic", &fault);
    }
}

static void check_app(const struct settings *settings, const struct app *app,
                      struct credential *credential)
{
    check_topic(settings, app);
    payload_check(settings, app);
    check_name(settings, app, "key_id", app->key_id);
    check_name(settings, app, "team_id", app->team_id);
    if (app->key_file != NULL) {
        read_key(settings, app, credential);
    }
    if (app->certificate_file != NULL) {
        read_certificate(settings, app, credential);
    }
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
        if (app->backend != NULL && strcmp(app->backend, "apns") == 0) {
            check_app(settings, app, &self->apps[i]);
            has_app = true;
        }
    }
    if (!has_app) {
        config_fault(settings->source, "apps", "has no app with backend apns",
                     "add one, or do not run this sender");
    }
    if (settings->apns.ca_file != NULL &&
        (self->ca_pem = ca_file_read(settings->apns.ca_file, &fault)) == NULL) {
        config_fault(settings->source, "apns.ca_file", fault.why, fault.remedy);
    }
}

/* ---- asking ---- */

static const struct credentials *of(const struct settings *settings)
{
    return settings->own;
}

const signing_key_t *credentials_key(const struct settings *settings,
                                     const struct app *app)
{
    return of(settings)->apps[app - settings->apps].key;
}

const struct certificate *
credentials_certificate(const struct settings *settings, const struct app *app)
{
    return &of(settings)->apps[app - settings->apps].certificate;
}

const char *credentials_ca(const struct settings *settings)
{
    return of(settings)->ca_pem;
}

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool is_same_key(const signing_key_t *a, const signing_key_t *b)
{
    return a == b || (a != NULL && b != NULL && signing_key_is_same(a, b));
}

bool credentials_are_same(const struct settings *a, const struct app *app_a,
                          const struct settings *b, const struct app *app_b)
{
    return is_same_text(credentials_ca(a), credentials_ca(b)) &&
           is_same_key(credentials_key(a, app_a), credentials_key(b, app_b)) &&
           certificate_is_same(credentials_certificate(a, app_a),
                               credentials_certificate(b, app_b));
}

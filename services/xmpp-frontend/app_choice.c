/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/app_choice.h"

#include <string.h>

struct app_choice app_choice_read(const struct form *options)
{
    const char *sandbox = form_value(options, "sandbox");

    return (struct app_choice){
        .module = form_value(options, "pushModule"),
        /* XEP-0004, 3.3: both are a boolean's true. */
        .sandbox = sandbox != NULL &&
                   (strcmp(sandbox, "true") == 0 || strcmp(sandbox, "1") == 0)};
}

static bool is_same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const struct app *twin_of(const struct settings *settings,
                                 const struct app *app)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *twin = &settings->apps[i];
        if (is_same_text(twin->backend, app->backend) &&
            is_same_text(twin->topic, app->topic) &&
            twin->environment == APNS_SANDBOX) {
            return twin;
        }
    }
    return NULL;
}

const struct app *app_choice_of(const struct app_choice *choice,
                                const struct settings *settings,
                                const struct app *app)
{
    const struct app *named =
        choice->module != NULL ? settings_app(settings, choice->module) : NULL;

    if (named != NULL && strcmp(named->backend, app->backend) == 0) {
        app = named;
    }
    /* FCM knows no sandbox. */
    if (!choice->sandbox || strcmp(app->backend, "apns") != 0 ||
        app->environment == APNS_SANDBOX) {
        return app;
    }
    return twin_of(settings, app);
}

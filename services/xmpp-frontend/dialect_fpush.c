/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_fpush.h"

#include <string.h>

#define HEX "0123456789abcdefABCDEF"
#define BASE64URL                                                              \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Tokens are opaque: neither provider promises a form. These are wide enough
 * for all that are known, and keep out what never was one. */
enum {
    APNS_TOKEN_MIN = 64,  /* 32 bytes in hex; they may grow, says Apple … */
    APNS_TOKEN_MAX = 200, /* … to 100 */
    FCM_TOKEN_MIN = 64,   /* they have 140 to 180, and did have 152 */
    FCM_TOKEN_MAX = 1024,
};

static bool is_of(const char *text, const char *alphabet, size_t min,
                  size_t max)
{
    size_t size = strlen(text);

    return size >= min && size <= max && strspn(text, alphabet) == size;
}

static bool is_apns_token(const char *node)
{
    return is_of(node, HEX, APNS_TOKEN_MIN, APNS_TOKEN_MAX) &&
           strlen(node) % 2 == 0;
}

static bool is_fcm_token(const char *node)
{
    return is_of(node, BASE64URL ":", FCM_TOKEN_MIN, FCM_TOKEN_MAX);
}

/* Of a backend that is not known here the sender judges alone. */
static bool is_token_of(const char *backend, const char *node)
{
    return strcmp(backend, "apns") == 0  ? is_apns_token(node)
           : strcmp(backend, "fcm") == 0 ? is_fcm_token(node)
                                         : true;
}

static bool has_stateless(const struct settings *settings)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        if (settings->apps[i].is_stateless) {
            return true;
        }
    }
    return false;
}

/* A token of APNs could be one of FCM by its letters, but is none of FCM's
 * words. */
static const struct app *app_by_form(const struct settings *settings,
                                     const char *node)
{
    return is_apns_token(node)  ? settings_default_app(settings, "apns")
           : is_fcm_token(node) ? settings_default_app(settings, "fcm")
                                : NULL;
}

static void refuse(struct request *request, enum answer answer,
                   const char *text)
{
    request->step = REQUEST_REFUSE;
    request->answer = answer;
    request->text = text;
}

void fpush_publish(struct request *request, const struct iq *iq,
                   const struct settings *settings)
{
    const char *module = form_value(&iq->form, "pushModule");
    bool has_secret = form_value(&iq->form, "secret") != NULL;
    const struct app *app = module != NULL ? settings_app(settings, module)
                            : has_secret   ? NULL
                                           : app_by_form(settings, iq->node);

    if (app != NULL && app->is_stateless &&
        is_token_of(app->backend, iq->node)) {
        request->step = REQUEST_WAKE;
        request->app = app;
        request->token = iq->node;
    } else if (!has_secret && module != NULL && app == NULL &&
               has_stateless(settings)) {
        /* It may come back: nobody shall lose a subscription for it. */
        refuse(request, ANSWER_TROUBLE, "pushModule: no such app.");
    } else if (!has_secret && app != NULL && app->is_stateless) {
        refuse(request, ANSWER_GONE, NULL);
    }
}

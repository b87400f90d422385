/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_sealed.h"

#include <stdio.h>
#include <string.h>

static void refuse(struct request *request, enum answer answer,
                   const char *text)
{
    request->step = REQUEST_REFUSE;
    request->answer = answer;
    request->text = text;
}

/* ---- age ---- */

/* A node with its exact time would be another one at each login. So it has the
 * begin of the half of its age in which it was sealed, and lives for half of it
 * at least. Without an age it has none: it must never change. */
static int64_t time_of_seal(const struct settings *settings, int64_t unix_s)
{
    int64_t max_age_s = settings->sealed.max_age_s;
    int64_t half_s = max_age_s > 1 ? max_age_s / 2 : 1;

    return max_age_s > 0 ? unix_s - unix_s % half_s : 0;
}

static bool is_too_old(const struct settings *settings, int64_t sealed_s,
                       int64_t unix_s)
{
    int64_t max_age_s = settings->sealed.max_age_s;

    return max_age_s > 0 && sealed_s > 0 && unix_s - sealed_s > max_age_s;
}

/* ---- commands ---- */

bool sealed_can_register(const struct settings *settings)
{
    return sealed_keys_of(settings) != NULL;
}

void sealed_register(struct request *request, const struct settings *settings,
                     int64_t unix_s)
{
    const struct sealed_keys *keys = sealed_keys_of(settings);
    const struct sealed_target target = {.app = request->app->name,
                                         .device = request->device,
                                         .channel = request->channel,
                                         .token = request->token,
                                         .sealed_s =
                                             time_of_seal(settings, unix_s)};

    if (sealed_node_seal(keys, &target, request->domain, request->sealed) !=
        0) {
        refuse(request, ANSWER_BAD_REQUEST,
               "token: too long for a node without a registration.");
        return;
    }
    sealed_node_secret(keys, request->sealed, request->secret);
    request->step = REQUEST_SEALED;
}

void sealed_unregister(struct request *request)
{
    request->step = REQUEST_DONE;
}

/* ---- pushes ---- */

/* What the registry's codec would have refused never got sealed; so this is
 * only for what has changed its bounds since. */
static int take(struct request *request, const struct sealed_target *target,
                const struct settings *settings)
{
    int device = snprintf(request->device, HASH_SIZE, "%s", target->device);
    int channel = snprintf(request->channel, HASH_SIZE, "%s", target->channel);

    if (device != HASH_SIZE - 1 || channel >= HASH_SIZE ||
        target->token[0] == '\0') {
        return -1;
    }
    request->app_name = target->app;
    request->app = settings_app(settings, target->app);
    request->token = target->token;
    return 0;
}

void sealed_publish(struct request *request, const struct iq *iq,
                    const struct settings *settings, int64_t unix_s)
{
    const struct sealed_keys *keys = sealed_keys_of(settings);
    const char *secret = form_value(&iq->form, "secret");
    struct sealed_target target;

    if (!sealed_node_is(iq->node)) {
        return;
    }
    if (keys == NULL) {
        /* Not one key: that is a slip in the configuration, and nobody shall
         * lose a subscription for it. */
        refuse(request, ANSWER_TROUBLE, "node: sealed, and there is no key.");
        return;
    }
    if (sealed_node_open(keys, iq->node, request->domain, &target,
                         request->sealed) != 0 ||
        !sealed_node_has_secret(keys, iq->node, secret) ||
        is_too_old(settings, target.sealed_s, unix_s) ||
        take(request, &target, settings) != 0) {
        refuse(request, ANSWER_GONE, NULL);
        return;
    }
    request->step = REQUEST_WAKE;
}

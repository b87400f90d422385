/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stateless_target.h"

#include "common/glimpse.h"
#include <string.h>

static const char *text_or_null(const char *text)
{
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static enum stateless_answer open_sealed(struct stateless_target *target,
                                         const struct settings *settings,
                                         const char *node, const char *domain)
{
    const struct sealed_keys *keys = sealed_keys_of(settings);
    struct sealed_target sealed;

    if (keys == NULL) {
        return STATELESS_NO_KEY;
    }
    if (domain == NULL ||
        sealed_node_open(keys, node, domain, &sealed, target->text) != 0) {
        return STATELESS_ABSENT;
    }
    target->app = sealed.app;
    target->device = text_or_null(sealed.device);
    target->channel = text_or_null(sealed.channel);
    target->token = sealed.token;
    target->sealed_s = sealed.sealed_s;
    return STATELESS_FOUND;
}

enum stateless_answer stateless_target_find(struct stateless_target *target,
                                            const struct settings *settings,
                                            const char *node,
                                            const char *domain, const char *app)
{
    memset(target, 0, sizeof *target);
    if (sealed_node_is(node)) {
        return open_sealed(target, settings, node, domain);
    }
    if (app == NULL) {
        return STATELESS_IS_NOT;
    }
    const struct app *its = settings_app(settings, app);
    if (its == NULL || !its->is_stateless) {
        return STATELESS_NO_APP;
    }
    target->app = its->name;
    target->token = node;
    return STATELESS_FOUND;
}

char *stateless_target_show(const struct stateless_target *target,
                            const char *domain, const char *id,
                            struct proto_err *err)
{
    struct operator_show_result result = {.outcome = OPERATOR_ABSENT};
    char device[GLIMPSE_ROOM];
    char channel[GLIMPSE_ROOM];
    char token[GLIMPSE_ROOM];

    if (target != NULL) {
        glimpse_of_hash(device, target->device);
        glimpse_of_hash(channel, target->channel);
        glimpse_of_token(token, target->token);
        result.outcome = OPERATOR_OK;
        result.app = target->app;
        result.domain = domain;
        result.device = text_or_null(device);
        result.channel = text_or_null(channel);
        result.token = text_or_null(token);
        result.token_size = (int64_t)strlen(target->token);
        result.created_ms = target->sealed_s * 1000;
    }
    return operator_show_result_encode(&result, id, err);
}

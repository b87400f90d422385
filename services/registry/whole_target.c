/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/whole_target.h"

#include "proto/notation.h"
#include "proto/target.h"
#include <stdlib.h>
#include <string.h>

static const char *text_of(const json_t *root, const char *name)
{
    return json_string_value(json_object_get(root, name));
}

static int64_t time_of(const json_t *root, const char *name)
{
    const char *text = text_of(root, name);
    long long time = text != NULL ? strtoll(text, NULL, 10) : 0;

    return time > 0 ? time : 0;
}

static bool has_size(const char *text, size_t most)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= most;
}

static bool is_whole(const struct operator_export_target *is)
{
    return has_size(is->app, TARGET_APP_MAX) &&
           has_size(is->domain, TARGET_DOMAIN_MAX) &&
           has_size(is->token, TARGET_TOKEN_MAX) && is->device != NULL &&
           hash_is_valid(is->device) &&
           (is->channel == NULL || hash_is_valid(is->channel)) &&
           is->node != NULL && node_is_valid(is->node) && is->secret != NULL &&
           secret_is_valid(is->secret);
}

bool whole_target_read(struct whole_target *self, const char *text)
{
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    self->root = root;
    self->is =
        (struct operator_export_target){.app = text_of(root, "app"),
                                        .device = text_of(root, "device"),
                                        .channel = text_of(root, "channel"),
                                        .domain = text_of(root, "domain"),
                                        .token = text_of(root, "token"),
                                        .node = text_of(root, "node"),
                                        .secret = text_of(root, "secret"),
                                        .created_ms = time_of(root, "created"),
                                        .renewed_ms = time_of(root, "renewed")};
    return is_whole(&self->is);
}

void whole_target_release(struct whole_target *self)
{
    json_decref(self->root);
    *self = (struct whole_target){0};
}

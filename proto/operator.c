/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/operator.h"

#include <string.h>

static const char *const OUTCOMES[] = {"ok", "absent", NULL};

/* clang-format off */
#define REQUEST(s)                                                             \
    STR_FIELD(s, asker, 1, 64), OPT_INT_FIELD(s, budget_ms, 1, 28000)
/* clang-format on */

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);

    return size >= strlen(end) && strcmp(text + size - strlen(end), end) == 0;
}

bool operator_is_request(const struct msg *m)
{
    static const char PREFIX[] = "operator.";

    return strncmp(m->type, PREFIX, strlen(PREFIX)) == 0 &&
           !msg_is(m, OPERATOR_LATER) && !ends_with(m->type, ".result");
}

const char *operator_outcome_of(const struct msg *m)
{
    const char *outcome =
        json_string_value(json_object_get(m->root, "outcome"));

    if (msg_is(m, OPERATOR_LATER)) {
        return "later";
    }
    return outcome != NULL ? outcome : "ok";
}

int operator_request_decode(struct operator_request *to, const struct msg *m,
                            struct proto_err *err)
{
    static const struct field FIELDS[] = {REQUEST(struct operator_request)};
    const struct schema schema = {m->type, FIELDS,
                                  sizeof FIELDS / sizeof *FIELDS};

    return codec_decode(&schema, to, m, err);
}

static const struct field LATER_FIELDS[] = {
    STR_FIELD(struct operator_later, why, 1, 400),
};
PROTO_DEFINE(operator_later, OPERATOR_LATER, LATER_FIELDS);

static const struct field SHOW_FIELDS[] = {
    REQUEST(struct operator_show),
    STR_FIELD(struct operator_show, node, 1, 1024),
};
PROTO_DEFINE(operator_show, OPERATOR_SHOW, SHOW_FIELDS);

static const struct field SHOW_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_show_result, outcome, OUTCOMES),
    OPT_STR_FIELD(struct operator_show_result, app, 1, 64),
    OPT_STR_FIELD(struct operator_show_result, domain, 1, 1023),
    OPT_STR_FIELD(struct operator_show_result, device, 8, 8),
    OPT_STR_FIELD(struct operator_show_result, channel, 8, 8),
    OPT_STR_FIELD(struct operator_show_result, token, 1, 8),
    OPT_INT_FIELD(struct operator_show_result, token_size, 1, 65536),
    OPT_INT_FIELD(struct operator_show_result, created_ms, 1, INT64_MAX),
    OPT_INT_FIELD(struct operator_show_result, renewed_ms, 1, INT64_MAX),
    OPT_STR_FIELD(struct operator_show_result, deferred, 1, 64),
};
PROTO_DEFINE(operator_show_result, OPERATOR_SHOW_RESULT, SHOW_RESULT_FIELDS);

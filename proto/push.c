/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/push.h"

const char *const PRIORITIES[] = {"low", "high", NULL};

static const struct field REQUEST_FIELDS[] = {
    STR_FIELD(struct push_request, app, 1, 64),
    STR_FIELD(struct push_request, token, 1, 4096),
    OPT_STR_FIELD(struct push_request, device, 40, 40),
    OPT_STR_FIELD(struct push_request, channel, 40, 40),
    ENUM_FIELD(struct push_request, priority, PRIORITIES),
    INT_FIELD(struct push_request, budget_ms, 1, 600000),
    OPT_STR_FIELD(struct push_request, encrypted, 1, PUSH_ENCRYPTED_MAX),
    OPT_STR_FIELD(struct push_request, iv, 1, PUSH_IV_MAX),
};
PROTO_DEFINE(push_request, PUSH_REQUEST, REQUEST_FIELDS);

static const char *const VERDICTS[] = {"sent",  "gone",          "refused",
                                       "later", "misconfigured", NULL};

static const struct field RESULT_FIELDS[] = {
    ENUM_FIELD(struct push_result, verdict, VERDICTS),
    OPT_STR_FIELD(struct push_result, reason, 1, 256),
    OPT_INT_FIELD(struct push_result, since_ms, 1, INT64_MAX),
    OPT_INT_FIELD(struct push_result, retry_after_s, 1, 604800),
};
PROTO_DEFINE(push_result, PUSH_RESULT, RESULT_FIELDS);

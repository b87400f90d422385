/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/target.h"

static const char *const OUTCOMES[] = {"ok", "absent", "kept", "later", NULL};

static const struct field REGISTER_FIELDS[] = {
    STR_FIELD(struct target_register, app, 1, TARGET_APP_MAX),
    STR_FIELD(struct target_register, device, 40, 40),
    OPT_STR_FIELD(struct target_register, channel, 40, 40),
    STR_FIELD(struct target_register, domain, 1, TARGET_DOMAIN_MAX),
    STR_FIELD(struct target_register, token, 1, TARGET_TOKEN_MAX),
    OPT_INT_FIELD(struct target_register, asked_ms, 1, INT64_MAX),
};
PROTO_DEFINE(target_register, TARGET_REGISTER, REGISTER_FIELDS);

static const struct field REGISTER_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_register_result, outcome, OUTCOMES),
    OPT_STR_FIELD(struct target_register_result, node, 1, 1024),
    OPT_STR_FIELD(struct target_register_result, secret, 1, 1024),
};
PROTO_DEFINE(target_register_result, TARGET_REGISTER_RESULT,
             REGISTER_RESULT_FIELDS);

static const struct field UNREGISTER_FIELDS[] = {
    STR_FIELD(struct target_unregister, app, 1, TARGET_APP_MAX),
    STR_FIELD(struct target_unregister, device, 40, 40),
    OPT_STR_FIELD(struct target_unregister, channel, 40, 40),
    OPT_INT_FIELD(struct target_unregister, asked_ms, 1, INT64_MAX),
};
PROTO_DEFINE(target_unregister, TARGET_UNREGISTER, UNREGISTER_FIELDS);

static const struct field UNREGISTER_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_unregister_result, outcome, OUTCOMES),
};
PROTO_DEFINE(target_unregister_result, TARGET_UNREGISTER_RESULT,
             UNREGISTER_RESULT_FIELDS);

static const struct field LOOKUP_FIELDS[] = {
    STR_FIELD(struct target_lookup, domain, 1, TARGET_DOMAIN_MAX),
    STR_FIELD(struct target_lookup, node, 1, 1024),
    OPT_STR_FIELD(struct target_lookup, secret, 1, 1024),
};
PROTO_DEFINE(target_lookup, TARGET_LOOKUP, LOOKUP_FIELDS);

static const struct field LOOKUP_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_lookup_result, outcome, OUTCOMES),
    OPT_STR_FIELD(struct target_lookup_result, app, 1, TARGET_APP_MAX),
    OPT_STR_FIELD(struct target_lookup_result, device, 40, 40),
    OPT_STR_FIELD(struct target_lookup_result, channel, 40, 40),
    OPT_STR_FIELD(struct target_lookup_result, token, 1, TARGET_TOKEN_MAX),
    OPT_STR_FIELD(struct target_lookup_result, deferred, 1, 64),
};
PROTO_DEFINE(target_lookup_result, TARGET_LOOKUP_RESULT, LOOKUP_RESULT_FIELDS);

static const struct field FORGET_FIELDS[] = {
    STR_FIELD(struct target_forget, node, 1, 1024),
    STR_FIELD(struct target_forget, device, 40, 40),
    STR_FIELD(struct target_forget, token, 1, TARGET_TOKEN_MAX),
    OPT_INT_FIELD(struct target_forget, since_ms, 1, INT64_MAX),
};
PROTO_DEFINE(target_forget, TARGET_FORGET, FORGET_FIELDS);

static const struct field FORGET_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_forget_result, outcome, OUTCOMES),
};
PROTO_DEFINE(target_forget_result, TARGET_FORGET_RESULT, FORGET_RESULT_FIELDS);

static const struct field DEFER_FIELDS[] = {
    STR_FIELD(struct target_defer, node, 1, 1024),
    OPT_STR_FIELD(struct target_defer, device, 40, 40),
    OPT_STR_FIELD(struct target_defer, app, 1, 64),
    ENUM_FIELD(struct target_defer, priority, PRIORITIES),
    OPT_INT_FIELD(struct target_defer, retry_after_s, 1, 604800),
    OPT_INT_FIELD(struct target_defer, is_retry, 0, 1),
};
PROTO_DEFINE(target_defer, TARGET_DEFER, DEFER_FIELDS);

static const struct field DEFER_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_defer_result, outcome, OUTCOMES),
};
PROTO_DEFINE(target_defer_result, TARGET_DEFER_RESULT, DEFER_RESULT_FIELDS);

static const struct field SETTLE_FIELDS[] = {
    STR_FIELD(struct target_settle, node, 1, 1024),
    OPT_STR_FIELD(struct target_settle, device, 40, 40),
    STR_FIELD(struct target_settle, deferred, 1, 64),
};
PROTO_DEFINE(target_settle, TARGET_SETTLE, SETTLE_FIELDS);

static const struct field SETTLE_RESULT_FIELDS[] = {
    ENUM_FIELD(struct target_settle_result, outcome, OUTCOMES),
};
PROTO_DEFINE(target_settle_result, TARGET_SETTLE_RESULT, SETTLE_RESULT_FIELDS);

static const struct field DUE_FIELDS[] = {
    STR_FIELD(struct target_due, node, 1, 1024),
    STR_FIELD(struct target_due, app, 1, TARGET_APP_MAX),
    STR_FIELD(struct target_due, device, 40, 40),
    OPT_STR_FIELD(struct target_due, channel, 40, 40),
    STR_FIELD(struct target_due, token, 1, TARGET_TOKEN_MAX),
    ENUM_FIELD(struct target_due, priority, PRIORITIES),
    STR_FIELD(struct target_due, deferred, 1, 64),
};
PROTO_DEFINE(target_due, TARGET_DUE, DUE_FIELDS);

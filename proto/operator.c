/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/operator.h"

#include "proto/notation.h"
#include "proto/target.h"

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

bool operator_is_sealed(const char *node)
{
    static const char PREFIX[] = "s1.";

    return strncmp(node, PREFIX, strlen(PREFIX)) == 0;
}

const char *operator_outcome_of(const struct msg *m)
{
    const char *outcome = msg_string(m, "outcome");

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
    OPT_INT_FIELD(struct operator_later, is_final, 1, 1),
};
PROTO_DEFINE(operator_later, OPERATOR_LATER, LATER_FIELDS);

static const struct field SHOW_FIELDS[] = {
    REQUEST(struct operator_show),
    STR_FIELD(struct operator_show, node, 1, 1024),
    OPT_STR_FIELD(struct operator_show, domain, 1, 1023),
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

static const struct field STATUS_FIELDS[] = {REQUEST(struct operator_status)};
PROTO_DEFINE(operator_status, OPERATOR_STATUS, STATUS_FIELDS);

/* clang-format off */
#define COUNT_FIELD(s, m) OPT_INT_FIELD(s, m, 1, INT64_MAX) /* 0: absent */
/* clang-format on */

static const char *const LINKS[] = {"down", "up", NULL};

static const struct field WORKER_FIELDS[] = {
    STR_FIELD(struct operator_worker, role, 1, 32),
    STR_FIELD(struct operator_worker, worker, 1, 64),
    COUNT_FIELD(struct operator_worker, jobs),
    COUNT_FIELD(struct operator_worker, credit),
    COUNT_FIELD(struct operator_worker, age_ms),
};
static const struct rows WORKERS =
    ROWS(WORKER_FIELDS, struct operator_workers, items, struct operator_worker);

static const struct field APP_FIELDS[] = {
    OPT_STR_FIELD(struct operator_app, app, 1, 64),
    OPT_STR_FIELD(struct operator_app, backend, 1, 16),
    COUNT_FIELD(struct operator_app, senders),
    COUNT_FIELD(struct operator_app, queued),
    COUNT_FIELD(struct operator_app, sent),
    COUNT_FIELD(struct operator_app, gone),
    COUNT_FIELD(struct operator_app, refused),
    COUNT_FIELD(struct operator_app, deferred),
    COUNT_FIELD(struct operator_app, expired),
    COUNT_FIELD(struct operator_app, coalesced),
    COUNT_FIELD(struct operator_app, limited),
    COUNT_FIELD(struct operator_app, failed),
};
static const struct rows APPS =
    ROWS(APP_FIELDS, struct operator_apps, items, struct operator_app);

static const struct field STATUS_RESULT_FIELDS[] = {
    STR_FIELD(struct operator_status_result, version, 1, 64),
    COUNT_FIELD(struct operator_status_result, age_ms),
    OPT_INT_FIELD(struct operator_status_result, draining, 1, 1),
    ENUM_FIELD(struct operator_status_result, link, LINKS),
    COUNT_FIELD(struct operator_status_result, link_age_ms),
    COUNT_FIELD(struct operator_status_result, link_silent_ms),
    OPT_STR_FIELD(struct operator_status_result, link_why, 1, 200),
    OPT_STR_FIELD(struct operator_status_result, link_remedy, 1, 400),
    COUNT_FIELD(struct operator_status_result, received),
    COUNT_FIELD(struct operator_status_result, in_flight),
    COUNT_FIELD(struct operator_status_result, retried),
    COUNT_FIELD(struct operator_status_result, retries_sent),
    COUNT_FIELD(struct operator_status_result, registered),
    COUNT_FIELD(struct operator_status_result, queued),
    OPT_ROWS_FIELD(struct operator_status_result, workers, OPERATOR_WORKERS_MAX,
                   &WORKERS),
    OPT_ROWS_FIELD(struct operator_status_result, apps, OPERATOR_APPS_MAX,
                   &APPS),
};
PROTO_DEFINE(operator_status_result, OPERATOR_STATUS_RESULT,
             STATUS_RESULT_FIELDS);

static const struct field WAITING_FIELDS[] = {REQUEST(struct operator_waiting)};
PROTO_DEFINE(operator_waiting, OPERATOR_WAITING, WAITING_FIELDS);

static const struct field WAITING_RESULT_FIELDS[] = {
    INT_FIELD(struct operator_waiting_result, targets, 0, INT64_MAX),
};
PROTO_DEFINE(operator_waiting_result, OPERATOR_WAITING_RESULT,
             WAITING_RESULT_FIELDS);

static const char *const WALKS[] = {"ok", "changed", NULL};

static const struct field COUNT_FIELDS[] = {
    REQUEST(struct operator_count),
    OPT_STR_FIELD(struct operator_count, after, 1, 64),
};
PROTO_DEFINE(operator_count, OPERATOR_COUNT, COUNT_FIELDS);

static const struct field TALLY_FIELDS[] = {
    OPT_STR_FIELD(struct operator_tally, app, 1, 1023),
    OPT_STR_FIELD(struct operator_tally, domain, 1, 1023),
    INT_FIELD(struct operator_tally, targets, 1, INT64_MAX),
};
static const struct rows TALLIES =
    ROWS(TALLY_FIELDS, struct operator_tallies, items, struct operator_tally);

static const struct field COUNT_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_count_result, outcome, WALKS),
    OPT_STR_FIELD(struct operator_count_result, after, 1, 64),
    OPT_ROWS_FIELD(struct operator_count_result, counts, OPERATOR_ROWS_MAX,
                   &TALLIES),
};
PROTO_DEFINE(operator_count_result, OPERATOR_COUNT_RESULT, COUNT_RESULT_FIELDS);

static const struct field LIST_FIELDS[] = {
    REQUEST(struct operator_list),
    STR_FIELD(struct operator_list, domain, 1, 1023),
    OPT_STR_FIELD(struct operator_list, app, 1, 64),
    OPT_STR_FIELD(struct operator_list, after, 1, 64),
};
PROTO_DEFINE(operator_list, OPERATOR_LIST, LIST_FIELDS);

static const struct field TARGET_FIELDS[] = {
    STR_FIELD(struct operator_target, node, 1, 1024),
    OPT_STR_FIELD(struct operator_target, app, 1, 1023),
    COUNT_FIELD(struct operator_target, created_ms),
    COUNT_FIELD(struct operator_target, renewed_ms),
};
static const struct rows TARGETS =
    ROWS(TARGET_FIELDS, struct operator_targets, items, struct operator_target);

static const struct field LIST_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_list_result, outcome, WALKS),
    OPT_STR_FIELD(struct operator_list_result, after, 1, 64),
    OPT_ROWS_FIELD(struct operator_list_result, targets, OPERATOR_ROWS_MAX,
                   &TARGETS),
};
PROTO_DEFINE(operator_list_result, OPERATOR_LIST_RESULT, LIST_RESULT_FIELDS);

/* clang-format off */
#define WHOLE_TARGET(s)                                                        \
    STR_FIELD(s, app, 1, TARGET_APP_MAX),                                      \
    STR_FIELD(s, device, HASH_DIGITS, HASH_DIGITS),                            \
    OPT_STR_FIELD(s, channel, HASH_DIGITS, HASH_DIGITS),                       \
    STR_FIELD(s, domain, 1, TARGET_DOMAIN_MAX),                                \
    STR_FIELD(s, token, 1, TARGET_TOKEN_MAX),                                  \
    STR_FIELD(s, node, NODE_SIZE, NODE_SIZE),                                  \
    STR_FIELD(s, secret, SECRET_SIZE, SECRET_SIZE),                            \
    COUNT_FIELD(s, created_ms),                                                \
    COUNT_FIELD(s, renewed_ms)
/* clang-format on */

static const struct field EXPORT_FIELDS[] = {
    REQUEST(struct operator_export),
    OPT_STR_FIELD(struct operator_export, after, 1, 64),
};
PROTO_DEFINE(operator_export, OPERATOR_EXPORT, EXPORT_FIELDS);

static const struct field EXPORT_TARGET_FIELDS[] = {
    WHOLE_TARGET(struct operator_export_target),
};
static const struct rows EXPORT_TARGETS =
    ROWS(EXPORT_TARGET_FIELDS, struct operator_export_targets, items,
         struct operator_export_target);

static const struct field EXPORT_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_export_result, outcome, WALKS),
    OPT_STR_FIELD(struct operator_export_result, after, 1, 64),
    COUNT_FIELD(struct operator_export_result, unfit),
    OPT_ROWS_FIELD(struct operator_export_result, targets, OPERATOR_ROWS_MAX,
                   &EXPORT_TARGETS),
};
PROTO_DEFINE(operator_export_result, OPERATOR_EXPORT_RESULT,
             EXPORT_RESULT_FIELDS);

static const char *const IMPORT_OUTCOMES[] = {"ok", "kept", "taken", NULL};

static const struct field IMPORT_FIELDS[] = {
    REQUEST(struct operator_import),
    WHOLE_TARGET(struct operator_import),
};
PROTO_DEFINE(operator_import, OPERATOR_IMPORT, IMPORT_FIELDS);

static const struct field IMPORT_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_import_result, outcome, IMPORT_OUTCOMES),
};
PROTO_DEFINE(operator_import_result, OPERATOR_IMPORT_RESULT,
             IMPORT_RESULT_FIELDS);

static const char *const PUSH_OUTCOMES[] = {
    "sent", "gone", "refused", "later", "misconfigured", "absent", NULL};

const char *operator_push_word(enum operator_push_outcome outcome)
{
    return PUSH_OUTCOMES[outcome];
}

static const struct field PUSH_FIELDS[] = {
    REQUEST(struct operator_push),
    STR_FIELD(struct operator_push, node, 1, 1024),
    ENUM_FIELD(struct operator_push, priority, PRIORITIES),
    OPT_STR_FIELD(struct operator_push, domain, 1, 1023),
    OPT_STR_FIELD(struct operator_push, app, 1, 64),
};
PROTO_DEFINE(operator_push, OPERATOR_PUSH, PUSH_FIELDS);

static const struct field PUSH_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_push_result, outcome, PUSH_OUTCOMES),
    OPT_STR_FIELD(struct operator_push_result, app, 1, 64),
    OPT_STR_FIELD(struct operator_push_result, reason, 1, 256),
    COUNT_FIELD(struct operator_push_result, took_ms),
    COUNT_FIELD(struct operator_push_result, sender_ms),
    OPT_INT_FIELD(struct operator_push_result, retry_after_s, 1, 604800),
};
PROTO_DEFINE(operator_push_result, OPERATOR_PUSH_RESULT, PUSH_RESULT_FIELDS);

static const struct field FIND_FIELDS[] = {
    STR_FIELD(struct operator_find, node, 1, 1024),
};
PROTO_DEFINE(operator_find, OPERATOR_FIND, FIND_FIELDS);

static const struct field FIND_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_find_result, outcome, OUTCOMES),
    OPT_STR_FIELD(struct operator_find_result, app, 1, 64),
    OPT_STR_FIELD(struct operator_find_result, device, 40, 40),
    OPT_STR_FIELD(struct operator_find_result, channel, 40, 40),
    OPT_STR_FIELD(struct operator_find_result, token, 1, 4096),
};
PROTO_DEFINE(operator_find_result, OPERATOR_FIND_RESULT, FIND_RESULT_FIELDS);

static const struct field REVOKE_FIELDS[] = {
    REQUEST(struct operator_revoke),
    STR_FIELD(struct operator_revoke, node, 1, 1024),
};
PROTO_DEFINE(operator_revoke, OPERATOR_REVOKE, REVOKE_FIELDS);

static const struct field REVOKE_RESULT_FIELDS[] = {
    ENUM_FIELD(struct operator_revoke_result, outcome, OUTCOMES),
};
PROTO_DEFINE(operator_revoke_result, OPERATOR_REVOKE_RESULT,
             REVOKE_RESULT_FIELDS);

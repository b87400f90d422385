/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/fcm.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    QUOTA_RETRY_S = 60,  /* Google's default when it names no other */
    OUTAGE_RETRY_S = 10, /* its least before any retry */
    PAGE_RETRY_S = 30,   /* "try again in 30 seconds", says the HTML page */
};

static const char DETAIL_FCM[] =
    "type.googleapis.com/google.firebase.fcm.v1.FcmError";
static const char DETAIL_REQUEST[] =
    "type.googleapis.com/google.rpc.BadRequest";
/* https://cloud.google.com/apis/design/errors#error_info */
static const char DETAIL_INFO[] = "type.googleapis.com/google.rpc.ErrorInfo";
static const char DETAIL_QUOTA[] =
    "type.googleapis.com/google.rpc.QuotaFailure";

/* ---- requests ---- */

char *fcm_path(const char *project_id)
{
    char *path = NULL;
    int length = asprintf(&path, "/v1/projects/%s/messages:send", project_id);

    assert(length > 0);
    return path;
}

const char *const FCM_TRIAL_REASONS[] = {
    "invalid-registration-token", "UNREGISTERED", "INVALID_ARGUMENT", NULL};

/* ---- answers ---- */

/* An answer taken apart; the strings are borrowed, NULL when absent. */
struct error {
    const char *code;   /* of the FcmError */
    const char *status; /* "INVALID_ARGUMENT" and so on */
    const char *message;
    const char *info; /* the reason of an ErrorInfo, such as SERVICE_DISABLED */
    bool token_is_bad;   /* the request is fine but for the token … */
    bool message_is_bad; /* … or it is not, whatever the token is */
    bool of_device;      /* a quota of one device, not of the project */
};

static const char TRY_LATER[] =
    "Google is in trouble or asks for fewer messages: see "
    "status.firebase.google.com and the project's quota";

/* Where the project is said, with a key file and without. */
#define PROJECT_ID "project_id, the app's or that in service_account_file,"

static const char CHECK_ACCOUNT[] =
    "Google refuses the service account: check that neither it nor its key was "
    "deleted or disabled";
static const char CHECK_RIGHTS[] =
    "enable the Firebase Cloud Messaging API in the project, and give the "
    "service account the role Firebase Cloud Messaging API Admin";
static const char ENABLE_API[] =
    "enable the Firebase Cloud Messaging API in the project's Google Cloud "
    "console; it takes some minutes";
static const char GIVE_ROLE[] =
    "give the service account the role Firebase Cloud Messaging API Admin, and "
    "check that " PROJECT_ID " is that of the app";
static const char GIVE_SCOPE[] =
    "give the virtual machine the access scope cloud-platform; it has to be "
    "stopped for that";
static const char CHECK_PROJECT[] = "check " PROJECT_ID " and fcm.base_url";
static const char CHECK_SENDER[] =
    "the device registered with another Firebase project: check "
    "that " PROJECT_ID " is the one in the app's google-services.json";
static const char CHECK_APPLE[] =
    "the Firebase project lacks the APNs key or web push certificate: upload "
    "it in the Firebase console";
static const char OUR_BUG[] =
    "Google finds fault with the request itself: check restricted_package and "
    "payload; if they are right, please report it";

struct row {
    const char *code; /* NULL in the rows by status */
    long from, to;    /* statuses, 0 in the rows by code */
    enum push_verdict verdict;
    enum reach reach;
    enum again again;
    int64_t retry_after_s; /* unless the answer says more */
    const char *remedy;
};

/* The error codes that FCM documents, beside APNS_AUTH_ERROR, the old name of
 * THIRD_PARTY_AUTH_ERROR. */
static const struct row BY_CODE[] = {
    {"UNREGISTERED", 0, 0, PUSH_GONE, REACH_PROOF, AGAIN_NOT, 0, NULL},
    {"SENDER_ID_MISMATCH", 0, 0, PUSH_GONE, REACH_DOUBT, AGAIN_NOT, 0,
     CHECK_SENDER},
    {"INVALID_ARGUMENT", 0, 0, PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0, OUR_BUG},
    {"THIRD_PARTY_AUTH_ERROR", 0, 0, PUSH_MISCONFIGURED, REACH_PUSH, AGAIN_NOT,
     0, CHECK_APPLE},
    {"APNS_AUTH_ERROR", 0, 0, PUSH_MISCONFIGURED, REACH_PUSH, AGAIN_NOT, 0,
     CHECK_APPLE},
    {"QUOTA_EXCEEDED", 0, 0, PUSH_LATER, REACH_APP, AGAIN_NOT, QUOTA_RETRY_S,
     TRY_LATER},
    {"UNAVAILABLE", 0, 0, PUSH_LATER, REACH_APP, AGAIN_NOT, OUTAGE_RETRY_S,
     TRY_LATER},
    {"INTERNAL", 0, 0, PUSH_LATER, REACH_APP, AGAIN_NOT, OUTAGE_RETRY_S,
     TRY_LATER},
    {"UNSPECIFIED_ERROR", 0, 0, PUSH_LATER, REACH_APP, AGAIN_NOT,
     OUTAGE_RETRY_S, TRY_LATER},
};

/* For answers without a known code; the first row that fits. */
static const struct row BY_STATUS[] = {
    {NULL, 200, 299, PUSH_SENT, REACH_PROOF, AGAIN_NOT, 0, NULL},
    {NULL, 401, 401, PUSH_MISCONFIGURED, REACH_APP, AGAIN_AUTHORISED, 0,
     CHECK_ACCOUNT},
    {NULL, 403, 403, PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0, CHECK_RIGHTS},
    /* A dead token comes with UNREGISTERED: this is about the address. */
    {NULL, 404, 404, PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0,
     CHECK_PROJECT},
    {NULL, 408, 408, PUSH_LATER, REACH_PUSH, AGAIN_NOT, OUTAGE_RETRY_S, NULL},
    {NULL, 429, 429, PUSH_LATER, REACH_APP, AGAIN_NOT, QUOTA_RETRY_S,
     TRY_LATER},
    {NULL, 400, 499, PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0, OUR_BUG},
    {NULL, 502, 502, PUSH_LATER, REACH_APP, AGAIN_NOT, PAGE_RETRY_S, TRY_LATER},
    {NULL, 500, 599, PUSH_LATER, REACH_APP, AGAIN_NOT, OUTAGE_RETRY_S,
     TRY_LATER},
    /* Redirections and other things that FCM does not do. */
    {NULL, 0, 999, PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0, CHECK_PROJECT},
};

static void read_violations(const json_t *detail, struct error *error)
{
    const json_t *violations = json_object_get(detail, "fieldViolations");
    const json_t *violation;
    size_t i;

    json_array_foreach(violations, i, violation) {
        const char *field =
            json_string_value(json_object_get(violation, "field"));
        if (field != NULL && strcmp(field, "message.token") == 0) {
            error->token_is_bad = true;
        } else if (field != NULL) {
            error->message_is_bad = true;
        }
    }
}

static bool is_of_device(const json_t *detail)
{
    const json_t *violations = json_object_get(detail, "violations");
    const json_t *violation;
    size_t i;

    json_array_foreach(violations, i, violation) {
        const char *subject =
            json_string_value(json_object_get(violation, "subject"));
        if (subject != NULL && strncmp(subject, "device", 6) == 0) {
            return true;
        }
    }
    return false;
}

/* Details come in any order, and each kind has members of its own. */
static void read_detail(const json_t *detail, struct error *error)
{
    const char *type = json_string_value(json_object_get(detail, "@type"));

    if (type == NULL) {
        return;
    }
    if (strcmp(type, DETAIL_FCM) == 0) {
        error->code = json_string_value(json_object_get(detail, "errorCode"));
    } else if (strcmp(type, DETAIL_REQUEST) == 0) {
        read_violations(detail, error);
    } else if (strcmp(type, DETAIL_INFO) == 0) {
        error->info = json_string_value(json_object_get(detail, "reason"));
    } else if (strcmp(type, DETAIL_QUOTA) == 0 && is_of_device(detail)) {
        error->of_device = true;
    }
}

static void read_error(const json_t *root, struct error *error)
{
    const json_t *content = json_object_get(root, "error");
    const json_t *detail;
    size_t i;

    error->status = json_string_value(json_object_get(content, "status"));
    error->message = json_string_value(json_object_get(content, "message"));
    json_array_foreach(json_object_get(content, "details"), i, detail) {
        read_detail(detail, error);
    }
    /* The newer form has nothing but this text to tell a bad token by. */
    if (error->message != NULL &&
        strstr(error->message, "not a valid FCM registration token") != NULL) {
        error->token_is_bad = true;
    }
}

static const struct row *find_row(long status, const char *code)
{
    for (size_t i = 0;
         code != NULL && status != 200 && i < sizeof BY_CODE / sizeof *BY_CODE;
         i++) {
        if (strcmp(BY_CODE[i].code, code) == 0) {
            return &BY_CODE[i];
        }
    }
    const struct row *row = BY_STATUS;
    while (status < row->from || status > row->to) {
        row++;
    }
    return row;
}

/* Ways not to be permitted, that need not the same hands. */
static const struct {
    const char *info;
    const char *remedy;
} NOT_PERMITTED[] = {
    {"SERVICE_DISABLED", ENABLE_API},
    {"IAM_PERMISSION_DENIED", GIVE_ROLE},
    {"ACCESS_TOKEN_SCOPE_INSUFFICIENT", GIVE_SCOPE},
};

static const char *remedy_of(const struct row *row, const struct error *error)
{
    size_t count = sizeof NOT_PERMITTED / sizeof *NOT_PERMITTED;

    if (row->remedy != CHECK_RIGHTS || error->info == NULL) {
        return row->remedy;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(error->info, NOT_PERMITTED[i].info) == 0) {
            return NOT_PERMITTED[i].remedy;
        }
    }
    return row->remedy;
}

static void judge_error(long status, const struct error *error,
                        struct judgement *judgement)
{
    const struct row *row = find_row(status, error->code);
    char by_status[32];

    snprintf(by_status, sizeof by_status, "http-%ld", status);
    *judgement = (struct judgement){.verdict = row->verdict,
                                    .retry_after_s = row->retry_after_s,
                                    .again = row->again,
                                    .reach = row->reach,
                                    .remedy = remedy_of(row, error)};
    if (error->code != NULL) {
        judgement_set_reason(judgement, error->code);
    } else if (error->status != NULL) {
        judgement_set_reason(judgement, error->status);
    } else {
        judgement_set_reason(judgement, status == 200 ? "ok" : by_status);
    }
    if (status == 400 && error->message_is_bad) {
        judgement_set_reason(judgement, "invalid-message");
    } else if (status == 400 && error->token_is_bad) {
        judgement->verdict = PUSH_GONE;
        judgement->remedy = NULL;
        judgement_set_reason(judgement, "invalid-registration-token");
    }
    if (error->of_device && judgement->verdict == PUSH_LATER) {
        judgement->reach = REACH_PUSH;
        judgement->remedy = NULL;
    }
}

void fcm_judge(const struct http_response *response,
               struct judgement *judgement)
{
    struct error error = {0};
    json_t *root = NULL;

    if (response->status != 200) {
        root = json_loadb(response->body, response->size, 0, NULL);
        read_error(root, &error);
    }
    judge_error(response->status, &error, judgement);
    if (judgement->verdict == PUSH_LATER &&
        response->retry_after_s > OUTAGE_RETRY_S) {
        judgement->retry_after_s = response->retry_after_s;
    } else if (judgement->verdict == PUSH_LATER &&
               response->retry_after_s > 0) {
        judgement->retry_after_s = OUTAGE_RETRY_S;
    }
    json_decref(root);
}

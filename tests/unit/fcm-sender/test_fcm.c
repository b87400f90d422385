/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/fcm.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define FCM(code)                                                              \
    "{\"@type\":\"type.googleapis.com/google.firebase.fcm.v1.FcmError\","      \
    "\"errorCode\":\"" code "\"}"
#define VIOLATION(field)                                                       \
    "{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\","                \
    "\"fieldViolations\":[{\"field\":\"" field                                 \
    "\",\"description\":\"Invalid registration token\"}]}"
#define QUOTA(subject)                                                         \
    "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\","              \
    "\"violations\":[{\"subject\":\"" subject "\"}]}"
#define ERROR(status, message, details)                                        \
    "{\"error\":{\"code\":1,\"message\":\"" message "\",\"status\":\"" status  \
    "\",\"details\":[" details "]}}"

/* What is about the message itself must not pass for such an answer. */
static void trial__does_not_expect_what_is_about_the_message(void **state)
{
    static const char body[] =
        ERROR("INVALID_ARGUMENT", "m",
              VIOLATION("message.data") "," FCM("INVALID_ARGUMENT"));
    const struct http_response response = {
        .status = 400, .body = body, .size = sizeof body - 1};
    struct judgement judgement;

    (void)state;
    fcm_judge(&response, &judgement);
    for (size_t i = 0; FCM_TRIAL_REASONS[i] != NULL; i++) {
        assert_string_not_equal(FCM_TRIAL_REASONS[i], judgement.reason);
    }
}

/* Each answer to a trial that is no fault of the app has its reason in the
 * list. */
static void trial__expects_what_is_about_the_token(void **state)
{
    static const char *const bodies[] = {
        ERROR("INVALID_ARGUMENT",
              "The registration token is not a valid FCM registration token",
              FCM("INVALID_ARGUMENT")),
        ERROR("INVALID_ARGUMENT", "m",
              FCM("INVALID_ARGUMENT") "," VIOLATION("message.token")),
        ERROR("INVALID_ARGUMENT", "m", FCM("INVALID_ARGUMENT")),
    };

    (void)state;
    for (size_t i = 0; i < COUNT(bodies); i++) {
        const struct http_response response = {
            .status = 400, .body = bodies[i], .size = strlen(bodies[i])};
        struct judgement judgement;
        size_t at = 0;
        fcm_judge(&response, &judgement);
        while (FCM_TRIAL_REASONS[at] != NULL &&
               strcmp(FCM_TRIAL_REASONS[at], judgement.reason) != 0) {
            at++;
        }
        assert_non_null(FCM_TRIAL_REASONS[at]);
    }
}

#define INFO(reason)                                                           \
    "{\"@type\":\"type.googleapis.com/"                                        \
    "google.rpc.ErrorInfo\",\"reason\":\"" reason "\"}"

static void judge__tells_apart_why_it_is_not_permitted(void **state)
{
    static const struct {
        const char *body;
        const char *remedy;
    } cases[] = {
        {ERROR("PERMISSION_DENIED", "m", INFO("SERVICE_DISABLED")),
         "enable the Firebase Cloud Messaging API in the project's"},
        {ERROR("PERMISSION_DENIED", "m", INFO("IAM_PERMISSION_DENIED")),
         "give the service account the role"},
        /* What the token of a virtual machine lacks unless it was chosen. */
        {ERROR("PERMISSION_DENIED", "m",
               INFO("ACCESS_TOKEN_SCOPE_INSUFFICIENT")),
         "give the virtual machine the access scope"},
        {ERROR("PERMISSION_DENIED", "m", INFO("SOMETHING_ELSE")),
         "enable the Firebase Cloud Messaging API in the project, and give"},
        {ERROR("PERMISSION_DENIED", "m", ""),
         "enable the Firebase Cloud Messaging API in the project, and give"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct http_response response = {.status = 403,
                                               .body = cases[i].body,
                                               .size = strlen(cases[i].body)};
        struct judgement judgement;
        fcm_judge(&response, &judgement);
        assert_int_equal(judgement.verdict, PUSH_MISCONFIGURED);
        assert_string_equal(judgement.reason, "PERMISSION_DENIED");
        assert_int_equal(
            strncmp(judgement.remedy, cases[i].remedy, strlen(cases[i].remedy)),
            0);
    }
}

static void path__holds_the_project(void **state)
{
    char *path = fcm_path("my-project");

    (void)state;
    assert_string_equal(path, "/v1/projects/my-project/messages:send");
    free(path);
}

/* One row for each error that Google documents, and for those in between. */
static const struct {
    long status;
    const char *body;
    int64_t retry_after_s;
    enum push_verdict verdict;
    const char *reason;
    enum reach reach;
    enum again again;
    int64_t expected_retry_s;
} CASES[] = {
    {200, "{\"name\":\"projects/p/messages/1\"}", 0, PUSH_SENT, "ok",
     REACH_PROOF, AGAIN_NOT, 0},
    {200, "", 0, PUSH_SENT, "ok", REACH_PROOF, AGAIN_NOT, 0},
    /* 404 */
    {404, ERROR("NOT_FOUND", "m", FCM("UNREGISTERED")), 0, PUSH_GONE,
     "UNREGISTERED", REACH_PROOF, AGAIN_NOT, 0},
    {404, ERROR("NOT_FOUND", "m", ""), 0, PUSH_MISCONFIGURED, "NOT_FOUND",
     REACH_APP, AGAIN_NOT, 0},
    {404, "<html>404</html>", 0, PUSH_MISCONFIGURED, "http-404", REACH_APP,
     AGAIN_NOT, 0},
    /* 403 */
    {403, ERROR("PERMISSION_DENIED", "m", FCM("SENDER_ID_MISMATCH")), 0,
     PUSH_GONE, "SENDER_ID_MISMATCH", REACH_DOUBT, AGAIN_NOT, 0},
    {403, ERROR("PERMISSION_DENIED", "m", ""), 0, PUSH_MISCONFIGURED,
     "PERMISSION_DENIED", REACH_APP, AGAIN_NOT, 0},
    /* 400 */
    {400, ERROR("INVALID_ARGUMENT", "m", FCM("INVALID_ARGUMENT")), 0,
     PUSH_REFUSED, "INVALID_ARGUMENT", REACH_PUSH, AGAIN_NOT, 0},
    {400,
     ERROR("INVALID_ARGUMENT", "m",
           FCM("INVALID_ARGUMENT") "," VIOLATION("message.token")),
     0, PUSH_GONE, "invalid-registration-token", REACH_PUSH, AGAIN_NOT, 0},
    {400,
     ERROR("INVALID_ARGUMENT", "m",
           VIOLATION("message.token") "," FCM("INVALID_ARGUMENT")),
     0, PUSH_GONE, "invalid-registration-token", REACH_PUSH, AGAIN_NOT, 0},
    {400,
     ERROR("INVALID_ARGUMENT", "m",
           FCM("INVALID_ARGUMENT") "," VIOLATION("message.data")),
     0, PUSH_REFUSED, "invalid-message", REACH_PUSH, AGAIN_NOT, 0},
    /* A message of ours that is wrong says nothing about the token. */
    {400,
     ERROR("INVALID_ARGUMENT",
           "The registration token is not a valid FCM registration token",
           VIOLATION("message.data") "," VIOLATION("message.token")),
     0, PUSH_REFUSED, "invalid-message", REACH_PUSH, AGAIN_NOT, 0},
    {400,
     ERROR("INVALID_ARGUMENT",
           "The registration token is not a valid FCM registration token",
           FCM("INVALID_ARGUMENT")),
     0, PUSH_GONE, "invalid-registration-token", REACH_PUSH, AGAIN_NOT, 0},
    {400, "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\"}}", 0,
     PUSH_REFUSED, "INVALID_ARGUMENT", REACH_PUSH, AGAIN_NOT, 0},
    /* 401 */
    {401, ERROR("UNAUTHENTICATED", "m", ""), 0, PUSH_MISCONFIGURED,
     "UNAUTHENTICATED", REACH_APP, AGAIN_AUTHORISED, 0},
    {401, "<HTML><TITLE>Unauthorized</TITLE></HTML>", 0, PUSH_MISCONFIGURED,
     "http-401", REACH_APP, AGAIN_AUTHORISED, 0},
    {401, ERROR("UNAUTHENTICATED", "m", FCM("THIRD_PARTY_AUTH_ERROR")), 0,
     PUSH_MISCONFIGURED, "THIRD_PARTY_AUTH_ERROR", REACH_PUSH, AGAIN_NOT, 0},
    {401, ERROR("UNAUTHENTICATED", "m", FCM("APNS_AUTH_ERROR")), 0,
     PUSH_MISCONFIGURED, "APNS_AUTH_ERROR", REACH_PUSH, AGAIN_NOT, 0},
    /* 429 */
    {429, ERROR("RESOURCE_EXHAUSTED", "m", FCM("QUOTA_EXCEEDED")), 0,
     PUSH_LATER, "QUOTA_EXCEEDED", REACH_APP, AGAIN_NOT, 60},
    {429,
     ERROR("RESOURCE_EXHAUSTED", "m",
           QUOTA("device") "," FCM("QUOTA_EXCEEDED")),
     0, PUSH_LATER, "QUOTA_EXCEEDED", REACH_PUSH, AGAIN_NOT, 60},
    {429,
     ERROR("RESOURCE_EXHAUSTED", "m",
           QUOTA("project:1") "," FCM("QUOTA_EXCEEDED")),
     120, PUSH_LATER, "QUOTA_EXCEEDED", REACH_APP, AGAIN_NOT, 120},
    {429, "slow down", 5, PUSH_LATER, "http-429", REACH_APP, AGAIN_NOT, 10},
    /* 5xx */
    {503, ERROR("UNAVAILABLE", "m", FCM("UNAVAILABLE")), 0, PUSH_LATER,
     "UNAVAILABLE", REACH_APP, AGAIN_NOT, 10},
    {503, ERROR("UNAVAILABLE", "m", FCM("UNAVAILABLE")), 33, PUSH_LATER,
     "UNAVAILABLE", REACH_APP, AGAIN_NOT, 33},
    {500, ERROR("INTERNAL", "m", FCM("INTERNAL")), 0, PUSH_LATER, "INTERNAL",
     REACH_APP, AGAIN_NOT, 10},
    {500, ERROR("UNKNOWN", "m", FCM("UNSPECIFIED_ERROR")), 0, PUSH_LATER,
     "UNSPECIFIED_ERROR", REACH_APP, AGAIN_NOT, 10},
    {502, "<html>try again in 30 seconds", 0, PUSH_LATER, "http-502", REACH_APP,
     AGAIN_NOT, 30},
    {504, "", 0, PUSH_LATER, "http-504", REACH_APP, AGAIN_NOT, 10},
    /* what is not documented */
    {408, "", 0, PUSH_LATER, "http-408", REACH_PUSH, AGAIN_NOT, 10},
    {413, "", 0, PUSH_REFUSED, "http-413", REACH_PUSH, AGAIN_NOT, 0},
    {302, "", 0, PUSH_MISCONFIGURED, "http-302", REACH_APP, AGAIN_NOT, 0},
    {400, ERROR("NEW_STATUS", "m", FCM("NEW_CODE")), 0, PUSH_REFUSED,
     "NEW_CODE", REACH_PUSH, AGAIN_NOT, 0},
    {503, "[1,2", 0, PUSH_LATER, "http-503", REACH_APP, AGAIN_NOT, 10},
    {503, "[]", 0, PUSH_LATER, "http-503", REACH_APP, AGAIN_NOT, 10},
    {503, "{\"error\":[]}", 0, PUSH_LATER, "http-503", REACH_APP, AGAIN_NOT,
     10},
    {503, "{\"error\":{\"details\":[1,{},{\"@type\":2}]}}", 0, PUSH_LATER,
     "http-503", REACH_APP, AGAIN_NOT, 10},
};

static void judge__knows_every_answer(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        struct http_response response = {.status = CASES[i].status,
                                         .body = CASES[i].body,
                                         .size = strlen(CASES[i].body),
                                         .retry_after_s =
                                             CASES[i].retry_after_s};
        struct judgement judgement;
        fcm_judge(&response, &judgement);
        assert_string_equal(judgement.reason, CASES[i].reason);
        assert_int_equal(judgement.verdict, CASES[i].verdict);
        assert_int_equal(judgement.reach, CASES[i].reach);
        assert_int_equal(judgement.again, CASES[i].again);
        assert_int_equal(judgement.retry_after_s, CASES[i].expected_retry_s);
        if (judgement.verdict == PUSH_MISCONFIGURED) {
            assert_non_null(judgement.remedy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial__does_not_expect_what_is_about_the_message),
        cmocka_unit_test(trial__expects_what_is_about_the_token),
        cmocka_unit_test(judge__tells_apart_why_it_is_not_permitted),
        cmocka_unit_test(path__holds_the_project),
        cmocka_unit_test(judge__knows_every_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

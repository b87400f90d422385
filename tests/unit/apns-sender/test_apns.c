/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/apns.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "00112233445566778899aabbccddeeff00112233"
#define CHANNEL "ffffffffffffffffffffffffffffffffffffffff"
#define TOKEN "0123456789abcdefABCDEF"

static const struct app APP = {.name = "ios",
                               .topic = "org.example.app",
                               .push_type = APNS_ALERT,
                               .collapse = COLLAPSE_ACCOUNT,
                               .ttl_s = 3600};

/* For what meets no provider, and has no payload. */
static const struct apns_form FORM = {&APP, NULL};

static bool has_header(const struct call *call, const char *header)
{
    for (size_t i = 0; call->headers[i] != NULL; i++) {
        if (strcmp(call->headers[i], header) == 0) {
            return true;
        }
    }
    return false;
}

static const char *header_of(const struct call *call, const char *name)
{
    for (size_t i = 0; call->headers[i] != NULL; i++) {
        if (strncmp(call->headers[i], name, strlen(name)) == 0) {
            return call->headers[i];
        }
    }
    return NULL;
}

static struct call compose(const struct app *app,
                           const struct push_request *request, const char *job)
{
    payload_t *payload = payload_new(app);
    const struct apns_form form = {app, payload};
    struct call call = {0};
    struct judgement judgement = {0};

    assert_int_equal(
        apns_compose(&form, request, job, 1700000000999, &call, &judgement), 0);
    payload_destroy(&payload);
    return call;
}

static void compose__makes_an_alert_that_starts_the_extension(void **state)
{
    static const struct push_request request = {
        .token = TOKEN, .device = DEVICE, .priority = PRIORITY_HIGH};
    struct call call = compose(&APP, &request, "job");

    (void)state;
    assert_string_equal(call.path, "/3/device/" TOKEN);
    assert_string_equal(
        call.body, "{\"aps\":{\"alert\":{\"title\":\"New message\",\"body\":"
                   "\"Open the app to read it\"},\"mutable-content\":1,"
                   "\"sound\":\"default\"},\"account\":\"" DEVICE "\"}");
    assert_true(has_header(&call, "apns-push-type: alert"));
    assert_true(has_header(&call, "apns-priority: 10"));
    assert_true(has_header(&call, "apns-expiration: 1700003600"));
    assert_true(has_header(&call, "apns-topic: org.example.app"));
    assert_true(has_header(&call, "apns-collapse-id: " DEVICE));
    call_clear(&call);
}

static void compose__makes_a_quiet_alert_for_a_chat(void **state)
{
    static const struct push_request request = {.token = TOKEN,
                                                .device = DEVICE,
                                                .channel = CHANNEL,
                                                .priority = PRIORITY_LOW};
    struct call call = compose(&APP, &request, "job");

    (void)state;
    assert_null(strstr(call.body, "sound"));
    assert_non_null(strstr(call.body, "\"channel\":\"" CHANNEL "\""));
    assert_true(has_header(&call, "apns-priority: 5"));
    assert_true(has_header(&call, "apns-collapse-id: " CHANNEL));
    call_clear(&call);
}

static void compose__names_no_account_that_nobody_knows(void **state)
{
    static const struct push_request request = {.token = TOKEN,
                                                .priority = PRIORITY_HIGH};
    struct call call = compose(&APP, &request, "job");

    (void)state;
    assert_null(strstr(call.body, "account"));
    for (size_t i = 0; call.headers[i] != NULL; i++) {
        assert_null(strstr(call.headers[i], "collapse"));
    }
    call_clear(&call);
}

static void compose__makes_a_background_push(void **state)
{
    static const struct app app = {.name = "ios",
                                   .topic = "org.example.app",
                                   .push_type = APNS_BACKGROUND};
    static const struct push_request request = {
        .token = TOKEN, .device = DEVICE, .priority = PRIORITY_HIGH};
    struct call call = compose(&app, &request, "job");

    (void)state;
    assert_string_equal(call.body, "{\"aps\":{\"content-available\":1},"
                                   "\"account\":\"" DEVICE "\"}");
    assert_true(has_header(&call, "apns-push-type: background"));
    assert_true(has_header(&call, "apns-priority: 5"));
    assert_true(has_header(&call, "apns-expiration: 0"));
    call_clear(&call);
}

static void compose__has_the_priority_of_the_policy(void **state)
{
    static const struct {
        enum app_priority policy;
        enum push_priority asked;
        const char *header;
        bool rings;
    } cases[] = {
        {APP_PRIORITY_AUTO, PRIORITY_HIGH, "apns-priority: 10", true},
        {APP_PRIORITY_AUTO, PRIORITY_LOW, "apns-priority: 5", false},
        {APP_PRIORITY_HIGH, PRIORITY_LOW, "apns-priority: 10", true},
        {APP_PRIORITY_LOW, PRIORITY_HIGH, "apns-priority: 5", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct push_request request = {
            .token = TOKEN, .device = DEVICE, .priority = cases[i].asked};
        struct app app = APP;
        app.priority = cases[i].policy;
        struct call call = compose(&app, &request, "job");
        assert_true(has_header(&call, cases[i].header));
        assert_int_equal(strstr(call.body, "\"sound\"") != NULL,
                         cases[i].rings);
        call_clear(&call);
    }
}

static void compose__collapses_nothing_if_told_so(void **state)
{
    static const struct push_request request = {.token = TOKEN,
                                                .device = DEVICE};
    struct app app = APP;

    (void)state;
    app.collapse = COLLAPSE_NONE;
    struct call call = compose(&app, &request, "job");
    assert_null(header_of(&call, "apns-collapse-id"));
    call_clear(&call);
}

static void id_of(const char *job, char out[37])
{
    static const struct push_request request = {.token = TOKEN,
                                                .device = DEVICE};
    struct call call = compose(&APP, &request, job);

    for (size_t i = 0; call.headers[i] != NULL; i++) {
        if (strncmp(call.headers[i], "apns-id: ", 9) == 0) {
            assert_int_equal(strlen(call.headers[i]), 9 + 36);
            snprintf(out, 37, "%s", call.headers[i] + 9);
        }
    }
    call_clear(&call);
}

static void id__is_a_lowercase_uuid_that_depends_on_the_job(void **state)
{
    char one[37] = "";
    char again[37] = "";
    char two[37] = "";

    (void)state;
    id_of("k3f9-1", one);
    id_of("k3f9-1", again);
    id_of("k3f9-2", two);
    assert_string_equal(one, again);
    assert_string_not_equal(one, two);
    assert_int_equal(strspn(one, "0123456789abcdef-"), 36);
    assert_int_equal(one[8], '-');
    assert_int_equal(one[14], '4');
    assert_non_null(strchr("89ab", one[19]));
}

static void compose__judges_a_token_as_apple_would(void **state)
{
    static const char *const tokens[] = {"abc", "xyz0", "../..", "ab cd",
                                         "ab\ncd"};

    (void)state;
    for (size_t i = 0; i < COUNT(tokens); i++) {
        struct push_request request = {.token = tokens[i], .device = DEVICE};
        struct call call = {0};
        struct judgement judgement = {0};
        assert_int_equal(
            apns_compose(&FORM, &request, "job", 0, &call, &judgement), -1);
        assert_int_equal(judgement.verdict, PUSH_GONE);
        assert_int_equal(judgement.reach, REACH_DOUBT);
        assert_string_equal(judgement.reason, "BadDeviceToken");
        assert_null(call.path);
    }
}

static void compose__refuses_a_device_that_is_no_hash(void **state)
{
    static const struct push_request requests[] = {
        {.token = TOKEN, .device = "00\r\nx: y"},
        {.token = TOKEN, .device = DEVICE, .channel = "not hex"}};

    (void)state;
    for (size_t i = 0; i < COUNT(requests); i++) {
        struct call call = {0};
        struct judgement judgement = {0};
        assert_int_equal(
            apns_compose(&FORM, &requests[i], "job", 0, &call, &judgement), -1);
        assert_int_equal(judgement.verdict, PUSH_REFUSED);
    }
}

/* One row for each reason that Apple documents, and for those in between. */
static const struct {
    long status;
    const char *reason;
    enum push_verdict verdict;
    enum reach reach;
    enum again again;
    int64_t retry_after_s;
} CASES[] = {
    {400, "BadCollapseId", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "BadDeviceToken", PUSH_GONE, REACH_DOUBT, AGAIN_NOT, 0},
    {400, "BadExpirationDate", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "BadMessageId", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "BadPriority", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "BadTopic", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {400, "DeviceTokenNotForTopic", PUSH_GONE, REACH_DOUBT, AGAIN_NOT, 0},
    {400, "DuplicateHeaders", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "IdleTimeout", PUSH_LATER, REACH_NONE, AGAIN_RECONNECTED, 0},
    {400, "InvalidPushType", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "MissingDeviceToken", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "MissingTopic", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {400, "PayloadEmpty", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {400, "TopicDisallowed", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {403, "BadCertificate", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {403, "BadCertificateEnvironment", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT,
     0},
    {403, "BadEnvironmentKeyIdInToken", PUSH_MISCONFIGURED, REACH_APP,
     AGAIN_NOT, 0},
    {403, "ExpiredProviderToken", PUSH_MISCONFIGURED, REACH_APP, AGAIN_BOTH, 0},
    {403, "Forbidden", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {403, "InvalidProviderToken", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {403, "MissingProviderToken", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {403, "UnrelatedKeyIdInToken", PUSH_MISCONFIGURED, REACH_APP,
     AGAIN_RECONNECTED, 0},
    {404, "BadPath", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {405, "MethodNotAllowed", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {410, "ExpiredToken", PUSH_GONE, REACH_PROOF, AGAIN_NOT, 0},
    {410, "Unregistered", PUSH_GONE, REACH_PROOF, AGAIN_NOT, 0},
    {413, "PayloadTooLarge", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {429, "TooManyProviderTokenUpdates", PUSH_LATER, REACH_APP, AGAIN_NOT, 300},
    {429, "TooManyRequests", PUSH_LATER, REACH_PUSH, AGAIN_NOT, 60},
    {500, "InternalServerError", PUSH_LATER, REACH_APP, AGAIN_NOT, 900},
    {503, "ServiceUnavailable", PUSH_LATER, REACH_APP, AGAIN_NOT, 900},
    {503, "Shutdown", PUSH_LATER, REACH_NONE, AGAIN_RECONNECTED, 10},
    /* not documented: judged by the status */
    {400, "NewReason", PUSH_REFUSED, REACH_PUSH, AGAIN_NOT, 0},
    {403, "NewReason", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
    {410, "NewReason", PUSH_GONE, REACH_PUSH, AGAIN_NOT, 0},
    {429, "NewReason", PUSH_LATER, REACH_PUSH, AGAIN_NOT, 60},
    {502, "NewReason", PUSH_LATER, REACH_APP, AGAIN_NOT, 900},
    {301, "NewReason", PUSH_MISCONFIGURED, REACH_APP, AGAIN_NOT, 0},
};

static void judge__knows_every_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        char body[96];
        snprintf(body, sizeof body, "{\"reason\":\"%s\"}", CASES[i].reason);
        struct http_response response = {
            .status = CASES[i].status, .body = body, .size = strlen(body)};
        struct judgement judgement;
        apns_judge(&response, &judgement);
        assert_string_equal(judgement.reason, CASES[i].reason);
        assert_int_equal(judgement.verdict, CASES[i].verdict);
        assert_int_equal(judgement.reach, CASES[i].reach);
        assert_int_equal(judgement.again, CASES[i].again);
        assert_int_equal(judgement.retry_after_s, CASES[i].retry_after_s);
        if (judgement.verdict == PUSH_MISCONFIGURED) {
            assert_non_null(judgement.remedy);
        }
    }
}

static void judge__takes_whatever_comes_as_a_body(void **state)
{
    static const struct {
        long status;
        const char *body;
        int64_t retry_after_s;
        enum push_verdict verdict;
        const char *reason;
        int64_t since_ms, expected_retry_s;
    } cases[] = {
        {200, "", 0, PUSH_SENT, "ok", 0, 0},
        {200, "{\"reason\":\"Unregistered\"}", 0, PUSH_SENT, "ok", 0, 0},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":1700000000123}", 0,
         PUSH_GONE, "Unregistered", 1700000000123, 0},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":-4}", 0, PUSH_GONE,
         "Unregistered", 0, 0},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":\"x\"}", 0, PUSH_GONE,
         "Unregistered", 0, 0},
        {400, "", 0, PUSH_REFUSED, "http-400", 0, 0},
        {400, "<html>", 0, PUSH_REFUSED, "http-400", 0, 0},
        {400, "{\"reason\":7}", 0, PUSH_REFUSED, "http-400", 0, 0},
        {400, "[]", 0, PUSH_REFUSED, "http-400", 0, 0},
        {503, "", 1200, PUSH_LATER, "http-503", 0, 1200},
        {429, "{\"reason\":\"TooManyRequests\"}", 5, PUSH_LATER,
         "TooManyRequests", 0, 60},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_response response = {.status = cases[i].status,
                                         .body = cases[i].body,
                                         .size = strlen(cases[i].body),
                                         .retry_after_s =
                                             cases[i].retry_after_s};
        struct judgement judgement;
        apns_judge(&response, &judgement);
        assert_int_equal(judgement.verdict, cases[i].verdict);
        assert_string_equal(judgement.reason, cases[i].reason);
        assert_int_equal(judgement.since_ms, cases[i].since_ms);
        assert_int_equal(judgement.retry_after_s, cases[i].expected_retry_s);
    }
}

/* Apple has no way to look at a push without delivering it: nobody may have
 * this token. */
static void trial__is_a_push_like_others_to_no_device(void **state)
{
    payload_t *payload = payload_new(&APP);
    const struct apns_form form = {&APP, payload};
    struct call call = {0};

    (void)state;
    apns_compose_trial(&form, 1700000000999, &call);
    payload_destroy(&payload);
    assert_string_equal(call.path,
                        "/3/device/0000000000000000000000000000000000000000"
                        "000000000000000000000000");
    assert_true(has_header(&call, "apns-topic: org.example.app"));
    assert_true(has_header(&call, "apns-push-type: alert"));
    assert_non_null(call.body);
    call_clear(&call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial__is_a_push_like_others_to_no_device),
        cmocka_unit_test(compose__makes_an_alert_that_starts_the_extension),
        cmocka_unit_test(compose__makes_a_quiet_alert_for_a_chat),
        cmocka_unit_test(compose__names_no_account_that_nobody_knows),
        cmocka_unit_test(compose__makes_a_background_push),
        cmocka_unit_test(compose__has_the_priority_of_the_policy),
        cmocka_unit_test(compose__collapses_nothing_if_told_so),
        cmocka_unit_test(id__is_a_lowercase_uuid_that_depends_on_the_job),
        cmocka_unit_test(compose__judges_a_token_as_apple_would),
        cmocka_unit_test(compose__refuses_a_device_that_is_no_hash),
        cmocka_unit_test(judge__knows_every_reason),
        cmocka_unit_test(judge__takes_whatever_comes_as_a_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

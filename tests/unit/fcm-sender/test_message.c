/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/message.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static char *body_of(struct app app, const char *payload,
                     const struct push_request *request,
                     enum forwarding *forwarding)
{
    app.payload = payload != NULL ? json_loads(payload, 0, NULL) : NULL;
    message_t *message = message_new(&app);
    char *body = message_body(message, request, forwarding);

    message_destroy(&message);
    message_destroy(&message); /* idempotent */
    json_decref(app.payload);
    return body;
}

static void assert_body(struct app app, const char *payload,
                        const struct push_request *request,
                        const char *expected)
{
    enum forwarding forwarding;
    char *body = body_of(app, payload, request, &forwarding);

    assert_string_equal(body, expected);
    assert_int_equal(forwarding, FORWARDED_NOTHING);
    free(body);
}

static void body__is_a_data_message(void **state)
{
    static const struct push_request request = {.app = "a",
                                                .token = "T:\"x",
                                                .device = "d1",
                                                .priority = PRIORITY_HIGH};
    static const struct app app = {.ttl_s = 60};

    (void)state;
    assert_body(app, NULL, &request,
                "{\"message\":{\"token\":\"T:\\\"x\",\"data\":"
                "{\"account\":\"d1\"},\"android\":{\"priority\":"
                "\"HIGH\",\"ttl\":\"60s\"}}}");
}

static void body__names_the_channel_if_there_is_one(void **state)
{
    static const struct push_request request = {.app = "a",
                                                .token = "T",
                                                .device = "d1",
                                                .channel = "c1",
                                                .priority = PRIORITY_LOW};
    static const struct app app = {.ttl_s = 0};

    (void)state;
    assert_body(app, NULL, &request,
                "{\"message\":{\"token\":\"T\",\"data\":{\"account\":"
                "\"d1\",\"channel\":\"c1\"},\"android\":{\"priority\":"
                "\"NORMAL\",\"ttl\":\"0s\"}}}");
}

static void body__names_no_account_that_nobody_knows(void **state)
{
    static const struct push_request request = {.app = "a", .token = "T"};
    static const struct app app = {.ttl_s = 60, .collapse = COLLAPSE_ACCOUNT};

    (void)state;
    assert_body(app, NULL, &request,
                "{\"message\":{\"token\":\"T\",\"data\":{},"
                "\"android\":{\"priority\":\"NORMAL\","
                "\"ttl\":\"60s\"}}}");
}

static void body__has_all_that_the_app_wants(void **state)
{
    static const struct push_request request = {
        .token = "T", .device = "d1", .channel = "c1"};
    static const struct app app = {.ttl_s = 2419200,
                                   .collapse = COLLAPSE_ACCOUNT,
                                   .direct_boot_ok = true,
                                   .restricted_package = "org.example.app"};

    (void)state;
    assert_body(
        app, "{\"data\":{\"b\":\"\xc3\xa9\\\"\",\"a\":\"\"}}", &request,
        "{\"message\":{\"token\":\"T\",\"data\":{\"b\":\"\xc3\xa9\\\"\","
        "\"a\":\"\",\"account\":\"d1\",\"channel\":\"c1\"},\"android\":"
        "{\"priority\":\"NORMAL\",\"ttl\":\"2419200s\","
        "\"direct_boot_ok\":true,\"restricted_package_name\":"
        "\"org.example.app\",\"collapse_key\":\"c1\"}}}");
    assert_body(app, "{\"data\":{\"b\":\"x\"}}",
                &(struct push_request){.token = "T"},
                "{\"message\":{\"token\":\"T\",\"data\":{\"b\":\"x\"},"
                "\"android\":{\"priority\":\"NORMAL\",\"ttl\":\"2419200s\","
                "\"direct_boot_ok\":true,\"restricted_package_name\":"
                "\"org.example.app\"}}}");
}

static void body__has_the_priority_of_the_policy(void **state)
{
    static const struct {
        enum app_priority policy;
        enum push_priority asked;
        const char *priority;
    } cases[] = {
        {APP_PRIORITY_AUTO, PRIORITY_HIGH, "\"HIGH\""},
        {APP_PRIORITY_AUTO, PRIORITY_LOW, "\"NORMAL\""},
        {APP_PRIORITY_HIGH, PRIORITY_LOW, "\"HIGH\""},
        {APP_PRIORITY_LOW, PRIORITY_HIGH, "\"NORMAL\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app app = {.priority = cases[i].policy};
        const struct push_request request = {.token = "T",
                                             .priority = cases[i].asked};
        enum forwarding forwarding;
        char *body = body_of(app, NULL, &request, &forwarding);
        assert_non_null(strstr(body, cases[i].priority));
        free(body);
    }
}

static void body__that_is_no_utf8_is_none(void **state)
{
    static const struct push_request request = {.token = "T\xff"};
    static const struct app app;
    enum forwarding forwarding;

    (void)state;
    assert_null(body_of(app, NULL, &request, &forwarding));
}

static void content__goes_along_if_the_app_wants_it(void **state)
{
    static const struct push_request request = {
        .token = "T", .device = "d1", .encrypted = "aGk=", .iv = "8iVb"};
    static const struct app app = {.forwards_encrypted = true};
    static const struct app other;
    enum forwarding forwarding;
    char *body = body_of(app, NULL, &request, &forwarding);

    (void)state;
    assert_int_equal(forwarding, FORWARDED);
    assert_non_null(strstr(body, "\"data\":{\"account\":\"d1\",\"encrypted\":"
                                 "\"aGk=\",\"iv\":\"8iVb\"}"));
    free(body);
    body = body_of(other, NULL, &request, &forwarding);
    assert_int_equal(forwarding, FORWARDED_NOTHING);
    assert_null(strstr(body, "aGk="));
    free(body);
}

/* To the byte, as FCM counts: names and values. */
static void content__goes_along_as_far_as_there_is_room(void **state)
{
    static const struct app app = {.forwards_encrypted = true};
    struct push_request request = {.token = "T", .device = "d1", .iv = "8iVb"};
    char content[MESSAGE_DATA_MAX] = "";
    enum forwarding forwarding;

    (void)state;
    memset(content, 'A',
           MESSAGE_DATA_MAX - strlen("keyv"
                                     "accountd1"
                                     "encrypted"
                                     "iv8iVb"));
    request.encrypted = content;
    char *body =
        body_of(app, "{\"data\":{\"key\":\"v\"}}", &request, &forwarding);
    assert_int_equal(forwarding, FORWARDED);
    free(body);
    content[strlen(content)] = 'A';
    body = body_of(app, "{\"data\":{\"key\":\"v\"}}", &request, &forwarding);
    assert_int_equal(forwarding, FORWARDED_NOT);
    assert_non_null(strstr(body, "{\"key\":\"v\",\"account\":\"d1\"}"));
    free(body);
}

/* It must never be a push that FCM would deliver to somebody. */
static void trial__is_a_push_that_is_only_looked_at(void **state)
{
    static const char head[] = "{\"message\":{\"token\":\""
                               "AAAAAAAAAAAAAAAAAAAAAA:APA91bAAAA";
    static const char tail[] =
        "AAAA\",\"data\":{\"account\":"
        "\"0000000000000000000000000000000000000000\"},"
        "\"android\":{\"priority\":\"NORMAL\",\"ttl\":\"60s\"}},"
        "\"validate_only\":true}";
    static const struct app app = {.ttl_s = 60};
    message_t *message = message_new(&app);
    char *body = message_trial_body(message);

    (void)state;
    assert_memory_equal(body, head, strlen(head));
    assert_string_equal(body + strlen(body) - strlen(tail), tail);
    free(body);
    message_destroy(&message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body__is_a_data_message),
        cmocka_unit_test(body__names_the_channel_if_there_is_one),
        cmocka_unit_test(body__names_no_account_that_nobody_knows),
        cmocka_unit_test(body__has_all_that_the_app_wants),
        cmocka_unit_test(body__has_the_priority_of_the_policy),
        cmocka_unit_test(body__that_is_no_utf8_is_none),
        cmocka_unit_test(content__goes_along_if_the_app_wants_it),
        cmocka_unit_test(content__goes_along_as_far_as_there_is_room),
        cmocka_unit_test(trial__is_a_push_that_is_only_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

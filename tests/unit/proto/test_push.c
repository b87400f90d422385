/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/push.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"

static struct msg open_frame(const char *frame)
{
    struct proto_err err;
    struct msg m;

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    return m;
}

static void request__makes_the_round_trip(void **state)
{
    const struct push_request sent = {.app = "conversations",
                                      .token = "fcm:APA91b\"\\/\xc3\xa9",
                                      .device = DEVICE,
                                      .channel = CHANNEL,
                                      .priority = PRIORITY_HIGH,
                                      .budget_ms = 9876,
                                      .encrypted = "aGk/+w==",
                                      .iv = "8iVbX7Nzr9pvH9KP"};
    struct push_request taken;
    struct proto_err err;

    (void)state;
    char *frame = push_request_encode(&sent, "k3f9-17.2", &err);
    assert_string_equal(
        frame, "{\"v\":1,\"type\":\"push.request\",\"id\":\"k3f9-17.2\","
               "\"app\":\"conversations\","
               "\"token\":\"fcm:APA91b\\\"\\\\/\xc3\xa9\","
               "\"device\":\"" DEVICE "\",\"channel\":\"" CHANNEL "\","
               "\"priority\":\"high\",\"budget_ms\":9876,"
               "\"encrypted\":\"aGk/+w==\",\"iv\":\"8iVbX7Nzr9pvH9KP\"}");
    struct msg m = open_frame(frame);
    assert_string_equal(m.id, "k3f9-17.2");
    assert_int_equal(push_request_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.token, sent.token);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.channel, sent.channel);
    assert_int_equal(taken.priority, sent.priority);
    assert_int_equal(taken.budget_ms, sent.budget_ms);
    assert_string_equal(taken.encrypted, sent.encrypted);
    assert_string_equal(taken.iv, sent.iv);
    msg_close(&m);
    free(frame);
}

static void request__takes_tokens_of_4096_bytes_and_not_4097(void **state)
{
    char token[4098];
    struct push_request request = {
        .app = "a", .token = token, .device = DEVICE, .budget_ms = 1};
    struct proto_err err;

    (void)state;
    memset(token, 't', sizeof token);
    token[4096] = '\0';
    char *frame = push_request_encode(&request, "1", &err);
    assert_non_null(frame);
    free(frame);
    token[4096] = 't';
    token[4097] = '\0';
    assert_null(push_request_encode(&request, "1", &err));
    assert_string_equal(err.field, "token");
    assert_string_equal(err.why, "out of bounds");
}

static void request__has_hashes_of_40_digits(void **state)
{
    static const struct {
        const char *device, *channel, *field;
    } cases[] = {
        {"ec16", NULL, "device"},
        {DEVICE "0", NULL, "device"},
        {DEVICE, "0123", "channel"},
        {DEVICE, CHANNEL "0", "channel"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct push_request request = {.app = "a",
                                             .token = "t",
                                             .device = cases[i].device,
                                             .channel = cases[i].channel,
                                             .budget_ms = 1};
        struct proto_err err;
        assert_null(push_request_encode(&request, "1", &err));
        assert_string_equal(err.field, cases[i].field);
    }
}

static void request__has_content_within_bounds(void **state)
{
    char encrypted[PUSH_ENCRYPTED_MAX + 2] = "";
    char iv[PUSH_IV_MAX + 2] = "";
    const struct push_request request = {.app = "a",
                                         .token = "t",
                                         .budget_ms = 1,
                                         .encrypted = encrypted,
                                         .iv = iv};
    struct proto_err err;

    (void)state;
    memset(encrypted, 'A', PUSH_ENCRYPTED_MAX);
    memset(iv, 'A', PUSH_IV_MAX);
    char *frame = push_request_encode(&request, "1", &err);
    assert_non_null(frame);
    free(frame);
    encrypted[PUSH_ENCRYPTED_MAX] = 'A';
    assert_null(push_request_encode(&request, "1", &err));
    assert_string_equal(err.field, "encrypted");
    encrypted[PUSH_ENCRYPTED_MAX] = '\0';
    iv[PUSH_IV_MAX] = 'A';
    assert_null(push_request_encode(&request, "1", &err));
    assert_string_equal(err.field, "iv");
}

static void request__may_come_without_a_registration(void **state)
{
    static const struct push_request sent = {
        .app = "a", .token = "t", .budget_ms = 1};
    struct push_request taken;
    struct proto_err err;
    char *frame = push_request_encode(&sent, "1", &err);

    (void)state;
    assert_non_null(frame);
    struct msg m = open_frame(frame);
    assert_int_equal(push_request_decode(&taken, &m, &err), 0);
    assert_null(taken.device);
    assert_null(taken.channel);
    assert_null(taken.encrypted);
    assert_null(taken.iv);
    msg_close(&m);
    free(frame);
}

static void result__makes_the_round_trip(void **state)
{
    static const struct {
        struct push_result sent;
        const char *members;
    } cases[] = {
        {{.verdict = PUSH_SENT}, "\"verdict\":\"sent\""},
        {{.verdict = PUSH_GONE, .reason = "Unregistered", .since_ms = 1},
         "\"verdict\":\"gone\",\"reason\":\"Unregistered\",\"since_ms\":1"},
        {{.verdict = PUSH_GONE, .since_ms = INT64_MAX},
         "\"verdict\":\"gone\",\"since_ms\":9223372036854775807"},
        {{.verdict = PUSH_REFUSED, .reason = "PayloadTooLarge"},
         "\"verdict\":\"refused\",\"reason\":\"PayloadTooLarge\""},
        {{.verdict = PUSH_LATER, .reason = "429", .retry_after_s = 604800},
         "\"verdict\":\"later\",\"reason\":\"429\",\"retry_after_s\":604800"},
        {{.verdict = PUSH_MISCONFIGURED}, "\"verdict\":\"misconfigured\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct push_result taken;
        struct proto_err err;
        char *frame = push_result_encode(&cases[i].sent, "1", &err);
        assert_non_null(frame);
        assert_non_null(strstr(frame, cases[i].members));
        struct msg m = open_frame(frame);
        assert_int_equal(push_result_decode(&taken, &m, &err), 0);
        assert_int_equal(taken.verdict, cases[i].sent.verdict);
        assert_int_equal(taken.since_ms, cases[i].sent.since_ms);
        assert_int_equal(taken.retry_after_s, cases[i].sent.retry_after_s);
        assert_int_equal(taken.reason == NULL, cases[i].sent.reason == NULL);
        msg_close(&m);
        free(frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__makes_the_round_trip),
        cmocka_unit_test(request__takes_tokens_of_4096_bytes_and_not_4097),
        cmocka_unit_test(request__has_hashes_of_40_digits),
        cmocka_unit_test(request__has_content_within_bounds),
        cmocka_unit_test(request__may_come_without_a_registration),
        cmocka_unit_test(result__makes_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

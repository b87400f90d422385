/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/target.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"

static struct msg open_frame(char *frame)
{
    struct proto_err err;
    struct msg m;

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    free(frame);
    return m;
}

static void register__makes_the_round_trip(void **state)
{
    const struct target_register sent = {.app = "conversations",
                                         .device = DEVICE,
                                         .channel = CHANNEL,
                                         .domain = "example.org",
                                         .token = "t0"};
    struct target_register taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_register_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.register"));
    assert_int_equal(target_register_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.channel, sent.channel);
    assert_string_equal(taken.domain, sent.domain);
    assert_string_equal(taken.token, sent.token);
    msg_close(&m);
}

static void register_result__makes_the_round_trip(void **state)
{
    const struct target_register_result sent = {
        .outcome = TARGET_OK, .node = "7Bcdefghijkl", .secret = "s/+="};
    const struct target_register_result later = {.outcome = TARGET_LATER};
    struct target_register_result taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_register_result_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.register.result"));
    assert_int_equal(target_register_result_decode(&taken, &m, &err), 0);
    assert_int_equal(taken.outcome, TARGET_OK);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.secret, sent.secret);
    msg_close(&m);
    m = open_frame(target_register_result_encode(&later, "1", &err));
    assert_int_equal(target_register_result_decode(&taken, &m, &err), 0);
    assert_int_equal(taken.outcome, TARGET_LATER);
    assert_null(taken.node);
    assert_null(taken.secret);
    msg_close(&m);
}

static void unregister__makes_the_round_trip(void **state)
{
    const struct target_unregister sent = {.app = "ios", .device = DEVICE};
    const struct target_unregister_result result = {TARGET_ABSENT};
    struct target_unregister taken;
    struct target_unregister_result taken_result;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_unregister_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.unregister"));
    assert_int_equal(target_unregister_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.device, sent.device);
    assert_null(taken.channel);
    msg_close(&m);
    m = open_frame(target_unregister_result_encode(&result, "1", &err));
    assert_true(msg_is(&m, "target.unregister.result"));
    assert_int_equal(target_unregister_result_decode(&taken_result, &m, &err),
                     0);
    assert_int_equal(taken_result.outcome, TARGET_ABSENT);
    msg_close(&m);
}

static void lookup__makes_the_round_trip(void **state)
{
    const struct target_lookup sent = {
        .domain = "b\xc3\xbcro.example", .node = "n", .secret = "s"};
    const struct target_lookup without = {.domain = "d", .node = "n"};
    struct target_lookup taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_lookup_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.lookup"));
    assert_int_equal(target_lookup_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.domain, sent.domain);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.secret, sent.secret);
    msg_close(&m);
    m = open_frame(target_lookup_encode(&without, "1", &err));
    assert_int_equal(target_lookup_decode(&taken, &m, &err), 0);
    assert_null(taken.secret);
    msg_close(&m);
}

static void lookup_result__makes_the_round_trip(void **state)
{
    const struct target_lookup_result sent = {.outcome = TARGET_OK,
                                              .app = "conversations",
                                              .device = DEVICE,
                                              .channel = CHANNEL,
                                              .token = "t0",
                                              .deferred = "d"};
    struct target_lookup_result taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_lookup_result_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.lookup.result"));
    assert_int_equal(target_lookup_result_decode(&taken, &m, &err), 0);
    assert_int_equal(taken.outcome, TARGET_OK);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.channel, sent.channel);
    assert_string_equal(taken.token, sent.token);
    assert_string_equal(taken.deferred, sent.deferred);
    msg_close(&m);
}

static void forget__makes_the_round_trip(void **state)
{
    const struct target_forget sent = {
        .node = "n", .device = DEVICE, .token = "t0", .since_ms = 1};
    struct target_forget taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_forget_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.forget"));
    assert_int_equal(target_forget_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.token, sent.token);
    assert_int_equal(taken.since_ms, 1);
    msg_close(&m);
}

static void defer__makes_the_round_trip(void **state)
{
    const struct target_defer sent = {.node = "n",
                                      .device = DEVICE,
                                      .priority = PRIORITY_HIGH,
                                      .retry_after_s = 60,
                                      .is_retry = 1};
    struct target_defer taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_defer_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.defer"));
    assert_int_equal(target_defer_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.device, sent.device);
    assert_int_equal(taken.priority, PRIORITY_HIGH);
    assert_int_equal(taken.retry_after_s, 60);
    assert_int_equal(taken.is_retry, 1);
    msg_close(&m);
}

static void settle__makes_the_round_trip(void **state)
{
    const struct target_settle sent = {
        .node = "n", .device = DEVICE, .deferred = "d"};
    struct target_settle taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_settle_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.settle"));
    assert_int_equal(target_settle_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.deferred, sent.deferred);
    msg_close(&m);
}

static void due__makes_the_round_trip(void **state)
{
    const struct target_due sent = {.node = "n",
                                    .app = "conversations",
                                    .device = DEVICE,
                                    .channel = CHANNEL,
                                    .token = "t0",
                                    .priority = PRIORITY_LOW,
                                    .deferred = "d"};
    struct target_due taken;
    struct proto_err err;

    (void)state;
    struct msg m = open_frame(target_due_encode(&sent, "1", &err));
    assert_true(msg_is(&m, "target.due"));
    assert_int_equal(target_due_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.channel, sent.channel);
    assert_string_equal(taken.token, sent.token);
    assert_int_equal(taken.priority, PRIORITY_LOW);
    assert_string_equal(taken.deferred, sent.deferred);
    msg_close(&m);
}

static void outcomes__have_their_words(void **state)
{
    static const char *const words[] = {"ok", "absent", "kept", "later"};
    char expected[100];

    (void)state;
    for (int i = TARGET_OK; i <= TARGET_LATER; i++) {
        const struct target_forget_result sent = {(enum target_outcome)i};
        struct target_forget_result taken;
        struct proto_err err;
        char *frame = target_forget_result_encode(&sent, "1", &err);
        snprintf(expected, sizeof expected,
                 "{\"v\":1,\"type\":\"target.forget.result\",\"id\":\"1\","
                 "\"outcome\":\"%s\"}",
                 words[i]);
        assert_string_equal(frame, expected);
        struct msg m = open_frame(frame);
        assert_int_equal(target_forget_result_decode(&taken, &m, &err), 0);
        assert_int_equal(taken.outcome, i);
        msg_close(&m);
    }
}

static void domain__has_at_most_1023_bytes(void **state)
{
    char domain[1025];
    const struct target_lookup lookup = {.domain = domain, .node = "n"};
    struct proto_err err;

    (void)state;
    memset(domain, 'd', sizeof domain);
    domain[1023] = '\0';
    char *frame = target_lookup_encode(&lookup, "1", &err);
    assert_non_null(frame);
    free(frame);
    domain[1023] = 'd';
    domain[1024] = '\0';
    assert_null(target_lookup_encode(&lookup, "1", &err));
    assert_string_equal(err.field, "domain");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(register__makes_the_round_trip),
        cmocka_unit_test(register_result__makes_the_round_trip),
        cmocka_unit_test(unregister__makes_the_round_trip),
        cmocka_unit_test(lookup__makes_the_round_trip),
        cmocka_unit_test(lookup_result__makes_the_round_trip),
        cmocka_unit_test(forget__makes_the_round_trip),
        cmocka_unit_test(defer__makes_the_round_trip),
        cmocka_unit_test(settle__makes_the_round_trip),
        cmocka_unit_test(due__makes_the_round_trip),
        cmocka_unit_test(outcomes__have_their_words),
        cmocka_unit_test(domain__has_at_most_1023_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

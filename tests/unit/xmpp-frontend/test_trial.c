/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/trial.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define FOUND                                                                  \
    "{\"v\":1,\"type\":\"operator.find.result\",\"id\":\"k-1.1\","             \
    "\"outcome\":\"ok\",\"app\":\"conversations\",\"device\":\"" DEVICE        \
    "\",\"token\":\"t\"}"
#define VERDICT "{\"v\":1,\"type\":\"push.result\",\"id\":\"k-1.2\","

static trial_t *new_trial(void)
{
    const struct operator_push what = {
        .asker = "a", .node = "7Bn3bOe0KxTS", .priority = PRIORITY_HIGH};

    return trial_new(&what, 1000);
}

/* `m` keeps what the result borrows. */
static enum trial_step take(trial_t *trial, const char *text, int64_t now_ms,
                            struct msg *m, struct operator_push_result *result)
{
    struct proto_err err;

    assert_int_equal(msg_open(m, text, strlen(text), &err), 0);
    return trial_take(trial, m, now_ms, result);
}

static void assert_asks(trial_t *trial, int64_t now_ms, const char *frame)
{
    struct proto_err err;
    char *its = trial_encode(trial, "k-1.7", 4000, now_ms, &err);

    assert_string_equal(its, frame);
    free(its);
}

static void trial__asks_a_registry_and_then_a_sender(void **state)
{
    struct operator_push_result result;
    trial_t *trial = new_trial();
    struct msg m;

    (void)state;
    assert_null(trial_app(trial));
    assert_asks(trial, 1000,
                "{\"v\":1,\"type\":\"operator.find\",\"id\":\"k-1.7\","
                "\"node\":\"7Bn3bOe0KxTS\"}");
    assert_int_equal(take(trial, FOUND, 1005, &m, &result), TRIAL_GOES_ON);
    msg_close(&m);
    assert_string_equal(trial_app(trial), "conversations");
    assert_asks(trial, 1010,
                "{\"v\":1,\"type\":\"push.request\",\"id\":\"k-1.7\","
                "\"app\":\"conversations\",\"token\":\"t\",\"device\":\"" DEVICE
                "\",\"priority\":\"high\",\"budget_ms\":4000}");
    assert_int_equal(take(trial,
                          VERDICT "\"verdict\":\"later\",\"reason\":\"R\","
                                  "\"retry_after_s\":60}",
                          1093, &m, &result),
                     TRIAL_DONE);
    assert_int_equal(result.outcome, OPERATOR_PUSH_LATER);
    assert_string_equal(result.app, "conversations");
    assert_string_equal(result.reason, "R");
    assert_int_equal(result.took_ms, 93);
    assert_int_equal(result.sender_ms, 83);
    assert_int_equal(result.retry_after_s, 60);
    msg_close(&m);
    trial_destroy(&trial);
    trial_destroy(&trial);
}

static void trial__has_the_senders_verdict(void **state)
{
    static const struct {
        const char *verdict;
        enum operator_push_outcome outcome;
    } cases[] = {
        {"sent", OPERATOR_PUSH_SENT},
        {"gone", OPERATOR_PUSH_GONE},
        {"refused", OPERATOR_PUSH_REFUSED},
        {"later", OPERATOR_PUSH_LATER},
        {"misconfigured", OPERATOR_PUSH_MISCONFIGURED},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct operator_push_result result;
        trial_t *trial = new_trial();
        struct msg m;
        char text[200];
        take(trial, FOUND, 1005, &m, &result);
        msg_close(&m);
        snprintf(text, sizeof text, VERDICT "\"verdict\":\"%s\"}",
                 cases[i].verdict);
        assert_int_equal(take(trial, text, 1010, &m, &result), TRIAL_DONE);
        assert_int_equal(result.outcome, cases[i].outcome);
        assert_string_equal(operator_push_word(result.outcome),
                            cases[i].verdict);
        assert_null(result.reason);
        msg_close(&m);
        trial_destroy(&trial);
    }
}

static void trial__of_an_unknown_node_is_done(void **state)
{
    struct operator_push_result result;
    trial_t *trial = new_trial();
    struct msg m;

    (void)state;
    assert_int_equal(take(trial,
                          "{\"v\":1,\"type\":\"operator.find.result\","
                          "\"id\":\"k-1.1\",\"outcome\":\"absent\"}",
                          1007, &m, &result),
                     TRIAL_DONE);
    assert_int_equal(result.outcome, OPERATOR_PUSH_ABSENT);
    assert_int_equal(result.took_ms, 7);
    assert_null(result.app);
    msg_close(&m);
    trial_destroy(&trial);
}

static void trial__takes_nothing_else(void **state)
{
    static const struct {
        bool found;
        const char *text;
    } cases[] = {
        {false, VERDICT "\"verdict\":\"sent\"}"},
        {false, "{\"v\":1,\"type\":\"operator.find.result\",\"id\":\"1\","
                "\"outcome\":\"ok\"}"},
        {true, FOUND},
        {true, VERDICT "\"verdict\":\"perhaps\"}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct operator_push_result result;
        trial_t *trial = new_trial();
        struct msg m;
        if (cases[i].found) {
            take(trial, FOUND, 1005, &m, &result);
            msg_close(&m);
        }
        assert_int_equal(take(trial, cases[i].text, 1010, &m, &result),
                         TRIAL_UNFIT);
        msg_close(&m);
        trial_destroy(&trial);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial__asks_a_registry_and_then_a_sender),
        cmocka_unit_test(trial__has_the_senders_verdict),
        cmocka_unit_test(trial__of_an_unknown_node_is_done),
        cmocka_unit_test(trial__takes_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

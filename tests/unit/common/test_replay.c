/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/replay.h"

#include "tests/support/cmocka_test.h"

static void failure__is_later_for_each_kind(void **state)
{
    static const struct {
        enum http_failure failure;
        const char *reason;
        enum again again;
    } cases[] = {
        {HTTP_UNREACHABLE, "unreachable", AGAIN_SAME},
        {HTTP_UNTRUSTED, "tls-failed", AGAIN_NOT},
        {HTTP_OUTDATED, "no-http2", AGAIN_NOT},
        {HTTP_LOST, "connection-lost", AGAIN_SAME},
        {HTTP_TIMEOUT, "timeout", AGAIN_SAME},
        {HTTP_CLOSED, "shutting-down", AGAIN_NOT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct judgement judgement;
        replay_judge_failure(cases[i].failure, &judgement);
        assert_int_equal(judgement.verdict, PUSH_LATER);
        assert_int_equal(judgement.reach, REACH_NONE);
        assert_int_equal(judgement.again, cases[i].again);
        assert_string_equal(judgement.reason, cases[i].reason);
    }
}

static void replay__is_due_only_where_it_can_help(void **state)
{
    static const struct {
        enum again again;
        struct tries tries;
        int64_t left_ms;
        bool due;
    } cases[] = {
        {AGAIN_NOT, {1, false}, 9000, false},
        {AGAIN_SAME, {1, false}, 9000, true},
        {AGAIN_RECONNECTED, {1, true}, 9000, true},
        {AGAIN_AUTHORISED, {1, false}, 9000, true},
        {AGAIN_AUTHORISED, {2, true}, 9000, false},
        {AGAIN_BOTH, {1, false}, 9000, true},
        {AGAIN_BOTH, {2, true}, 9000, false},
        {AGAIN_SAME, {2, false}, 9000, true},
        {AGAIN_SAME, {3, false}, 9000, false},
        {AGAIN_SAME, {1, false}, REPLAY_MS - 1, false},
        {AGAIN_SAME, {1, false}, -5, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct judgement judgement = {.again = cases[i].again};
        assert_int_equal(
            replay_is_due(&judgement, &cases[i].tries, cases[i].left_ms),
            cases[i].due);
    }
}

static void reason__is_made_safe(void **state)
{
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"BadDeviceToken", "BadDeviceToken"},
        {NULL, "unknown"},
        {"", "unknown"},
        {"a b\n\"c\"=\xc3\xa4", "a_b__c____"},
        {"1234567890123456789012345678901234567890",
         "1234567890123456789012345678901234567890"},
        /* A device token of Apple's has 64. */
        {"12345678901234567890123456789012345678901", "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct judgement judgement = {0};
        judgement_set_reason(&judgement, cases[i].text);
        assert_string_equal(judgement.reason, cases[i].reason);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failure__is_later_for_each_kind),
        cmocka_unit_test(replay__is_due_only_where_it_can_help),
        cmocka_unit_test(reason__is_made_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

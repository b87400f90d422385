/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/standing.h"

#include "tests/support/cmocka_test.h"

static const struct judgement SENT = {.verdict = PUSH_SENT,
                                      .reach = REACH_PROOF};
static const struct judgement DEAD = {.verdict = PUSH_GONE,
                                      .reach = REACH_PROOF};
static const struct judgement DOUBT = {
    .verdict = PUSH_GONE, .since_ms = 7, .reach = REACH_DOUBT};
static const struct judgement BAD_KEY = {
    .verdict = PUSH_MISCONFIGURED, .reach = REACH_APP, .remedy = "renew it"};
static const struct judgement OUTAGE = {
    .verdict = PUSH_LATER, .reach = REACH_APP, .retry_after_s = 20};
static const struct judgement NO_NETWORK = {.verdict = PUSH_LATER,
                                            .reach = REACH_NONE};

/* Returns the verdict that came of it. */
static enum push_verdict note(struct standing *standing,
                              struct judgement judgement, int64_t now_ms)
{
    standing_note(standing, &judgement, now_ms);
    return judgement.verdict;
}

static bool admits(struct standing *standing, int64_t now_ms)
{
    struct judgement answer;

    return standing_admits(standing, now_ms, &answer);
}

static void doubt__is_not_believed_before_a_push_has_worked(void **state)
{
    struct standing standing = {0};

    (void)state;
    assert_int_equal(note(&standing, DOUBT, 0), PUSH_MISCONFIGURED);
    assert_int_equal(note(&standing, SENT, 1), PUSH_SENT);
    assert_int_equal(note(&standing, DOUBT, 2), PUSH_GONE);
}

static void doubt__is_settled_by_a_token_that_is_certainly_dead(void **state)
{
    struct standing standing = {0};

    (void)state;
    assert_int_equal(note(&standing, DEAD, 0), PUSH_GONE);
    assert_int_equal(note(&standing, DOUBT, 1), PUSH_GONE);
}

static void doubt__is_disbelieved_ten_times_in_a_row(void **state)
{
    struct standing standing = {0};
    struct judgement tenth = DOUBT;

    (void)state;
    note(&standing, SENT, 0);
    for (int i = 1; i < STANDING_DOUBTS; i++) {
        assert_int_equal(note(&standing, DOUBT, i), PUSH_GONE);
    }
    standing_note(&standing, &tenth, 10);
    assert_int_equal(tenth.verdict, PUSH_MISCONFIGURED);
    assert_int_equal(tenth.since_ms, 0);
    assert_non_null(tenth.remedy);
    assert_int_equal(note(&standing, DOUBT, 10 + 2 * STANDING_WINDOW_MS),
                     PUSH_MISCONFIGURED);
    note(&standing, SENT, 11 + 2 * STANDING_WINDOW_MS);
    assert_int_equal(note(&standing, DOUBT, 12 + 2 * STANDING_WINDOW_MS),
                     PUSH_GONE);
}

static void doubt__that_comes_seldom_makes_no_row(void **state)
{
    struct standing standing = {0};

    (void)state;
    note(&standing, SENT, 0);
    for (int i = 1; i < 5 * STANDING_DOUBTS; i++) {
        assert_int_equal(
            note(&standing, DOUBT, (int64_t)i * STANDING_WINDOW_MS / 5),
            PUSH_GONE);
    }
}

static void hold__follows_refused_credentials_at_once(void **state)
{
    struct standing standing = {0};
    struct judgement answer;

    (void)state;
    assert_true(admits(&standing, 0));
    note(&standing, BAD_KEY, 0);
    assert_false(standing_admits(&standing, 1, &answer));
    assert_int_equal(answer.verdict, PUSH_MISCONFIGURED);
    assert_null(answer.remedy);
    assert_true(admits(&standing, STANDING_HOLD_MS));
}

static void hold__lets_one_probe_through(void **state)
{
    struct standing standing = {0};

    (void)state;
    note(&standing, BAD_KEY, 0);
    assert_true(admits(&standing, 1000));
    assert_false(admits(&standing, 1001));
    assert_false(admits(&standing, 1000 + STANDING_PROBE_MS - 1));
    assert_true(admits(&standing, 1000 + STANDING_PROBE_MS));
}

static void hold__doubles_up_to_a_minute(void **state)
{
    static const int64_t holds_ms[] = {1000,  2000,  4000,  8000,
                                       16000, 32000, 60000, 60000};
    struct standing standing = {0};
    int64_t now_ms = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(holds_ms); i++) {
        note(&standing, BAD_KEY, now_ms);
        assert_false(admits(&standing, now_ms + holds_ms[i] - 1));
        now_ms += holds_ms[i];
        assert_true(admits(&standing, now_ms));
    }
}

static void hold__ends_when_a_push_works(void **state)
{
    struct standing standing = {0};

    (void)state;
    note(&standing, BAD_KEY, 0);
    assert_true(admits(&standing, 1000));
    note(&standing, SENT, 1001);
    assert_true(admits(&standing, 1002));
    note(&standing, BAD_KEY, 2000);
    assert_true(admits(&standing, 3000));
}

static void hold__needs_ten_outages_in_a_row(void **state)
{
    struct standing standing = {0};

    (void)state;
    for (int i = 1; i < STANDING_FAULTS; i++) {
        note(&standing, OUTAGE, i);
        assert_true(admits(&standing, i));
    }
    note(&standing, OUTAGE, 100);
    assert_false(admits(&standing, 100 + 19999));
    assert_true(admits(&standing, 100 + 20000));
}

static void hold__does_not_follow_a_broken_network(void **state)
{
    struct standing standing = {0};

    (void)state;
    for (int i = 0; i < 10 * STANDING_FAULTS; i++) {
        note(&standing, NO_NETWORK, i);
        assert_true(admits(&standing, i));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubt__is_not_believed_before_a_push_has_worked),
        cmocka_unit_test(doubt__is_settled_by_a_token_that_is_certainly_dead),
        cmocka_unit_test(doubt__is_disbelieved_ten_times_in_a_row),
        cmocka_unit_test(doubt__that_comes_seldom_makes_no_row),
        cmocka_unit_test(hold__follows_refused_credentials_at_once),
        cmocka_unit_test(hold__lets_one_probe_through),
        cmocka_unit_test(hold__doubles_up_to_a_minute),
        cmocka_unit_test(hold__ends_when_a_push_works),
        cmocka_unit_test(hold__needs_ten_outages_in_a_row),
        cmocka_unit_test(hold__does_not_follow_a_broken_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

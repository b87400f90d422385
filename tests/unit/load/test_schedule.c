/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/schedule.h"
#include "tests/support/cmocka_test.h"

enum { SECOND = 1000000 };

static struct schedule of(bool is_open, const char *text)
{
    struct schedule schedule;

    assert_int_equal(schedule_read(&schedule, is_open, text), 0);
    schedule_begin(&schedule, SECOND);
    return schedule;
}

/* How many are due at that moment. */
static size_t drain(struct schedule *schedule, int64_t now_us)
{
    int64_t due_us;
    size_t count = 0;

    while (schedule_next(schedule, now_us, 0, &due_us)) {
        count++;
    }
    return count;
}

static void a_schedule__is_read_as_amounts_and_seconds(void **state)
{
    struct schedule schedule = of(true, "3000x60,0.5x10");

    (void)state;
    assert_int_equal(schedule.count, 2);
    assert_true(schedule.steps[0].amount == 3000);
    assert_true(schedule.steps[0].seconds == 60);
    assert_true(schedule.steps[1].amount == 0.5);
    assert_true(schedule_seconds(&schedule) == 70);
}

static void what_is_no_schedule__is_refused(void **state)
{
    static const char *const BAD[] = {"",
                                      "x",
                                      "5",
                                      "5x",
                                      "x5",
                                      "0x5",
                                      "5x0",
                                      "-1x5",
                                      "5x-1",
                                      "5x5;5x5",
                                      "ax5",
                                      "5xa",
                                      "5,5",
                                      "5x5x5",
                                      "nanx1",
                                      "1e10x1",
                                      "1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1,1x1"};
    struct schedule schedule;

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        if (schedule_read(&schedule, true, BAD[i]) == 0) {
            fail_msg("taken: %s", BAD[i]);
        }
    }
}

static void open__is_due_at_even_times_from_the_begin(void **state)
{
    struct schedule schedule = of(true, "3x2");
    int64_t due_us;

    (void)state;
    for (int64_t i = 0; i < 6; i++) {
        int64_t expected = SECOND + i * SECOND / 3;
        assert_false(schedule_next(&schedule, expected - 1, 99, &due_us));
        assert_int_equal(schedule_pause_us(&schedule, expected - 1), 1);
        assert_true(schedule_next(&schedule, expected, 99, &due_us));
        assert_int_equal(due_us, expected);
    }
    assert_false(schedule_next(&schedule, 3 * SECOND - 1, 0, &due_us));
    assert_false(schedule_is_over(&schedule));
    assert_int_equal(schedule_pause_us(&schedule, 3 * SECOND - 7), 7);
    assert_false(schedule_next(&schedule, 3 * SECOND, 0, &due_us));
    assert_true(schedule_is_over(&schedule));
    assert_int_equal(schedule_pause_us(&schedule, 3 * SECOND), -1);
}

/* The heart of an open loop: who could not send for a while owes all of it,
 * counted from when it was due. */
static void open__forgets_nothing_that_was_due_during_a_stall(void **state)
{
    struct schedule schedule = of(true, "1000x10,100x10");
    int64_t due_us = 0;
    int64_t expected = SECOND;

    (void)state;
    for (size_t i = 0; i < 5000; i++, expected += 1000) {
        assert_true(schedule_next(&schedule, 6 * SECOND - 1, 100000, &due_us));
        assert_int_equal(due_us, expected);
    }
    assert_false(schedule_next(&schedule, 6 * SECOND - 1, 100000, &due_us));
    /* Far past the end of both steps. */
    assert_int_equal(drain(&schedule, 100 * SECOND), 5000 + 1000);
    assert_int_equal(schedule.requests, 11000);
    assert_true(schedule_is_over(&schedule));
}

static void open__does_not_drift(void **state)
{
    struct schedule schedule = of(true, "7777.7x3600");
    int64_t due_us = 0;

    (void)state;
    while (schedule_next(&schedule, 5000LL * SECOND, 0, &due_us)) {
    }
    assert_int_equal(schedule.requests, 27999720);
    assert_true(due_us < 3601LL * SECOND);
    assert_true(due_us >= 3601LL * SECOND - 130);
}

static void closed__keeps_its_window_full_until_time_is_up(void **state)
{
    struct schedule schedule = of(false, "2x3,3x1");
    int64_t due_us;

    (void)state;
    assert_true(schedule_next(&schedule, SECOND, 1, &due_us));
    assert_int_equal(due_us, SECOND);
    assert_false(schedule_next(&schedule, SECOND, 2, &due_us));
    assert_true(schedule_next(&schedule, 4 * SECOND - 1, 1, &due_us));
    assert_int_equal(due_us, 4 * SECOND - 1);
    assert_false(schedule_next(&schedule, 4 * SECOND - 1, 2, &due_us));
    assert_true(schedule_next(&schedule, 4 * SECOND, 2, &due_us));
    assert_false(schedule_next(&schedule, 5 * SECOND, 0, &due_us));
    assert_true(schedule_is_over(&schedule));
}

static void open__has_rests_when_it_is_fast(void **state)
{
    struct schedule schedule;
    int64_t due_us;

    (void)state;
    assert_int_equal(schedule_read(&schedule, true, "5000x1,10000x1"), 0);
    schedule_begin(&schedule, 0);
    assert_true(schedule_next(&schedule, 0, 0, &due_us));
    assert_int_equal(schedule_pause_us(&schedule, 150), 50);
    while (schedule_next(&schedule, SECOND, 0, &due_us)) {
    }
    assert_int_equal(schedule_pause_us(&schedule, SECOND + 90),
                     SCHEDULE_REST_US);
    assert_int_equal(schedule_pause_us(&schedule, SECOND + 100), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__has_rests_when_it_is_fast),
        cmocka_unit_test(a_schedule__is_read_as_amounts_and_seconds),
        cmocka_unit_test(what_is_no_schedule__is_refused),
        cmocka_unit_test(open__is_due_at_even_times_from_the_begin),
        cmocka_unit_test(open__forgets_nothing_that_was_due_during_a_stall),
        cmocka_unit_test(open__does_not_drift),
        cmocka_unit_test(closed__keeps_its_window_full_until_time_is_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

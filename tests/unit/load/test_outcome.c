/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/outcome.h"
#include "tests/support/cmocka_test.h"

enum { SECOND = 1000000 };

static int64_t number(const json_t *report, const char *name)
{
    const json_t *value = json_object_get(report, name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static int64_t within(const json_t *report, const char *what, const char *share)
{
    return number(json_object_get(report, what), share);
}

static void answers__are_told_apart_and_counted_once(void **state)
{
    struct outcome outcome;

    (void)state;
    outcome_begin(&outcome, 100, 0, 2);
    for (int64_t i = 0; i < 10; i++) {
        assert_int_equal(outcome_send(&outcome, i * SECOND / 5), 100 + i);
    }
    assert_int_equal(outcome_open(&outcome), 10);
    assert_int_equal(outcome_result(&outcome, 100, SECOND), 0);
    assert_int_equal(outcome_result(&outcome, 109, 3 * SECOND), 0);
    assert_int_equal(outcome_error(&outcome, 101, "wait", "busy", SECOND), 0);
    assert_int_equal(outcome_error(&outcome, 102, "cancel", "busy", SECOND), 0);
    assert_int_equal(outcome_error(&outcome, 103, "wait", "busy", SECOND), 0);
    assert_int_equal(outcome_result(&outcome, 100, SECOND), -1);
    assert_int_equal(outcome_error(&outcome, 109, "x", "y", SECOND), -1);
    assert_int_equal(outcome_result(&outcome, 99, SECOND), -1);
    assert_int_equal(outcome_result(&outcome, 110, SECOND), -1);
    assert_int_equal(outcome_open(&outcome), 5);

    json_t *report = outcome_report(&outcome);
    assert_int_equal(number(report, "sent"), 10);
    assert_int_equal(number(report, "results"), 2);
    assert_int_equal(number(report, "unanswered"), 5);
    assert_int_equal(number(report, "surplus"), 4);
    const json_t *errors = json_object_get(report, "errors");
    assert_int_equal(json_object_size(errors), 2);
    assert_int_equal(number(errors, "wait/busy"), 2);
    assert_int_equal(number(errors, "cancel/busy"), 1);
    json_decref(report);
    outcome_free(&outcome);
}

static void latency__counts_from_when_it_was_due(void **state)
{
    struct outcome outcome;

    (void)state;
    outcome_begin(&outcome, 1, 5 * SECOND, 1);
    outcome_result(&outcome, outcome_send(&outcome, 5 * SECOND),
                   5 * SECOND + 7);
    outcome_error(&outcome, outcome_send(&outcome, 5 * SECOND + 10), "a", "b",
                  5 * SECOND + 19);
    json_t *report = outcome_report(&outcome);
    assert_int_equal(within(report, "latency_us", "p50"), 7);
    assert_int_equal(within(report, "latency_us", "max"), 7);
    assert_int_equal(within(report, "error_latency_us", "p999"), 9);
    json_decref(report);
    outcome_free(&outcome);
}

/* What comes when the time is up is a result, but not of this rate. */
static void rate__is_of_what_came_in_time(void **state)
{
    struct outcome outcome;

    (void)state;
    outcome_begin(&outcome, 1, 0, 2);
    for (int64_t i = 0; i < 6; i++) {
        outcome_send(&outcome, i);
    }
    for (uint64_t id = 1; id <= 4; id++) {
        outcome_result(&outcome, id, 2 * SECOND);
    }
    outcome_result(&outcome, 5, 2 * SECOND + 1);
    outcome_end(&outcome, 9 * SECOND);
    json_t *report = outcome_report(&outcome);
    assert_true(json_real_value(json_object_get(report, "per_second")) == 2);
    assert_int_equal(number(report, "results"), 5);
    json_decref(report);
    outcome_free(&outcome);
}

static void a_run_without_a_length__lasts_until_its_end(void **state)
{
    struct outcome outcome;

    (void)state;
    outcome_begin(&outcome, 1, SECOND, 0);
    outcome_result(&outcome, outcome_send(&outcome, SECOND), 2 * SECOND);
    outcome_result(&outcome, outcome_send(&outcome, SECOND), 5 * SECOND);
    outcome_end(&outcome, 5 * SECOND);
    json_t *report = outcome_report(&outcome);
    assert_true(json_real_value(json_object_get(report, "per_second")) == 0.5);
    json_decref(report);
    outcome_free(&outcome);
}

static void seconds__have_what_was_due_and_what_came_in_them(void **state)
{
    struct outcome outcome;

    (void)state;
    outcome_begin(&outcome, 1, 0, 2);
    outcome_send(&outcome, 0);
    outcome_send(&outcome, SECOND - 1);
    outcome_send(&outcome, SECOND);
    outcome_result(&outcome, 1, SECOND + 5);
    outcome_result(&outcome, 3, 9 * SECOND);
    outcome_error(&outcome, 2, "a", "b", SECOND);
    json_t *report = outcome_report(&outcome);
    const json_t *seconds = json_object_get(report, "by_second");
    assert_int_equal(json_array_size(seconds), 2);
    const json_t *first = json_array_get(seconds, 0);
    const json_t *second = json_array_get(seconds, 1);
    assert_int_equal(number(first, "results"), 1);
    assert_int_equal(number(first, "errors"), 1);
    assert_int_equal(number(first, "got"), 0);
    assert_int_equal(number(first, "result_max_us"), SECOND + 5);
    assert_int_equal(number(first, "error_max_us"), 1);
    assert_int_equal(number(second, "results"), 1);
    assert_int_equal(number(second, "got"), 1);
    assert_int_equal(number(second, "result_max_us"), 8 * SECOND);
    json_decref(report);
    outcome_free(&outcome);
}

static void more_kinds_of_errors_than_places__share_the_last(void **state)
{
    struct outcome outcome;
    char condition[16];

    (void)state;
    outcome_begin(&outcome, 1, 0, 1);
    for (int i = 0; i < ERRORS_MAX + 3; i++) {
        snprintf(condition, sizeof condition, "c%d", i);
        outcome_error(&outcome, outcome_send(&outcome, 0), "a", condition, 1);
    }
    json_t *report = outcome_report(&outcome);
    const json_t *errors = json_object_get(report, "errors");
    assert_int_equal(json_object_size(errors), ERRORS_MAX + 1);
    assert_int_equal(number(errors, "others"), 3);
    json_decref(report);
    outcome_free(&outcome);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers__are_told_apart_and_counted_once),
        cmocka_unit_test(latency__counts_from_when_it_was_due),
        cmocka_unit_test(rate__is_of_what_came_in_time),
        cmocka_unit_test(a_run_without_a_length__lasts_until_its_end),
        cmocka_unit_test(seconds__have_what_was_due_and_what_came_in_them),
        cmocka_unit_test(more_kinds_of_errors_than_places__share_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

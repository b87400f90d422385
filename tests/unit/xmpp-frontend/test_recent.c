/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/recent.h"

#include "services/xmpp-frontend/status_chart.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>

/* In step `i` there are i pushes: one of them ends badly. */
static struct recent_counts counts_at(int64_t step)
{
    return (struct recent_counts){.at_ms = step * RECENT_STEP_MS,
                                  .well = (uint64_t)(step * (step - 1) / 2),
                                  .bad = (uint64_t)step};
}

static struct recent *recent_of(int64_t steps)
{
    struct recent *recent = calloc(1, sizeof *recent);

    for (int64_t i = 0; i < steps; i++) {
        struct recent_counts counts = counts_at(i);
        recent_note(recent, &counts);
    }
    return recent;
}

static void recent__finds_what_was_so_long_ago(void **state)
{
    struct recent *recent = recent_of(100);
    struct recent_counts now = counts_at(99);

    (void)state;
    now.at_ms += 5000;
    assert_int_equal(recent_before(recent, &now, 60000)->at_ms,
                     93 * RECENT_STEP_MS);
    assert_int_equal(recent_before(recent, &now, 0)->at_ms,
                     99 * RECENT_STEP_MS);
    assert_int_equal(recent_before(recent, &now, 9999999)->at_ms,
                     (99 - RECENT_STEPS) * RECENT_STEP_MS);
    free(recent);
}

static void recent__has_nothing_before_it_began(void **state)
{
    struct recent *recent = recent_of(0);
    struct recent_counts now = counts_at(3);
    struct recent_bar bars[RECENT_STEPS];

    (void)state;
    assert_ptr_equal(recent_before(recent, &now, 60000), &now);
    recent_bars(recent, &now, bars);
    for (size_t i = 0; i < RECENT_STEPS; i++) {
        assert_int_equal(bars[i].well + bars[i].bad, 0);
    }
    free(recent);
}

static void recent__has_a_bar_for_each_step(void **state)
{
    static const int64_t steps[] = {1, 2, 30, RECENT_STEPS, 61, 62, 200};
    struct recent_bar bars[RECENT_STEPS];

    (void)state;
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct recent *recent = recent_of(steps[i]);
        struct recent_counts now = counts_at(steps[i]);
        recent_bars(recent, &now, bars);
        for (int64_t back = 0; back < RECENT_STEPS; back++) {
            const struct recent_bar *bar = &bars[RECENT_STEPS - 1 - back];
            int64_t step = steps[i] - 1 - back;
            assert_int_equal(bar->bad, step >= 0 ? 1 : 0);
            assert_int_equal(bar->well, step >= 0 ? step : 0);
        }
        free(recent);
    }
}

static void chart__is_as_high_as_its_highest_bar(void **state)
{
    struct recent_bar bars[RECENT_STEPS] = {
        [0] = {30, 0}, [1] = {0, 0}, [2] = {5, 15}, [59] = {0, 60}};
    struct chart chart = chart_draw(bars);

    (void)state;
    assert_int_equal(chart.most, 60);
    assert_string_equal(chart.well, "M0 60.0v-30.0h8v30.0z"
                                    "M20 45.0v-5.0h8v5.0z");
    assert_string_equal(chart.bad, "M20 60v-15.0h8V60zM590 60v-60.0h8V60z");
    chart_clear(&chart);
}

static void chart__of_nothing_is_empty(void **state)
{
    struct recent_bar bars[RECENT_STEPS] = {{0, 0}};
    struct chart chart = chart_draw(bars);

    (void)state;
    assert_string_equal(chart.well, "");
    assert_string_equal(chart.bad, "");
    chart_clear(&chart);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recent__finds_what_was_so_long_ago),
        cmocka_unit_test(recent__has_nothing_before_it_began),
        cmocka_unit_test(recent__has_a_bar_for_each_step),
        cmocka_unit_test(chart__is_as_high_as_its_highest_bar),
        cmocka_unit_test(chart__of_nothing_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/due_list.h"
#include "tests/support/cmocka_test.h"

static void due_delay__doubles_and_stays_within_bounds(void **state)
{
    static const struct {
        int64_t first_s, times, retry_after_s, least_ms, most_ms;
    } cases[] = {
        {10, 1, 0, 10000, 20000},
        {10, 2, 0, 20000, 40000},
        {10, 3, 0, 40000, 80000},
        {10, 50, 0, 300000, 600000},
        {1, 1, 0, 1000, 2000},
        {10, 1, 60, 60000, 66000}, /* the provider asks for more */
        {10, 1, 5, 10000, 20000},  /* … or for less */
        {10, 9, 900, 900000, 990000},
    };
    static const uint32_t randoms[] = {0, 1, 49, 50, 99, 12345, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t r = 0; r < sizeof randoms / sizeof *randoms; r++) {
            int64_t delay_ms = due_delay_ms(cases[i].first_s, cases[i].times,
                                            cases[i].retry_after_s, randoms[r]);
            assert_in_range(delay_ms, cases[i].least_ms, cases[i].most_ms);
        }
    }
}

static void due_delay__differs_from_target_to_target(void **state)
{
    (void)state;
    assert_int_not_equal(due_delay_ms(10, 1, 0, 1), due_delay_ms(10, 1, 0, 77));
    assert_int_not_equal(due_delay_ms(10, 1, 60, 1),
                         due_delay_ms(10, 1, 60, 77));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(due_delay__doubles_and_stays_within_bounds),
        cmocka_unit_test(due_delay__differs_from_target_to_target),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/backoff.h"

#include "tests/support/cmocka_test.h"
#include <limits.h>

static const struct backoff BACKOFF = {.base_ms = 500, .cap_ms = 30000};

static void delay__doubles_up_to_the_cap(void **state)
{
    static const struct {
        unsigned attempt;
        int64_t whole_ms;
    } cases[] = {{0, 500},   {1, 1000},  {2, 2000},   {5, 16000},
                 {6, 30000}, {7, 30000}, {64, 30000}, {UINT_MAX, 30000}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t half_ms = cases[i].whole_ms / 2;
        assert_int_equal(backoff_delay_ms(&BACKOFF, cases[i].attempt, 0),
                         half_ms);
        assert_int_equal(
            backoff_delay_ms(&BACKOFF, cases[i].attempt, (uint32_t)half_ms),
            cases[i].whole_ms);
    }
}

static void delay__is_between_the_half_and_the_whole(void **state)
{
    static const struct backoff backoffs[] = {
        {500, 30000}, {1, 1}, {3, 1000}, {1000, 10}, {1, INT64_MAX / 4}};

    (void)state;
    for (size_t b = 0; b < COUNT(backoffs); b++) {
        for (unsigned attempt = 0; attempt < 70; attempt++) {
            int64_t low = backoff_delay_ms(&backoffs[b], attempt, 0);
            assert_true(low >= 0);
            for (uint32_t random = 1; random != 0; random *= 3) {
                int64_t delay = backoff_delay_ms(&backoffs[b], attempt, random);
                assert_true(delay >= low && delay <= backoffs[b].cap_ms);
                assert_true(delay <= 2 * low + 1);
                if (random > UINT32_MAX / 3) {
                    break;
                }
            }
        }
    }
}

static void random__is_not_the_same_all_the_time(void **state)
{
    uint32_t first = random_u32();
    int same = 0;

    (void)state;
    for (int i = 0; i < 16; i++) {
        same += random_u32() == first;
    }
    assert_true(same < 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay__doubles_up_to_the_cap),
        cmocka_unit_test(delay__is_between_the_half_and_the_whole),
        cmocka_unit_test(random__is_not_the_same_all_the_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/latency.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>

enum { MANY = 20000 };

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

/* The value of that rank, by definition. */
static int64_t truth(const int64_t *sorted, size_t count, uint64_t millionths)
{
    uint64_t rank = (count * millionths + 999999) / 1000000;

    return sorted[rank > 0 ? rank - 1 : 0];
}

static uint64_t next(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963);
    return *seed >> 33;
}

/* Values of all sizes: a random number of random bits. */
static void fill(int64_t *values, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++) {
        unsigned bits = (unsigned)(next(&seed) % 31);
        values[i] = (int64_t)(next(&seed) & ((UINT64_C(1) << bits) - 1));
    }
}

static void percentiles__are_those_of_the_sorted_values(void **state)
{
    static const uint64_t SHARES[] = {1,      1000,   100000, 250000, 500000,
                                      750000, 900000, 990000, 999000, 1000000};
    static int64_t values[MANY];

    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct latency latency = {0};
        size_t count = seed == 1 ? 1 : (size_t)(next(&(uint64_t){seed}) % MANY);
        fill(values, count, seed);
        for (size_t i = 0; i < count; i++) {
            latency_note(&latency, values[i]);
        }
        qsort(values, count, sizeof *values, by_value);
        for (size_t i = 0; i < sizeof SHARES / sizeof *SHARES; i++) {
            int64_t expected = truth(values, count, SHARES[i]);
            int64_t is = latency_within(&latency, SHARES[i]);
            assert_true(is >= expected);
            assert_true(is - expected <= expected / 128);
        }
        assert_int_equal(latency.max_us, values[count - 1]);
        assert_int_equal(latency_within(&latency, 1000000), latency.max_us);
    }
}

static void short_times__are_exact(void **state)
{
    (void)state;
    for (int64_t us = 0; us < 256; us++) {
        struct latency latency = {0};
        latency_note(&latency, us);
        latency_note(&latency, 100000);
        assert_int_equal(latency_within(&latency, 500000), us);
    }
}

static void a_share_of_few__is_rounded_up_to_one_of_them(void **state)
{
    struct latency latency = {0};

    (void)state;
    for (int64_t us = 1; us <= 100; us++) {
        latency_note(&latency, us);
    }
    assert_int_equal(latency_within(&latency, 990000), 99);
    assert_int_equal(latency_within(&latency, 990001), 100);
    assert_int_equal(latency_within(&latency, 999000), 100);
    assert_int_equal(latency_within(&latency, 500000), 50);
    assert_int_equal(latency_within(&latency, 0), 1);
}

static void extremes__have_their_place(void **state)
{
    struct latency latency = {0};

    (void)state;
    assert_int_equal(latency_within(&latency, 500000), 0);
    latency_note(&latency, -5);
    assert_int_equal(latency_within(&latency, 500000), 0);
    latency_note(&latency, INT64_MAX);
    latency_note(&latency, INT64_C(1) << 31);
    assert_int_equal(latency.count, 3);
    assert_int_equal(latency.max_us, INT64_MAX);
    assert_int_equal(latency_within(&latency, 1000000), (1LL << 31) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles__are_those_of_the_sorted_values),
        cmocka_unit_test(short_times__are_exact),
        cmocka_unit_test(a_share_of_few__is_rounded_up_to_one_of_them),
        cmocka_unit_test(extremes__have_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/sums.h"

#include "tests/support/cmocka_test.h"

static void sums__add_up_and_are_sorted(void **state)
{
    sums_t *sums = sums_new();
    struct sum top[4];

    (void)state;
    assert_int_equal(sums_top(sums, top, 4), 0);
    sums_add(sums, "b", 3);
    sums_add(sums, "a", 1);
    sums_add(sums, "c", 4);
    sums_add(sums, "a", 2);
    assert_int_equal(sums_total(sums), 10);
    assert_int_equal(sums_count(sums), 3);
    assert_int_equal(sums_top(sums, top, 4), 3);
    assert_string_equal(top[0].name, "c");
    assert_int_equal(top[0].number, 4);
    assert_string_equal(top[1].name, "a");
    assert_int_equal(top[1].number, 3);
    assert_string_equal(top[2].name, "b");
    assert_int_equal(sums_top(sums, top, 1), 1);
    assert_string_equal(top[0].name, "c");
    sums_destroy(&sums);
    sums_destroy(&sums);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums__add_up_and_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/nearest.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

static void slips__are_the_fewest_that_lead_from_one_to_the_other(void **state)
{
    static const struct {
        const char *a, *b;
        size_t slips;
    } cases[] = {
        {"", "", 0},
        {"secret", "secret", 0},
        {"", "abc", 3},
        {"secret", "secert", 1},  /* two swapped */
        {"secret", "secet", 1},   /* one left out */
        {"secret", "seccret", 1}, /* one too many */
        {"secret", "sacret", 1},  /* another one */
        {"kitten", "sitting", 3},
        {"ab", "ba", 1},
        {"abcd", "badc", 2},
        {"ca", "abc", 3}, /* no letter is touched twice */
        {"host", "WAKEBUS", 7},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(nearest_slips(cases[i].a, cases[i].b), cases[i].slips);
        assert_int_equal(nearest_slips(cases[i].b, cases[i].a), cases[i].slips);
    }
}

static void slips__of_a_name_that_is_too_long_are_all_of_it(void **state)
{
    char name[NEAREST_MAX + 2];

    (void)state;
    memset(name, 'x', sizeof name);
    name[NEAREST_MAX + 1] = '\0';
    assert_int_equal(nearest_slips(name, "x"), NEAREST_MAX + 1);
    name[NEAREST_MAX] = '\0';
    assert_int_equal(nearest_slips(name, "x"), NEAREST_MAX - 1);
    assert_int_equal(nearest_slips(name, name), 0);
}

static void slips_allowed__grow_with_the_name(void **state)
{
    (void)state;
    assert_int_equal(nearest_slips_allowed(""), 0);
    assert_int_equal(nearest_slips_allowed("on"), 0);
    assert_int_equal(nearest_slips_allowed("jid"), 1);
    assert_int_equal(nearest_slips_allowed("frontend"), 2);
    assert_int_equal(nearest_slips_allowed("service_account_file"), 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slips__are_the_fewest_that_lead_from_one_to_the_other),
        cmocka_unit_test(slips__of_a_name_that_is_too_long_are_all_of_it),
        cmocka_unit_test(slips_allowed__grow_with_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

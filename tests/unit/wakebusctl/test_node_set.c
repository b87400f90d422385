/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/node_set.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>

static void set__knows_what_it_has_met(void **state)
{
    enum { MANY = 10000 };
    struct node_set set = {0};
    char node[32];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(node, sizeof node, "AA%010d", i);
            assert_int_equal(node_set_add(&set, node), round == 0);
        }
    }
    assert_int_equal(set.count, MANY);
    assert_true(node_set_add(&set, "AB0000000000"));
    node_set_free(&set);
    assert_int_equal(set.count, 0);
    node_set_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(set__knows_what_it_has_met),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

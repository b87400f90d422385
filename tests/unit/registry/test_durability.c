/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/durability.h"
#include "tests/support/cmocka_test.h"

static void durability__needs_a_log_that_can_be_written(void **state)
{
    static const struct {
        const char *info;
        bool durable;
    } cases[] = {
        {"# Persistence\r\nloading:0\r\naof_enabled:1\r\n"
         "aof_last_bgrewrite_status:ok\r\naof_last_write_status:ok\r\n",
         true},
        {"aof_last_write_status:ok\r\naof_enabled:1", true},
        {"aof_enabled:0\r\naof_last_write_status:ok\r\n", false},
        {"aof_enabled:1\r\naof_last_write_status:err\r\n", false},
        {"aof_enabled:1\r\naof_last_bgrewrite_status:ok\r\n", false},
        {"aof_enabled:10\r\naof_last_write_status:ok\r\n", false},
        {"not_aof_enabled:1\r\naof_last_write_status:ok\r\n", false},
        {"not_aof_enabled:1\r\naof_enabled:1\r\naof_last_write_status:ok\r\n",
         true},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(durability_read(cases[i].info), cases[i].durable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durability__needs_a_log_that_can_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

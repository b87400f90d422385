/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Replies of Redis 7.0. */
static void fault__is_known_by_how_the_error_begins(void **state)
{
    static const struct {
        const char *error, *state;
    } cases[] = {
        {"LOADING Redis is loading the dataset in memory", "LOADING"},
        {"READONLY You can't write against a read only replica. script: f0e1",
         "READONLY"},
        {"MASTERDOWN Link with MASTER is down", "MASTERDOWN"},
        {"OOM command not allowed when used memory > 'maxmemory'. script: f0",
         "OOM"},
        {"MISCONF Redis is configured to save RDB snapshots, but", "MISCONF"},
        {"NOAUTH Authentication required.", "NOAUTH"},
        {"WRONGPASS invalid username-password pair or user is disabled.",
         "WRONGPASS"},
        {"NOPERM User wakebus has no permissions to run the 'eval' command",
         "NOPERM"},
        {"MOVED 3999 127.0.0.1:6381", "MOVED"},
        {"CLUSTERDOWN The cluster is down", "CLUSTERDOWN"},
        {"TRYAGAIN Multiple keys request during rehashing", "TRYAGAIN"},
        {"BUSY", "BUSY"},
        {"ERR max number of clients reached", "ERR max number of clients"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct redis_fault *fault = redis_fault_of(cases[i].error);
        assert_string_equal(fault->state, cases[i].state);
        assert_non_null(fault->remedy);
    }
}

static void fault__is_strange_when_unknown(void **state)
{
    static const char *const errors[] = {
        "", "ERR unknown command 'HMGET', with args beginning with: 'secret'",
        "LOADINGX", "loading", "WRONGTYPE Operation against a key"};

    (void)state;
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        assert_ptr_equal(redis_fault_of(errors[i]), &REDIS_STRANGE);
    }
}

static void only_a_replica__is_left_for_another_server(void **state)
{
    (void)state;
    assert_true(redis_fault_of("READONLY")->elsewhere);
    assert_true(redis_fault_of("MASTERDOWN")->elsewhere);
    assert_false(redis_fault_of("OOM")->elsewhere);
    assert_false(redis_fault_of("ERR")->elsewhere);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault__is_known_by_how_the_error_begins),
        cmocka_unit_test(fault__is_strange_when_unknown),
        cmocka_unit_test(only_a_replica__is_left_for_another_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

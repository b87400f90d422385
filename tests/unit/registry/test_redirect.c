/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redirect.h"
#include "tests/support/cmocka_test.h"

#include <stdio.h>
#include <string.h>

static void redirect__is_read(void **state)
{
    static const struct {
        const char *error;
        struct redirect want;
    } cases[] = {
        {"MOVED 3999 127.0.0.1:6381",
         {.slot = 3999, .place = {.host = "127.0.0.1", .port = 6381}}},
        {"ASK 0 redis-2.redis:1",
         {.once = true, .place = {.host = "redis-2.redis", .port = 1}}},
        {"MOVED 16383 ::1:7000",
         {.slot = 16383, .place = {.host = "::1", .port = 7000}}},
        {"MOVED 7 :6381", {.slot = 7, .place = {.port = 6381}}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct redirect *want = &cases[i].want;
        struct redirect got;
        assert_int_equal(redirect_parse(&got, cases[i].error), 0);
        assert_int_equal(got.once, want->once);
        assert_int_equal(got.slot, want->slot);
        assert_string_equal(got.place.host, want->place.host);
        assert_int_equal(got.place.port, want->place.port);
    }
}

static void other_errors__are_none(void **state)
{
    static const char *const cases[] = {
        "",
        "MOVED",
        "MOVED ",
        "MOVED 1",
        "MOVED 1 ",
        "MOVED 1 host",
        "MOVED 1 host:",
        "MOVED 1 host:0",
        "MOVED 1 host:65536",
        "MOVED 1 host:7x",
        "MOVED 16384 host:7",
        "MOVED -1 host:7",
        "MOVED x host:7",
        "MOVED  host:7",
        "MOVED 99999999999999999999 host:7",
        "MOVEDX 1 host:7",
        "ASKING 1 host:7",
        "moved 1 host:7",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "CLUSTERDOWN Hash slot not served",
    };
    struct redirect got;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(redirect_parse(&got, cases[i]), -1);
    }
}

static void a_host_that_is_too_long__is_none(void **state)
{
    char error[400] = "MOVED 1 ";
    struct redirect got;

    (void)state;
    memset(error + strlen(error), 'a', sizeof got.place.host);
    snprintf(error + strlen(error), 8, ":7");
    assert_int_equal(redirect_parse(&got, error), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirect__is_read),
        cmocka_unit_test(other_errors__are_none),
        cmocka_unit_test(a_host_that_is_too_long__is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

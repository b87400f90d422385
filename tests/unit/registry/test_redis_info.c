/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_info.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

static const char INFO[] = "# Server\r\n"
                           "redis_version:7.0.15\r\n"
                           "redis_version_x:8\r\n"
                           "used_memory:1234567890123\r\n"
                           "used_memory_human:1.12T\r\n"
                           "empty:\r\n"
                           "negative:-1\r\n"
                           "\r\n"
                           "# Last\r\n"
                           "not_loading:1\r\n"
                           "loading:0";

static void text__is_the_value_of_its_line(void **state)
{
    static const struct {
        const char *name;
        const char *value; /* NULL: there is none */
    } cases[] = {
        {"redis_version", "7.0.15"},
        {"redis_version_x", "8"},
        {"empty", ""},
        {"loading", "0"},
        {"version", NULL},
        {"redis_versio", NULL},
        {"Last", NULL},
        {"7.0.15", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[32] = "untouched";
        bool found = redis_info_text(INFO, cases[i].name, text, sizeof text);
        assert_int_equal(found, cases[i].value != NULL);
        assert_string_equal(text,
                            cases[i].value ? cases[i].value : "untouched");
    }
}

static void text__is_cut_to_its_room(void **state)
{
    char text[4];

    (void)state;
    assert_true(redis_info_text(INFO, "redis_version", text, sizeof text));
    assert_string_equal(text, "7.0");
}

static void number__is_whole_and_not_negative(void **state)
{
    (void)state;
    assert_int_equal(redis_info_number(INFO, "used_memory"), 1234567890123);
    assert_int_equal(redis_info_number(INFO, "loading"), 0);
    assert_int_equal(redis_info_number(INFO, "used_memory_human"), -1);
    assert_int_equal(redis_info_number(INFO, "negative"), -1);
    assert_int_equal(redis_info_number(INFO, "empty"), -1);
    assert_int_equal(redis_info_number(INFO, "absent"), -1);
}

static void is__compares_the_whole(void **state)
{
    (void)state;
    assert_true(redis_info_is(INFO, "loading", "0"));
    assert_false(redis_info_is(INFO, "loading", "00"));
    assert_false(redis_info_is(INFO, "redis_version", "7.0"));
    assert_false(redis_info_is(INFO, "absent", ""));
    assert_true(redis_info_is(INFO, "empty", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__is_the_value_of_its_line),
        cmocka_unit_test(text__is_cut_to_its_room),
        cmocka_unit_test(number__is_whole_and_not_negative),
        cmocka_unit_test(is__compares_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

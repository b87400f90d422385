/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/text.h"

#include "tests/support/cmocka_test.h"

static void time__is_as_in_the_log_and_nothing_if_unknown(void **state)
{
    char out[TEXT_TIME_ROOM];

    (void)state;
    text_time(out, 1795451930973);
    assert_string_equal(out, "2026-11-23T16:38:50Z");
    text_time(out, 0);
    assert_string_equal(out, "");
}

static void plain__has_nothing_that_a_terminal_obeys(void **state)
{
    static const struct {
        const char *text, *plain;
    } cases[] = {
        {NULL, ""},
        {"example.org", "example.org"},
        {"\x1b[31mred\n", "?[31mred?"},
        {"\xc2\x9b"
         "31m",
         "??31m"},
        {"m\xc3\xbcnchen.de", "m\xc3\xbcnchen.de"},
        {"\xc2\xa7", "\xc2\xa7"},
        {"0123456789abcdefg", "0123456789abcde"},
        {"\x7f", "?"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[16];
        text_plain(out, sizeof out, cases[i].text);
        assert_string_equal(out, cases[i].plain);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time__is_as_in_the_log_and_nothing_if_unknown),
        cmocka_unit_test(plain__has_nothing_that_a_terminal_obeys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

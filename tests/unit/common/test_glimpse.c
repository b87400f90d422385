/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/glimpse.h"

#include "tests/support/cmocka_test.h"

static void token__shows_its_end_and_a_quarter_at_most(void **state)
{
    static const struct {
        const char *token, *shown;
    } cases[] = {
        {"", ""},
        {"abc", ""},
        {"abcd", "d"},
        {"abcdefghijkl", "jkl"},
        {"0123456789012345678901234567890x", "4567890x"},
        {"0123456789012345678901234567890123456789abcdefgh", "abcdefgh"},
        {"0123456789012345678901234567890123456789abc\x1b\xc3\xa4 h",
         "abc????h"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[GLIMPSE_ROOM];
        glimpse_of_token(out, cases[i].token);
        assert_string_equal(out, cases[i].shown);
    }
}

static void hash__shows_its_first_8_digits(void **state)
{
    char out[GLIMPSE_ROOM];

    (void)state;
    glimpse_of_hash(out, "ec164939a8485ee6b7f7871071a11c7bb18aead5");
    assert_string_equal(out, "ec164939");
    glimpse_of_hash(out, NULL);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token__shows_its_end_and_a_quarter_at_most),
        cmocka_unit_test(hash__shows_its_first_8_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

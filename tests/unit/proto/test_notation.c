/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/notation.h"

#include "tests/support/cmocka_test.h"

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"

static void hash__is_40_lowercase_hex_digits(void **state)
{
    static const char *const wrong[] = {
        "",
        "ec16",
        "ec164939a8485ee6b7f7871071a11c7bb18aead50",
        "EC164939A8485EE6B7F7871071A11C7BB18AEAD5",
        "gc164939a8485ee6b7f7871071a11c7bb18aead5",
        "\xc3\xa9-4939a8485ee6b7f7871071a11c7bb18aead5a"};

    (void)state;
    assert_true(hash_is_valid(DEVICE));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(hash_is_valid(wrong[i]));
    }
}

static void node__is_12_characters_of_base64(void **state)
{
    static const char *const wrong[] = {"",
                                        "7Bcdefghijk",
                                        "7Bcdefghijklm",
                                        "7Bcdefghijk=",
                                        "7B}:node:abc",
                                        "7Bcdefghij_-"};

    (void)state;
    assert_true(node_is_valid("7Bcdefghi+/0"));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(node_is_valid(wrong[i]));
    }
}

static void secret__is_24_characters_of_base64(void **state)
{
    (void)state;
    assert_true(secret_is_valid("KK4+H5WMfpRG/2zCbuKq6wpX"));
    assert_false(secret_is_valid("KK4+H5WMfpRG/2zCbuKq6wp"));
    assert_false(secret_is_valid("KK4+H5WMfpRG/2zCbuKq6wpXx"));
    assert_false(secret_is_valid("KK4+H5WMfpRG/2zCbuKq6w=="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash__is_40_lowercase_hex_digits),
        cmocka_unit_test(node__is_12_characters_of_base64),
        cmocka_unit_test(secret__is_24_characters_of_base64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

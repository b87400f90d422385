/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/sealed_keys.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SIXTEEN "0123456789abcdef"
#define KEY SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define OTHER_KEY SIXTEEN SIXTEEN SIXTEEN "0123456789abcdee"

static void keys__are_lines_of_hex_digits(void **state)
{
    static const struct {
        const char *text;
        size_t count;
    } cases[] = {
        {KEY, 1},
        {KEY "\n", 1},
        {KEY "\n" OTHER_KEY "\n", 2},
        {KEY "\r\n" OTHER_KEY, 2},
        {"# since 2026-11\n" KEY "\n\n  \n # before\n\t" OTHER_KEY "  \n", 2},
        {"0123456789ABCDEF" SIXTEEN SIXTEEN SIXTEEN, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault = {0};
        struct sealed_keys *keys = sealed_keys_parse(cases[i].text, &fault);
        assert_non_null(keys);
        assert_int_equal(keys->count, cases[i].count);
        sealed_keys_destroy(&keys);
        assert_null(keys);
    }
}

static void other_lines__are_refused_by_number(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"", "holds no key"},
        {"\n# none yet\n", "holds no key"},
        {"0", "line 1 is no key of 64 hex digits"},
        {KEY "0", "line 1 is no key of 64 hex digits"},
        {"\n" KEY KEY, "line 2 is no key of 64 hex digits"},
        {KEY "\nsecret\n", "line 2 is no key of 64 hex digits"},
        {"g123456789abcdef" SIXTEEN SIXTEEN SIXTEEN,
         "line 1 is no key of 64 hex digits"},
        {"@123456789abcdef" SIXTEEN SIXTEEN SIXTEEN,
         "line 1 is no key of 64 hex digits"},
        /* 0x10 and 0x20 apart from digits */
        {"\x10"
         "123456789abcdef" SIXTEEN SIXTEEN SIXTEEN,
         "line 1 is no key of 64 hex digits"},
        {KEY " # old", "line 1 is no key of 64 hex digits"},
        {KEY "\n" OTHER_KEY "\n" KEY, "line 3 has a key that stands above"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault = {0};
        assert_null(sealed_keys_parse(cases[i].text, &fault));
        assert_string_equal(fault.why, cases[i].why);
        assert_non_null(fault.remedy);
    }
}

static void too_many__are_refused(void **state)
{
    char text[(SEALED_KEYS_MAX + 1) * 65 + 1];
    struct fault fault = {0};

    (void)state;
    for (int i = 0; i <= SEALED_KEYS_MAX; i++) {
        snprintf(text + 65 * i, 66, "%s%016x\n", SIXTEEN SIXTEEN SIXTEEN, i);
    }
    assert_null(sealed_keys_parse(text, &fault));
    assert_string_equal(fault.why, "has more than 16 keys");
    text[65 * SEALED_KEYS_MAX] = '\0';
    struct sealed_keys *keys = sealed_keys_parse(text, &fault);
    assert_non_null(keys);
    assert_int_equal(keys->count, SEALED_KEYS_MAX);
    sealed_keys_destroy(&keys);
}

/* Nodes live for years: what is made of a key must stay the same. */
static void derived__is_hkdf_expand(void **state)
{
    static const unsigned char id[] = {0x47, 0xbf, 0x0c, 0xa5};
    struct fault fault = {0};
    struct sealed_keys *keys = sealed_keys_parse(KEY, &fault);

    (void)state;
    assert_non_null(keys);
    const struct sealed_key *key = sealed_keys_find(keys, id);
    assert_ptr_equal(key, &keys->items[0]);
    assert_int_equal(key->cipher[0], 0xef);
    assert_int_equal(key->cipher[63], 0xf8);
    assert_int_equal(key->secret[0], 0x1d);
    assert_memory_not_equal(key->cipher, key->secret, sizeof key->cipher);
    sealed_keys_destroy(&keys);
}

static void ids__tell_keys_apart(void **state)
{
    static const unsigned char none[SEALED_KEY_ID_SIZE] = {1, 2, 3, 4};
    struct fault fault = {0};
    struct sealed_keys *keys =
        sealed_keys_parse(KEY "\n" OTHER_KEY "\n", &fault);

    (void)state;
    for (size_t i = 0; i < keys->count; i++) {
        assert_ptr_equal(sealed_keys_find(keys, keys->items[i].id),
                         &keys->items[i]);
    }
    assert_null(sealed_keys_find(keys, none));
    sealed_keys_destroy(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys__are_lines_of_hex_digits),
        cmocka_unit_test(other_lines__are_refused_by_number),
        cmocka_unit_test(too_many__are_refused),
        cmocka_unit_test(derived__is_hkdf_expand),
        cmocka_unit_test(ids__tell_keys_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

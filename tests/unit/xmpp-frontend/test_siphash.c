/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/siphash.h"

#include "tests/support/cmocka_test.h"

/* The key 00 01 … 0f, as in the paper. */
static const struct siphash_key KEY = {
    {0x0706050403020100, 0x0f0e0d0c0b0a0908}};

/* Of the bytes 00 01 …; that of 15 is the paper's own example, the others are
 * what OpenSSL makes of it. */
static void hash__is_siphash_2_4(void **state)
{
    static const struct {
        size_t size;
        uint64_t hash;
    } cases[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},
        {7, 0xab0200f58b01d137},  {8, 0x93f5f5799a932462},
        {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    unsigned char bytes[64];

    (void)state;
    for (size_t i = 0; i < COUNT(bytes); i++) {
        bytes[i] = (unsigned char)i;
    }
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(siphash(&KEY, bytes, cases[i].size) == cases[i].hash);
    }
}

static void text__tells_where_one_ends_and_the_next_begins(void **state)
{
    uint64_t a_bc = siphash_text(&KEY, siphash_text(&KEY, 0, "a"), "bc");
    uint64_t ab_c = siphash_text(&KEY, siphash_text(&KEY, 0, "ab"), "c");
    uint64_t abc = siphash_text(&KEY, 0, "abc");

    (void)state;
    assert_true(abc == siphash(&KEY, "abc", 3));
    assert_true(a_bc != ab_c && ab_c != abc && abc != a_bc);
    assert_true(siphash_text(&KEY, abc, NULL) == siphash_text(&KEY, abc, ""));
    assert_true(siphash_text(&KEY, abc, NULL) != abc);
}

static void hash__is_another_under_another_key(void **state)
{
    struct siphash_key other = KEY;

    (void)state;
    for (int i = 0; i < 2; i++) {
        other.words[i]++;
        assert_true(siphash_text(&other, 0, "a") != siphash_text(&KEY, 0, "a"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash__is_siphash_2_4),
        cmocka_unit_test(text__tells_where_one_ends_and_the_next_begins),
        cmocka_unit_test(hash__is_another_under_another_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

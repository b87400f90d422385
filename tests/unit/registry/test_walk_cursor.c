/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/walk_cursor.h"

#include "tests/support/cmocka_test.h"

static void cursor__makes_the_round_trip(void **state)
{
    static const char *const texts[] = {
        "0/1/0/-",
        "0/1/1310/0c5d1f7a",
        "63/64/18446744073709551615/ffffffff",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct walk_cursor cursor;
        char again[CURSOR_ROOM];
        assert_true(walk_cursor_read(&cursor, texts[i]));
        walk_cursor_print(&cursor, again);
        assert_string_equal(again, texts[i]);
    }
}

static void cursor__is_no_other_text(void **state)
{
    static const char *const texts[] = {
        "",
        "x",
        "0",
        "0/1",
        "0/1/",
        "0/1/5",
        "0/1/5/",
        "1/1/0/-",
        "0/0/0/-",
        "0/1/x/-",
        "0/1/-5/-",
        "0/1/5/ABC",
        "0/1/5/-x",
        "0/1/5/- ",
        "-1/1/5/-",
        "0/1/5/-\n",
        "0/1/0123456789012345678901/-",
        "0/1/5/0123456789abcdef",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct walk_cursor cursor;
        if (walk_cursor_read(&cursor, texts[i])) {
            print_error("taken: \"%s\"\n", texts[i]);
            fail();
        }
    }
}

static void advance__leads_through_all_servers(void **state)
{
    struct walk_cursor cursor;
    char text[CURSOR_ROOM];

    (void)state;
    walk_cursor_begin(&cursor, 2);
    walk_cursor_print(&cursor, text);
    assert_string_equal(text, "0/2/0/-");
    assert_true(walk_cursor_advance(&cursor, "17", "aaaa"));
    walk_cursor_print(&cursor, text);
    assert_string_equal(text, "0/2/17/aaaa");
    assert_true(walk_cursor_advance(&cursor, "0", "aaaa"));
    walk_cursor_print(&cursor, text);
    assert_string_equal(text, "1/2/0/-");
    assert_true(walk_cursor_advance(&cursor, "5", ""));
    walk_cursor_print(&cursor, text);
    assert_string_equal(text, "1/2/5/-");
    assert_false(walk_cursor_advance(&cursor, "0", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor__makes_the_round_trip),
        cmocka_unit_test(cursor__is_no_other_text),
        cmocka_unit_test(advance__leads_through_all_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

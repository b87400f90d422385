/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/walk_page.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_row(const struct walk_row *row, const char *first,
                       const char *second, int64_t a, int64_t b)
{
    assert_string_equal(row->first, first);
    assert_string_equal(row->second, second);
    assert_int_equal(row->a, a);
    assert_int_equal(row->b, b);
}

static void page__has_a_row_for_each_line(void **state)
{
    struct walk_page page = {.counts = false};

    (void)state;
    assert_true(walk_page_add(&page, ""));
    assert_int_equal(page.count, 0);
    assert_true(walk_page_add(&page, "node1\tapp\t1790000000000\t5\n"
                                     "node1\tapp\t\t-3\n"
                                     "node2"));
    assert_int_equal(page.count, 3);
    assert_row(&page.rows[0], "node1", "app", 1790000000000, 5);
    assert_row(&page.rows[1], "node1", "app", 0, 0);
    assert_row(&page.rows[2], "node2", "", 0, 0);
    walk_page_release(&page);
}

static void counts__of_the_same_are_added_up(void **state)
{
    struct walk_page page = {.counts = true};

    (void)state;
    assert_true(walk_page_add(&page, "a\td.example\t3\na\te.example\t1"));
    assert_true(walk_page_add(&page, "a\td.example\t4\nb\td.example\t1"));
    assert_int_equal(page.count, 3);
    assert_row(&page.rows[0], "a", "d.example", 7, 0);
    assert_row(&page.rows[1], "a", "e.example", 1, 0);
    assert_row(&page.rows[2], "b", "d.example", 1, 0);
    walk_page_release(&page);
}

static void page__holds_only_what_a_message_can(void **state)
{
    struct walk_page page = {.counts = false};
    char *lines = calloc(1, 5000);

    (void)state;
    assert_non_null(lines);
    assert_true(walk_page_add(&page, "\xff\tm\xc3\xbcnchen\t1\t2"));
    assert_row(&page.rows[0], "?", "m\xc3\xbcnchen", 1, 2);
    memset(lines, 'x', 1023);
    assert_true(walk_page_add(&page, lines));
    assert_string_equal(page.rows[1].first, lines);
    memset(lines, 'x', 1024);
    assert_true(walk_page_add(&page, lines));
    assert_string_equal(page.rows[2].first, "?");
    walk_page_release(&page);
    free(lines);
}

static void whole_targets__may_be_long(void **state)
{
    struct walk_page page = {.whole = true};
    char *lines = calloc(1, WALK_BYTES_MAX);

    (void)state;
    assert_non_null(lines);
    memset(lines, 'x', WALK_BYTES_MAX - 64);
    assert_true(walk_page_add(&page, lines));
    assert_string_equal(page.rows[0].first, lines);
    walk_page_release(&page);
    free(lines);
}

/* So many lines, each with so many bytes. */
static char *lines_of(size_t count, size_t bytes)
{
    char *lines = malloc(count * (bytes + 1) + 1);

    assert_non_null(lines);
    memset(lines, 'x', count * (bytes + 1));
    for (size_t i = 1; i <= count; i++) {
        lines[i * (bytes + 1) - 1] = '\n';
    }
    lines[count * (bytes + 1)] = '\0';
    return lines;
}

static void page__takes_all_lines_or_none(void **state)
{
    static const struct {
        size_t before, bytes, more;
        bool fits, full;
    } cases[] = {
        {0, 12, WALK_ROWS_MAX, true, true},
        {0, 12, WALK_ROWS_MAX + 1, false, false},
        {1, 12, WALK_ROWS_MAX, false, false},
        {127, 12, 0, true, false},
        {128, 12, 0, true, true},
        {0, 900, 58, true, true},
        {1, 900, 58, false, false},
        {43, 900, 0, true, false},
        {44, 900, 0, true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct walk_page page = {.counts = false};
        char *before = lines_of(cases[i].before, cases[i].bytes);
        char *more = lines_of(cases[i].more, cases[i].bytes);
        assert_true(walk_page_add(&page, before));
        assert_int_equal(walk_page_add(&page, more), cases[i].fits);
        assert_int_equal(page.count,
                         cases[i].before + (cases[i].fits ? cases[i].more : 0));
        assert_int_equal(walk_page_is_full(&page), cases[i].full);
        walk_page_release(&page);
        free(before);
        free(more);
    }
}

static void counts__are_taken_back_with_the_lines(void **state)
{
    struct walk_page page = {.counts = true};
    char *long_lines = malloc(60000);
    size_t used = 0;

    (void)state;
    assert_non_null(long_lines);
    assert_true(walk_page_add(&page, "a\td\t3"));
    used += (size_t)snprintf(long_lines, 60000, "a\td\t4");
    for (int i = 0; i < 300; i++) {
        used +=
            (size_t)snprintf(long_lines + used, 60000 - used, "\na\td%d\t1", i);
    }
    assert_false(walk_page_add(&page, long_lines));
    assert_int_equal(page.count, 1);
    assert_row(&page.rows[0], "a", "d", 3, 0);
    walk_page_release(&page);
    free(long_lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page__has_a_row_for_each_line),
        cmocka_unit_test(counts__of_the_same_are_added_up),
        cmocka_unit_test(page__holds_only_what_a_message_can),
        cmocka_unit_test(whole_targets__may_be_long),
        cmocka_unit_test(page__takes_all_lines_or_none),
        cmocka_unit_test(counts__are_taken_back_with_the_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

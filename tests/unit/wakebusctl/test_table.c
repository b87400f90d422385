/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/table.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static char *printed(const table_t *table)
{
    size_t size;
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    table_print(table, to);
    fclose(to);
    return text;
}

static void table__aligns_by_characters(void **state)
{
    table_t *table = table_new("lr");

    (void)state;
    table_add(table, "APP");
    table_add(table, "N");
    table_add(table, "m\xc3\xbcnchen");
    table_add_count(table, 12345);
    table_add(table, "x");
    table_add(table, NULL);
    char *text = printed(table);
    assert_string_equal(text, "APP           N\n"
                              "m\xc3\xbcnchen  12,345\n"
                              "x              \n");
    free(text);
    table_destroy(&table);
}

static void table__prints_whole_rows_that_terminals_do_not_obey(void **state)
{
    table_t *table = table_new("ll");

    (void)state;
    table_add(table, "\x1b[2J");
    table_add(table, "b");
    table_add(table, "half a row");
    char *text = printed(table);
    assert_string_equal(text, "?[2J  b\n");
    free(text);
    table_destroy(&table);
    table_destroy(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__aligns_by_characters),
        cmocka_unit_test(table__prints_whole_rows_that_terminals_do_not_obey),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

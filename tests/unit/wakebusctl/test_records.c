/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/records.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct records_format TABS = {'\t', false, true};
static const struct records_format DUMP = {',', true, true};
static const struct records_format CSV = {',', true, false};

/* "2 a|b|~" for the fields a, b and none of a record that begins in line 2, or
 * "2 ! why"; a semicolon behind each record. To be freed. */
static char *spell(const char *text, size_t size,
                   const struct records_format *format)
{
    struct records records;
    struct record record;
    char *copy = malloc(size + 1);
    char *spelt = NULL;
    size_t spelt_size;
    FILE *out = open_memstream(&spelt, &spelt_size);

    assert_non_null(copy);
    assert_non_null(out);
    memcpy(copy, text, size);
    records_begin(&records, copy, size, format);
    while (records_next(&records, &record)) {
        fprintf(out, "%zu ", record.line);
        for (size_t i = 0; i < record.count; i++) {
            const char *field = record.fields[i];
            fprintf(out, "%s%s", i > 0 ? "|" : "", field ? field : "~");
        }
        fprintf(out, "%s%s;", record.why != NULL ? "! " : "",
                record.why != NULL ? record.why : "");
    }
    fclose(out);
    free(copy);
    return spelt;
}

struct reading {
    const char *text, *spelt;
};

static void check(const struct reading *readings, size_t count,
                  const struct records_format *format)
{
    for (size_t i = 0; i < count; i++) {
        char *spelt = spell(readings[i].text, strlen(readings[i].text), format);
        assert_string_equal(spelt, readings[i].spelt);
        free(spelt);
    }
}

#define CHECK(readings, format)                                                \
    check(readings, sizeof(readings) / sizeof *(readings), format)

static void tabs__separate_and_backslashes_escape(void **state)
{
    static const struct reading readings[] = {
        {"", ""},
        {"\n\r\n\n", ""},
        {"a", "1 a;"},
        {"a\tb\n", "1 a|b;"},
        {"a\tb\r\nc\t\r\n", "1 a|b;2 c|;"},
        {"\t\n", "1 |;"},
        {"\n\na\n", "3 a;"},
        {"a\\tb\\nc\\\\d\\re\tf", "1 a\tb\nc\\d\re|f;"},
        {"a\\\tb\\\nc\td\ne", "1 a\tb\nc|d;3 e;"},
        {"\\N\tN\t\\\\N\tNULL\tNULLS\t\\NX", "1 ~|N|\\N|~|NULLS|NX;"},
        {"\"a\"\t'b'\n", "1 \"a\"|'b';"},
        {"a\\", "1 ! ends with a backslash;"},
        {"a\\0b\tc\nd", "1 ! has a NUL in it;2 d;"},
        {"\\b\\Z\\q", "1 \b\032q;"},
    };

    (void)state;
    CHECK(readings, &TABS);
}

static void mysqldump__quotes_and_escapes(void **state)
{
    static const struct reading readings[] = {
        {"\"a\",\"b,c\",\"\"\n", "1 a|b,c|;"},
        {"\"a\\\"b\",\"c\\\nd\"\n\"e\"", "1 a\"b|c\nd;3 e;"},
        {"\\N,\"\\N\",NULL,\"NULL\"", "1 ~|N|~|NULL;"},
        {"a,b\n", "1 a|b;"},
        {"\"a", "1 ! has a quote that is not closed, so that all behind it is "
                "unread;"},
    };

    (void)state;
    CHECK(readings, &DUMP);
}

static void csv__is_that_of_rfc_4180(void **state)
{
    static const struct reading readings[] = {
        {"a,\"b\",\"c,\"\"d\"\"\"\r\ne,f\\n,\r\n", "1 a|b|c,\"d\";2 e|f\\n|;"},
        {"\"a\r\nb\",c\r\nd\r\n", "1 a\r\nb|c;3 d;"},
        {"\\N,NULL,\"NULL\",\"\\N\"", "1 ~|~|NULL|\\N;"},
        {"\"a\"b,c\nd\n", "1 ! goes on behind a closing quote;2 d;"},
        {"\"a\"\r", "1 a;"},
        {"\"\"", "1 ;"},
        {"a\"b\",c", "1 a\"b\"|c;"},
    };

    (void)state;
    CHECK(readings, &CSV);
}

static void nul__is_refused_wherever_it_stands(void **state)
{
    char *spelt = spell("a\0b\tc\nd\n", 8, &TABS);

    (void)state;
    assert_string_equal(spelt, "1 ! has a NUL in it;2 d;");
    free(spelt);
}

static void fields__are_not_too_many(void **state)
{
    char text[FIELDS_MAX + 2];

    (void)state;
    memset(text, ',', sizeof text);
    char *spelt = spell(text, FIELDS_MAX - 1, &CSV);
    assert_int_equal(strlen(spelt), 2 + FIELDS_MAX - 1 + 1);
    free(spelt);
    spelt = spell(text, FIELDS_MAX, &CSV);
    assert_string_equal(spelt, "1 ! has too many fields;");
    free(spelt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabs__separate_and_backslashes_escape),
        cmocka_unit_test(mysqldump__quotes_and_escapes),
        cmocka_unit_test(csv__is_that_of_rfc_4180),
        cmocka_unit_test(nul__is_refused_wherever_it_stands),
        cmocka_unit_test(fields__are_not_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/flat.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void plain_objects__are_read(void **state)
{
    static const char frame[] =
        " { \"a\" : \"b\\\"\\\\\\/\\b\\f\\n\\r\\t\\\"\" ,\n\"\":-12,\t\"n\":0,"
        "\"e\":\"\",\"m\":-999999999999999999}\r\n";
    struct flat *flat = flat_read(frame, strlen(frame));

    (void)state;
    assert_non_null(flat);
    assert_int_equal(flat->count, 5);
    assert_string_equal(flat_find(flat, "a")->string, "b\"\\/\b\f\n\r\t\"");
    assert_int_equal(flat_find(flat, "a")->size, 10);
    assert_null(flat_find(flat, "")->string);
    assert_int_equal(flat_find(flat, "")->number, -12);
    assert_int_equal(flat_find(flat, "n")->number, 0);
    assert_string_equal(flat_find(flat, "e")->string, "");
    assert_int_equal(flat_find(flat, "e")->size, 0);
    assert_int_equal(flat_find(flat, "m")->number, -999999999999999999);
    assert_null(flat_find(flat, "b"));
    free(flat);
}

/* All of these are jansson's, be they JSON or not. */
static void all_else__is_left_to_others(void **state)
{
    static const char *const FRAMES[] = {
        "",
        "{",
        "}",
        "{}",
        "[]",
        "\"a\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1",
        "{\"a\":1,}",
        "{\"a\":1}}",
        "{\"a\":1}x",
        "{\"a\":1 \"b\":2}",
        "{,\"a\":1}",
        "{a:1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":\"b}",
        "{\"a\":\"b\\",
        "{\"a\":\"\\u0041\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\xc3\xa9\"}",
        "{\"a\":\"\x1f\"}",
        "{\"\xc3\xa9\":1}",
        "{\"a\":-}",
        "{\"a\":01}",
        "{\"a\":-01}",
        "{\"a\":+1}",
        "{\"a\":1.0}",
        "{\"a\":1e3}",
        "{\"a\":1E3}",
        "{\"a\":0x10}",
        "{\"a\":1234567890123456789}",
        "{\"a\":true}",
        "{\"a\":null}",
        "{\"a\":[\"b\"]}",
        "{\"a\":{}}",
        "{\"a\":1}\v",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(FRAMES); i++) {
        struct flat *flat = flat_read(FRAMES[i], strlen(FRAMES[i]));
        if (flat != NULL) {
            fail_msg("read: %s", FRAMES[i]);
        }
    }
    assert_null(flat_read("{\"a\":1}\0", 8));
    assert_null(flat_read("{\"a\":\"\0\"}", 9));
}

static void members__are_24_at_most(void **state)
{
    char frame[8 * (FLAT_MEMBERS_MAX + 2)] = "{";

    (void)state;
    for (int i = 0; i <= FLAT_MEMBERS_MAX; i++) {
        size_t size = strlen(frame);
        snprintf(frame + size, sizeof frame - size, "%s\"%c\":1}",
                 i > 0 ? "," : "", 'a' + i);
        struct flat *flat = flat_read(frame, strlen(frame));
        assert_int_equal(flat != NULL, i < FLAT_MEMBERS_MAX);
        free(flat);
        frame[strlen(frame) - 1] = '\0';
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_objects__are_read),
        cmocka_unit_test(all_else__is_left_to_others),
        cmocka_unit_test(members__are_24_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

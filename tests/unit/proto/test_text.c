/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/text.h"

#include "tests/support/cmocka_test.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* {"a":VALUE}, by us; NULL when we refuse. */
static char *ours(const char *value)
{
    struct text text;

    text_begin(&text);
    text_name(&text, "a");
    bool is_good = text_string(&text, value);
    char *whole = text_end(&text);
    if (!is_good) {
        free(whole);
        return NULL;
    }
    return whole;
}

static void check_as_jansson(const char *value)
{
    char *is = ours(value);
    json_t *root = json_pack("{s:s}", "a", value);
    char *expected = root != NULL ? json_dumps(root, JSON_COMPACT) : NULL;

    if (expected == NULL) {
        assert_null(is);
    } else {
        assert_non_null(is);
        assert_string_equal(is, expected);
    }
    free(expected);
    json_decref(root);
    free(is);
}

static void strings__are_as_jansson_writes_them(void **state)
{
    static const char *const VALUES[] = {
        "",
        "plain",
        "a\"b\\c/d",
        "\b\f\n\r\t\v\x1f\x7f",
        "d\xc3\xa9j\xc3\xa0 vu",
        "\xf0\x9f\x93\xb1 \xe2\x82\xac",
        "\xff",
        "a\xc3",
        "\xc0\x80",
        "\xed\xa0\x80",
        "\xf5\x80\x80\x80",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(VALUES); i++) {
        check_as_jansson(VALUES[i]);
    }
    for (int c = 1; c < 256; c++) {
        check_as_jansson((const char[]){'x', (char)c, 'y', '\0'});
    }
}

static void a_long_string__has_room(void **state)
{
    char value[5000];

    (void)state;
    memset(value, '\x01', sizeof value); /* six characters each */
    for (size_t size = 0; size < sizeof value; size += 97) {
        value[size] = '\0';
        check_as_jansson(value);
        value[size] = '\x01';
    }
}

static void members__stand_in_the_order_of_calls(void **state)
{
    struct text text;

    (void)state;
    text_begin(&text);
    text_name(&text, "a");
    text_integer(&text, INT64_MIN);
    text_name(&text, "b");
    text_open(&text, '[');
    text_item(&text);
    text_string(&text, "c");
    text_item(&text);
    text_open(&text, '{');
    text_name(&text, "d");
    text_string(&text, "[{");
    text_name(&text, "f");
    text_integer(&text, 1);
    text_close(&text, '}');
    text_close(&text, ']');
    text_name(&text, "e");
    text_open(&text, '[');
    text_close(&text, ']');
    char *whole = text_end(&text);
    assert_string_equal(
        whole, "{\"a\":-9223372036854775808,\"b\":[\"c\",{\"d\":\"[{\","
               "\"f\":1}],\"e\":[]}");
    free(whole);
    text_begin(&text);
    whole = text_end(&text);
    assert_string_equal(whole, "{}");
    free(whole);
}

static void a_member_without_value__is_left_out(void **state)
{
    struct text text;

    (void)state;
    text_begin(&text);
    assert_true(text_member(&text, "a", NULL));
    assert_true(text_member(&text, "b", "c"));
    assert_true(text_member(&text, "d", NULL));
    assert_false(text_member(&text, "e", "\xff"));
    text_name(&text, "f");
    text_true(&text);
    char *whole = text_end(&text);
    assert_string_equal(whole, "{\"b\":\"c\",\"e\":\"\xff\",\"f\":true}");
    free(whole);
}

static void what_is_written_already__goes_on(void **state)
{
    struct text text;

    (void)state;
    text_begin(&text);
    text_raw(&text, "\"a\":{", 5);
    text_member(&text, "b", "c");
    text_raw(&text, "}", 1);
    text_member(&text, "d", "e");
    char *whole = text_end(&text);
    assert_string_equal(whole, "{\"a\":{\"b\":\"c\"},\"d\":\"e\"}");
    free(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings__are_as_jansson_writes_them),
        cmocka_unit_test(a_long_string__has_room),
        cmocka_unit_test(a_member_without_value__is_left_out),
        cmocka_unit_test(what_is_written_already__goes_on),
        cmocka_unit_test(members__stand_in_the_order_of_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

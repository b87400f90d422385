/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/setting.h"

#include "proto/codec.h"
#include "tests/support/cmocka_test.h"
#include <string.h>

enum colour { GREEN, RED };

struct thing {
    const char *text;
    int64_t number;
    const char *secret;
    bool flag;
    enum colour colour;
    struct name_list list;
    json_t *object;
};

#define LINE(what, member)                                                     \
    {                                                                          \
        .name = #member, .kind = (what),                                       \
        .offset = offsetof(struct thing, member)                               \
    }

static const struct setting TABLE[] = {
    LINE(SETTING_TEXT, text),     LINE(SETTING_INT, number),
    LINE(SETTING_SECRET, secret), LINE(SETTING_BOOL, flag),
    LINE(SETTING_WORD, colour),   LINE(SETTING_LIST, list),
    LINE(SETTING_OBJECT, object)};

static const struct thing A = {"text",          7,   NULL, false, GREEN,
                               {2, {"a", "b"}}, NULL};
static struct thing B = {"other", 8, "s", true, RED, {2, {"a", "c"}}, NULL};

static json_t *parse(const char *text)
{
    return text != NULL ? json_loads(text, 0, NULL) : NULL;
}

static void setting__is_the_same_by_value(void **state)
{
    static const char text[] = "text";
    struct thing copy = A;

    (void)state;
    copy.text = text; /* elsewhere */
    for (size_t i = 0; i < COUNT(TABLE); i++) {
        assert_true(setting_is_same(&TABLE[i], &A, &copy));
        assert_false(setting_is_same(&TABLE[i], &A, &B));
        assert_false(setting_is_same(&TABLE[i], &B, &A));
    }
    copy.list.count = 1;
    assert_false(setting_is_same(&TABLE[5], &A, &copy));
}

static void objects__are_the_same_by_what_is_in_them(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } cases[] = {
        {NULL, NULL, true},
        {"{}", NULL, false},
        {NULL, "{}", false},
        {"{\"a\":[1],\"b\":{}}", "{\"b\":{},\"a\":[1]}", true},
        {"{\"a\":[1]}", "{\"a\":[2]}", false},
    };
    const struct setting *setting = &TABLE[COUNT(TABLE) - 1];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct thing a = {.object = parse(cases[i].a)};
        const struct thing b = {.object = parse(cases[i].b)};
        assert_int_equal(setting_is_same(setting, &a, &b), cases[i].same);
        json_decref(a.object);
        json_decref(b.object);
    }
}

static void copy__is_of_one_setting_only(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TABLE); i++) {
        struct thing thing = A;
        setting_copy(&TABLE[i], &thing, &B);
        for (size_t k = 0; k < COUNT(TABLE); k++) {
            assert_int_equal(setting_is_same(&TABLE[k], &thing, &B), i == k);
            assert_int_equal(setting_is_same(&TABLE[k], &thing, &A), i != k);
        }
    }
}

int main(void)
{
    B.object = parse("{}");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting__is_the_same_by_value),
        cmocka_unit_test(objects__are_the_same_by_what_is_in_them),
        cmocka_unit_test(copy__is_of_one_setting_only),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    json_decref(B.object);
    return failed;
}

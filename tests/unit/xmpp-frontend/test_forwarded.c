/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/forwarded.h"

#include "proto/push.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static void content__is_taken_without_its_blanks(void **state)
{
    static const struct {
        const char *encrypted, *iv, *taken, *taken_iv;
    } cases[] = {
        {"aGk=", "8iVbX7Nzr9pvH9KP", "aGk=", "8iVbX7Nzr9pvH9KP"},
        {"\n  +/+/\t\r\n", " AA== ", "+/+/", "AA=="},
        {NULL, NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct forwarded content;
        assert_true(
            forwarded_take(&content, cases[i].encrypted, cases[i].iv, true));
        if (cases[i].taken == NULL) {
            assert_null(content.encrypted);
            assert_null(content.iv);
        } else {
            assert_string_equal(content.encrypted, cases[i].taken);
            assert_string_equal(content.iv, cases[i].taken_iv);
        }
        forwarded_drop(&content);
        forwarded_drop(&content); /* idempotent */
    }
}

static void content__that_is_no_base64_is_unfit(void **state)
{
    static const char *const wrong[] = {
        "",     " ",    "aGk",          "aGk=aGk=", "aG k=", "aG\nk=", "=",
        "====", "a===", "aGk=\xc3\xa9", "{\"a\"}",  "aGk-",  "aGk==",  "a\"Gk=",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct forwarded content;
        assert_false(forwarded_take(&content, wrong[i], "AA==", true));
        assert_null(content.encrypted);
        assert_null(content.iv);
        assert_false(forwarded_take(&content, "AA==", wrong[i], true));
        assert_null(content.encrypted);
        assert_null(content.iv);
    }
}

static void content__that_is_not_whole_is_unfit(void **state)
{
    struct forwarded content;

    (void)state;
    assert_false(forwarded_take(&content, "AA==", NULL, true));
    assert_null(content.encrypted);
    assert_false(forwarded_take(&content, NULL, "AA==", true));
    assert_null(content.iv);
}

/* As much as a message on the bus has room for. */
static void content__has_a_largest_size(void **state)
{
    char encrypted[PUSH_ENCRYPTED_MAX + 5] = "";
    char iv[PUSH_IV_MAX + 5] = "";
    struct forwarded content;

    (void)state;
    memset(encrypted, 'A', PUSH_ENCRYPTED_MAX);
    memset(iv, 'A', PUSH_IV_MAX);
    assert_true(forwarded_take(&content, encrypted, iv, true));
    assert_string_equal(content.encrypted, encrypted);
    forwarded_drop(&content);
    memset(encrypted + PUSH_ENCRYPTED_MAX, 'A', 4);
    assert_false(forwarded_take(&content, encrypted, iv, true));
    encrypted[PUSH_ENCRYPTED_MAX] = '\0';
    memset(iv + PUSH_IV_MAX, 'A', 4);
    assert_false(forwarded_take(&content, encrypted, iv, true));
}

static struct forwarded content_of(const char *encrypted, bool is_urgent)
{
    struct forwarded content;

    assert_true(forwarded_take(&content, encrypted,
                               encrypted != NULL ? "AA==" : NULL, is_urgent));
    return content;
}

static void merge__keeps_what_the_app_would_show_last(void **state)
{
    static const struct {
        const char *first;
        bool first_urgent;
        const char *later;
        bool later_urgent;
        const char *left;
    } cases[] = {
        {"AAAA", true, "BBBB", true, "BBBB"},
        {"AAAA", false, "BBBB", false, "BBBB"},
        {"AAAA", false, "BBBB", true, "BBBB"},
        {"AAAA", true, "BBBB", false, "AAAA"}, /* a receipt after a message */
        {"AAAA", true, NULL, true, "AAAA"},
        {NULL, true, "BBBB", false, "BBBB"},
        {NULL, false, NULL, true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct forwarded first =
            content_of(cases[i].first, cases[i].first_urgent);
        struct forwarded later =
            content_of(cases[i].later, cases[i].later_urgent);
        forwarded_merge(&first, &later);
        assert_null(later.encrypted);
        if (cases[i].left == NULL) {
            assert_null(first.encrypted);
        } else {
            assert_string_equal(first.encrypted, cases[i].left);
        }
        forwarded_drop(&first);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content__is_taken_without_its_blanks),
        cmocka_unit_test(content__that_is_no_base64_is_unfit),
        cmocka_unit_test(content__that_is_not_whole_is_unfit),
        cmocka_unit_test(content__has_a_largest_size),
        cmocka_unit_test(merge__keeps_what_the_app_would_show_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/link_past.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

static void past__has_what_the_server_said(void **state)
{
    struct link_past past = {0};

    (void)state;
    assert_null(past.remedy);
    link_past_note(&past, "not-authorized", "no token", "correct it");
    assert_string_equal(past.why, "not-authorized: no token");
    assert_string_equal(past.remedy, "correct it");
    link_past_note(&past, "timeout", NULL, "wait");
    assert_string_equal(past.why, "timeout");
}

/* It goes into JSON, which must be UTF-8. */
static void past__is_cut_between_characters(void **state)
{
    static const struct {
        size_t ascii; /* bytes before the first letter of two bytes */
        size_t kept;
    } cases[] = {{0, 198},   {1, 199},   {196, 198},
                 {197, 199}, {198, 198}, {199, 199}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct link_past past;
        char text[700] = "";
        memset(text, 'x', cases[i].ascii);
        for (size_t n = cases[i].ascii; n < sizeof text - 3; n += 2) {
            memcpy(text + n, "\xc3\xa4", 2);
        }
        link_past_note(&past, text, NULL, "r");
        assert_int_equal(strlen(past.why), cases[i].kept);
        assert_memory_equal(past.why, text, cases[i].kept);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(past__has_what_the_server_said),
        cmocka_unit_test(past__is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/known.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static known_t *some(void)
{
    static const char *const paths[] = {
        "apps.",    "xmpp.host",        "xmpp.port",      "xmpp.secret",
        "bus.bind", "xmpp.secret_file", "apps.ios.key_id"};
    known_t *known = known_new();

    for (size_t i = 0; i < COUNT(paths); i++) {
        known_add(known, paths[i]);
    }
    return known;
}

static void members_and_groups__are_told_apart(void **state)
{
    known_t *known = some();

    (void)state;
    assert_true(known_is_member(known, "xmpp.host"));
    assert_false(known_is_member(known, "xmpp"));
    assert_false(known_is_member(known, "xmpp.ho"));
    assert_true(known_is_group(known, "xmpp"));
    assert_true(known_is_group(known, "apps"));
    assert_true(known_is_group(known, "apps.ios"));
    assert_false(known_is_group(known, "xmpp.host"));
    assert_false(known_is_group(known, "xm"));
    assert_true(known_is_variable(known, "WAKEBUS_APPS_IOS_KEY_ID"));
    assert_false(known_is_variable(known, "WAKEBUS_XMPP"));
    known_destroy(&known);
    known_destroy(&known); /* idempotent */
}

static void assert_suggests(char *suggestion, const char *expected)
{
    if (expected == NULL) {
        assert_null(suggestion);
    } else {
        assert_non_null(suggestion);
        assert_string_equal(suggestion, expected);
    }
    free(suggestion);
}

static void path__is_sought_in_its_group(void **state)
{
    static const struct {
        const char *path, *near;
    } cases[] = {
        {"xmp", "xmpp"},
        {"xmpp.prot", "xmpp.port"},
        {"xmpp.secert", "xmpp.secret"},
        {"xmpp.secret_fiel", "xmpp.secret_file"},
        {"xmpp.bind", NULL},
        {"bus.binds", "bus.bind"},
        {"apps.ios.keyid", "apps.ios.key_id"},
        {"apps.android.keyid", NULL},
        {"apps.x", NULL},
        {"wholly.different", NULL},
        {"", NULL},
        {".", NULL},
    };
    known_t *known = some();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_suggests(known_near_path(known, cases[i].path), cases[i].near);
    }
    known_destroy(&known);
}

static void variable__is_sought_among_all(void **state)
{
    static const struct {
        const char *variable, *near;
    } cases[] = {
        {"WAKEBUS_XMPP_SECERT", "WAKEBUS_XMPP_SECRET"},
        {"WAKEBUS_XMP_SECRET", "WAKEBUS_XMPP_SECRET"},
        {"WAKEBUS_XMPPSECRETFILE", "WAKEBUS_XMPP_SECRET_FILE"},
        {"WAKEBUS_BUSBIND", "WAKEBUS_BUS_BIND"},
        {"WAKEBUS_IMAGE", NULL},
        {"WAKEBUS_", NULL},
    };
    known_t *known = some();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_suggests(known_near_variable(known, cases[i].variable),
                        cases[i].near);
    }
    known_destroy(&known);
}

static void variable__is_the_path_in_capitals(void **state)
{
    static const struct {
        const char *path, *variable;
    } cases[] = {{"xmpp.host", "WAKEBUS_XMPP_HOST"},
                 {"apps.my-app 2.key_id", "WAKEBUS_APPS_MY_APP_2_KEY_ID"},
                 {"\xc3\xa9", "WAKEBUS___"},
                 {"", "WAKEBUS_"}};
    char variable[VARIABLE_SIZE];
    char path[2 * VARIABLE_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        known_variable(cases[i].path, variable);
        assert_string_equal(variable, cases[i].variable);
    }
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    known_variable(path, variable);
    assert_int_equal(strlen(variable), VARIABLE_SIZE - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_and_groups__are_told_apart),
        cmocka_unit_test(path__is_sought_in_its_group),
        cmocka_unit_test(variable__is_sought_among_all),
        cmocka_unit_test(variable__is_the_path_in_capitals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

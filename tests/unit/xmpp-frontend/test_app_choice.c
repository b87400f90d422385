/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/app_choice.h"

#include "tests/support/cmocka_test.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define AT_APPLE(n, t, e)                                                      \
    {                                                                          \
        .name = n, .backend = "apns", .topic = t, .environment = APNS_##e      \
    }

/* clang-format off */
static const struct settings SETTINGS = {
    .app_count = 10,
    .apps = {{.name = "conversations", .backend = "fcm"},
             {.name = "quicksy", .backend = "fcm"},
             AT_APPLE("mac-sandbox", "org.mac", SANDBOX),
             AT_APPLE("ios", "org.ios", PRODUCTION),
             AT_APPLE("ios-background", "org.ios", PRODUCTION),
             AT_APPLE("ios-sandbox", "org.ios", SANDBOX),
             AT_APPLE("ios-testers", "org.ios", SANDBOX),
             AT_APPLE("lone", "org.lone", PRODUCTION),
             AT_APPLE("untold", NULL, PRODUCTION),
             AT_APPLE("untold-sandbox", NULL, SANDBOX)}};
/* clang-format on */

static void push__goes_where_its_options_say(void **state)
{
    static const struct {
        const char *app, *module;
        bool sandbox;
        const char *chosen; /* NULL: none */
    } cases[] = {
        {"ios", NULL, false, "ios"},
        {"ios", NULL, true, "ios-sandbox"},
        {"ios-background", NULL, true, "ios-sandbox"},
        {"ios-sandbox", NULL, true, "ios-sandbox"},
        {"ios-testers", NULL, true, "ios-testers"},
        {"ios-sandbox", NULL, false, "ios-sandbox"},
        {"mac-sandbox", NULL, true, "mac-sandbox"},
        {"lone", NULL, true, NULL},
        {"untold", NULL, true, NULL},
        {"conversations", NULL, true, "conversations"},
        {"conversations", "quicksy", false, "quicksy"},
        {"conversations", "quicksy", true, "quicksy"},
        /* Not where nobody can have the token … */
        {"conversations", "ios", false, "conversations"},
        {"ios", "quicksy", false, "ios"},
        /* … nor where nobody is. */
        {"conversations", "nothing", false, "conversations"},
        {"conversations", "", false, "conversations"},
        {"ios-sandbox", "ios", false, "ios"},
        {"mac-sandbox", "ios", true, "ios-sandbox"},
        {"ios", "lone", true, NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app_choice choice = {cases[i].module, cases[i].sandbox};
        const struct app *app = settings_app(&SETTINGS, cases[i].app);
        const struct app *chosen = app_choice_of(&choice, &SETTINGS, app);
        if (cases[i].chosen == NULL) {
            assert_null(chosen);
        } else {
            assert_non_null(chosen);
            assert_string_equal(chosen->name, cases[i].chosen);
        }
    }
}

static void options__are_read(void **state)
{
    static const struct {
        const char *sandbox;
        bool is_true;
    } cases[] = {{NULL, false}, {"true", true}, {"1", true},   {"false", false},
                 {"0", false},  {"", false},    {"yes", false}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct form options = {
            .count = 2,
            .fields = {{"sandbox", cases[i].sandbox}, {"pushModule", "m"}}};
        const struct app_choice choice = app_choice_read(&options);
        assert_int_equal(choice.sandbox, cases[i].is_true);
        assert_string_equal(choice.module, "m");
    }
    const struct form none = {0};
    assert_null(app_choice_read(&none).module);
    assert_false(app_choice_read(&none).sandbox);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push__goes_where_its_options_say),
        cmocka_unit_test(options__are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

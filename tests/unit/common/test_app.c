/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/app.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdio.h>
#include <string.h>

/* With these members beside the backend; the config owns what is in it. */
static struct app app_with(config_t **config, const char *backend,
                           const char *members)
{
    struct app app = {.name = "a"};
    char file[400];

    snprintf(file, sizeof file, "{\"apps\":{\"a\":{\"backend\":\"%s\"%s}}}",
             backend, members);
    scratch_file("c.json", file);
    *config = config_open("c.json", false);
    app_read(*config, &app, "wakebus-xmpp-frontend");
    assert_int_equal(notes_count(config_notes(*config), NOTE_FAULT), 0);
    return app;
}

static void app__has_defaults_of_its_backend(void **state)
{
    config_t *config;
    struct app app = app_with(&config, "fcm", "");

    (void)state;
    assert_string_equal(app.backend, "fcm");
    assert_int_equal(app.ttl_s, 2419200);
    assert_int_equal(app.priority, APP_PRIORITY_AUTO);
    assert_int_equal(app.collapse, COLLAPSE_NONE);
    assert_null(app.payload);
    assert_false(app.forwards_encrypted);
    config_close(&config);
    app = app_with(&config, "apns", "");
    assert_int_equal(app.collapse, COLLAPSE_ACCOUNT);
    assert_int_equal(app.push_type, APNS_ALERT);
    assert_null(app.payload);
    config_close(&config);
}

/* So that a reload replaces what has changed, and nothing else. */
static void app__is_the_same_if_all_its_members_are(void **state)
{
    static const struct {
        const char *backend, *members;
    } others[] = {
        {"fcm", ",\"ttl_s\":1"},
        {"fcm", ",\"priority\":\"high\""},
        {"fcm", ",\"collapse\":\"account\""},
        {"fcm", ",\"payload\":{}"},
        {"fcm", ",\"forward_encrypted\":true"},
        {"fcm", ",\"direct_boot_ok\":true"},
        {"fcm", ",\"restricted_package\":\"a.b\""},
        {"apns", ",\"collapse\":\"none\""},
        {"apns", ",\"payload\":{\"k\":1}"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        config_t *configs[3];
        struct app plain = app_with(&configs[0], others[i].backend, "");
        struct app other =
            app_with(&configs[1], others[i].backend, others[i].members);
        struct app again =
            app_with(&configs[2], others[i].backend, others[i].members);
        assert_false(app_is_same(&plain, &other));
        assert_true(app_is_same(&other, &again));
        for (size_t c = 0; c < COUNT(configs); c++) {
            config_close(&configs[c]);
        }
    }
}

static void urgency__is_by_the_policy(void **state)
{
    static const struct {
        enum app_priority policy;
        enum push_priority asked;
        bool is_urgent;
    } cases[] = {
        {APP_PRIORITY_AUTO, PRIORITY_HIGH, true},
        {APP_PRIORITY_AUTO, PRIORITY_LOW, false},
        {APP_PRIORITY_HIGH, PRIORITY_HIGH, true},
        {APP_PRIORITY_HIGH, PRIORITY_LOW, true},
        {APP_PRIORITY_LOW, PRIORITY_HIGH, false},
        {APP_PRIORITY_LOW, PRIORITY_LOW, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app app = {.priority = cases[i].policy};
        assert_int_equal(app_is_urgent(&app, cases[i].asked),
                         cases[i].is_urgent);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(app__has_defaults_of_its_backend),
        cmocka_unit_test(app__is_the_same_if_all_its_members_are),
        cmocka_unit_test(urgency__is_by_the_policy),
    };
    return cmocka_run_group_tests(tests, scratch_dir_enter, scratch_dir_leave);
}

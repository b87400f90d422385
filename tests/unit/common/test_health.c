/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/health.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static void assert_printed(const struct health *health, const char *expected)
{
    char *text = health_print(health);

    assert_string_equal(text, expected);
    free(text);
}

static void health__is_ready_when_all_checks_are_ok(void **state)
{
    struct health health = {0};

    (void)state;
    assert_true(health_is_ready(&health));
    assert_printed(&health, "{\"ready\":true,\"checks\":[]}");
    health_add(&health, "xmpp", true, "not told");
    health_add(&health, "registry", true, "not told");
    assert_true(health_is_ready(&health));
    assert_printed(&health, "{\"ready\":true,\"checks\":["
                            "{\"name\":\"xmpp\",\"ok\":true},"
                            "{\"name\":\"registry\",\"ok\":true}]}");
    health_add(&health, "sender.\"", false, "start \"one\"");
    health_add(&health, "last", true, "");
    assert_false(health_is_ready(&health));
    assert_printed(&health, "{\"ready\":false,\"checks\":["
                            "{\"name\":\"xmpp\",\"ok\":true},"
                            "{\"name\":\"registry\",\"ok\":true},"
                            "{\"name\":\"sender.\\\"\",\"ok\":false,"
                            "\"why\":\"start \\\"one\\\"\"},"
                            "{\"name\":\"last\",\"ok\":true}]}");
}

static void health__has_room_for_every_app(void **state)
{
    struct health health = {0};
    char name[8 + 64]; /* "sender." and the longest name of an app */
    char why[1000];

    (void)state;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    memset(why, 'w', sizeof why - 1);
    why[sizeof why - 1] = '\0';
    for (size_t i = 0; i < APPS_MAX + 3; i++) { /* xmpp, registry, draining */
        health_add(&health, name, false, why);
        assert_string_equal(health.checks[i].name, name);
    }
    char *text = health_print(&health);
    assert_non_null(strstr(text, "{\"ready\":false,"));
    free(text);
}

static void line__is_the_first_thing_it_waits_for(void **state)
{
    struct health health = {0};
    char line[HEALTH_LINE_SIZE];

    (void)state;
    health_line(&health, line);
    assert_string_equal(line, "serving");
    health_add(&health, "xmpp", true, "not told");
    health_line(&health, line);
    assert_string_equal(line, "serving");
    health_add(&health, "registry", false, "start one");
    health_line(&health, line);
    assert_string_equal(line, "waiting for registry: start one");
    health_add(&health, "sender.a", false, "start another");
    health_add(&health, "sender.b", false, "and another");
    health_line(&health, line);
    assert_string_equal(line, "waiting for registry: start one (and 2 more)");
}

static void line__has_room_for_the_longest(void **state)
{
    struct health health = {0};
    char long_text[400];
    char line[HEALTH_LINE_SIZE];

    (void)state;
    memset(long_text, 'w', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    for (size_t i = 0; i < HEALTH_CHECKS_MAX; i++) {
        health_add(&health, long_text, false, long_text);
    }
    health_line(&health, line);
    const char *end = strstr(line, " (and ");
    assert_non_null(end);
    assert_string_equal(strrchr(end, ' '), " more)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(health__is_ready_when_all_checks_are_ok),
        cmocka_unit_test(health__has_room_for_every_app),
        cmocka_unit_test(line__is_the_first_thing_it_waits_for),
        cmocka_unit_test(line__has_room_for_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

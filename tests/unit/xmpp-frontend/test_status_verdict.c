/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_verdict.h"

#include "tests/support/cmocka_test.h"

static struct health health_of(bool xmpp, bool registry, bool sender)
{
    struct health health = {0};

    health_add(&health, "xmpp", xmpp, "x");
    health_add(&health, "registry", registry, "r");
    health_add(&health, "sender.ios", sender, "s");
    return health;
}

static void verdict__is_the_worst_that_is_known(void **state)
{
    static const struct {
        bool draining, xmpp, registry, sender;
        uint64_t well, bad; /* in the last minute */
        const char *expected, *headline;
    } cases[] = {
        {false, true, true, true, 0, 0, "ok", "All is well"},
        {false, true, true, true, 95, 5, "ok", "All is well"},
        {false, true, true, true, 94, 6, "warn", "Pushes fail"},
        {false, true, true, true, 0, 1, "warn", "Pushes fail"},
        {false, true, true, false, 0, 9, "bad", "No sender for ios"},
        {false, true, false, false, 0, 0, "bad", "No registry"},
        {false, false, false, false, 0, 0, "bad", "No link to the XMPP server"},
        {true, false, false, false, 0, 0, "warn", "About to end"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct health health =
            health_of(cases[i].xmpp, cases[i].registry, cases[i].sender);
        struct recent_counts then = {.well = 1000, .bad = 500};
        struct recent_counts now = {.well = 1000 + cases[i].well,
                                    .bad = 500 + cases[i].bad};
        struct verdict verdict =
            verdict_of(&health, cases[i].draining, &now, &then);
        assert_string_equal(verdict.state, cases[i].expected);
        assert_string_equal(verdict.headline, cases[i].headline);
    }
}

static void verdict__lists_all_that_is_wrong(void **state)
{
    struct health health = health_of(false, true, false);
    json_t *problems = verdict_problems(&health);

    (void)state;
    assert_int_equal(json_array_size(problems), 2);
    const json_t *last = json_array_get(problems, 1);
    assert_string_equal(json_string_value(json_object_get(last, "what")),
                        "No sender for ios");
    assert_string_equal(json_string_value(json_object_get(last, "remedy")),
                        "s");
    json_decref(problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict__is_the_worst_that_is_known),
        cmocka_unit_test(verdict__lists_all_that_is_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

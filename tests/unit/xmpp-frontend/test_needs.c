/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/needs.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>

/* Only the names of the apps count. */
static void set_apps(struct settings *settings, size_t count,
                     const char *const *names)
{
    settings->app_count = count;
    for (size_t i = 0; i < count; i++) {
        settings->apps[i] = (struct app){.name = names[i], .backend = "fcm"};
    }
}

struct gone {
    size_t count;
    size_t needs[APPS_MAX];
};

static void on_gone(void *arg, size_t need)
{
    struct gone *gone = arg;

    gone->needs[gone->count++] = need;
}

static void app__keeps_its_number_when_others_come_and_go(void **state)
{
    static const char *const before[] = {"a", "b", "c"};
    static const char *const after[] = {"d", "c", "a"};
    static struct settings settings;
    struct needs needs = {0};
    struct gone gone = {0};

    (void)state;
    set_apps(&settings, 3, before);
    needs_use(&needs, &settings, on_gone, &gone);
    assert_int_equal(gone.count, 0);
    size_t a = needs_of(&needs, "a");
    size_t b = needs_of(&needs, "b");
    size_t c = needs_of(&needs, "c");
    assert_true(a != b && b != c && a != c);

    set_apps(&settings, 3, after);
    needs_use(&needs, &settings, on_gone, &gone);
    assert_int_equal(gone.count, 1);
    assert_int_equal(gone.needs[0], b);
    assert_int_equal(needs_of(&needs, "a"), a);
    assert_int_equal(needs_of(&needs, "c"), c);
    assert_int_equal(needs_of(&needs, "d"), b); /* free by now */
    assert_int_equal(needs_of(&needs, "b"), NEED_NOBODY);
    assert_int_equal(needs_of(&needs, NULL), NEED_NOBODY);
    needs_release(&needs);
    assert_int_equal(needs_of(&needs, "a"), NEED_NOBODY);
}

static void numbers__are_enough_for_all_apps_replaced_at_once(void **state)
{
    static char texts[2][APPS_MAX][8];
    static struct settings settings;
    const char *names[APPS_MAX];
    struct needs needs = {0};

    (void)state;
    for (size_t round = 0; round < 2; round++) {
        struct gone gone = {0};
        for (size_t i = 0; i < APPS_MAX; i++) {
            snprintf(texts[round][i], sizeof texts[round][i], "%zu.%zu", round,
                     i);
            names[i] = texts[round][i];
        }
        set_apps(&settings, APPS_MAX, names);
        needs_use(&needs, &settings, on_gone, &gone);
        assert_int_equal(gone.count, round * APPS_MAX);
        for (size_t i = 0; i < APPS_MAX; i++) {
            size_t need = needs_of(&needs, names[i]);
            assert_in_range(need, NEED_FIRST_APP, NEED_NOBODY - 1);
        }
    }
    needs_release(&needs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(app__keeps_its_number_when_others_come_and_go),
        cmocka_unit_test(numbers__are_enough_for_all_apps_replaced_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

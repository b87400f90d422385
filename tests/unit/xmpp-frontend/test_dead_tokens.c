/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dead_tokens.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>

static const struct siphash_key KEY = {{1, 2}};

static void token__stays_dead_for_a_day(void **state)
{
    dead_tokens_t *dead = dead_tokens_new(&KEY);

    (void)state;
    assert_false(dead_tokens_has(dead, "ios", "T", 5));
    dead_tokens_add(dead, "ios", "T", 5);
    assert_true(dead_tokens_has(dead, "ios", "T", 5));
    assert_true(dead_tokens_has(dead, "ios", "T", 4 + DEAD_TOKENS_MS));
    assert_false(dead_tokens_has(dead, "ios", "T", 5 + DEAD_TOKENS_MS));
    dead_tokens_add(dead, "ios", "T", 5 + DEAD_TOKENS_MS);
    assert_true(dead_tokens_has(dead, "ios", "T", 5 + DEAD_TOKENS_MS));
    dead_tokens_destroy(&dead);
    assert_null(dead);
    dead_tokens_destroy(&dead);
}

static void token__is_dead_for_its_app_alone(void **state)
{
    static const char *const others[][2] = {
        {"mac", "T"}, {"ios", "U"}, {"ios", "T "}, {"iosT", ""}, {"io", "sT"}};
    dead_tokens_t *dead = dead_tokens_new(&KEY);

    (void)state;
    dead_tokens_add(dead, "ios", "T", 5);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(dead_tokens_has(dead, others[i][0], others[i][1], 5));
    }
    dead_tokens_destroy(&dead);
}

static void all__can_be_forgotten(void **state)
{
    dead_tokens_t *dead = dead_tokens_new(&KEY);

    (void)state;
    dead_tokens_add(dead, "ios", "T", 5);
    dead_tokens_forget_all(dead);
    assert_false(dead_tokens_has(dead, "ios", "T", 5));
    dead_tokens_add(dead, "ios", "T", 5);
    assert_true(dead_tokens_has(dead, "ios", "T", 5));
    dead_tokens_destroy(&dead);
}

static void oldest__makes_room(void **state)
{
    dead_tokens_t *dead = dead_tokens_new(&KEY);
    char token[16];

    (void)state;
    for (int i = 0; i <= DEAD_TOKENS_MAX; i++) {
        snprintf(token, sizeof token, "%d", i);
        dead_tokens_add(dead, "ios", token, i);
    }
    assert_false(dead_tokens_has(dead, "ios", "0", DEAD_TOKENS_MAX));
    assert_true(dead_tokens_has(dead, "ios", "1", DEAD_TOKENS_MAX));
    assert_true(dead_tokens_has(dead, "ios", token, DEAD_TOKENS_MAX));
    dead_tokens_destroy(&dead);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token__stays_dead_for_a_day),
        cmocka_unit_test(token__is_dead_for_its_app_alone),
        cmocka_unit_test(all__can_be_forgotten),
        cmocka_unit_test(oldest__makes_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

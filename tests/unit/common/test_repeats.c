/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/repeats.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>

static void note__speaks_at_once_then_counts_for_a_minute(void **state)
{
    repeats_t *repeats = repeats_new();

    (void)state;
    assert_int_equal(repeats_note(repeats, "a", 0), 1);
    for (int i = 1; i <= 9999; i++) {
        assert_int_equal(repeats_note(repeats, "a", i), 0);
    }
    assert_int_equal(repeats_note(repeats, "a", REPEATS_MS), 10000);
    assert_int_equal(repeats_note(repeats, "a", REPEATS_MS + 1), 0);
    repeats_destroy(&repeats);
    assert_null(repeats);
    repeats_destroy(&repeats);
}

static void note__keeps_keys_apart(void **state)
{
    repeats_t *repeats = repeats_new();

    (void)state;
    assert_int_equal(repeats_note(repeats, "a", 5), 1);
    assert_int_equal(repeats_note(repeats, "b", 6), 1);
    assert_int_equal(repeats_note(repeats, "a", 7), 0);
    repeats_destroy(&repeats);
}

static void note__forgets_the_quietest_of_too_many_keys(void **state)
{
    repeats_t *repeats = repeats_new();
    char key[16];

    (void)state;
    for (int i = 0; i < 65; i++) {
        snprintf(key, sizeof key, "%d", i);
        assert_int_equal(repeats_note(repeats, key, i), 1);
    }
    assert_int_equal(repeats_note(repeats, "64", 65), 0);
    assert_int_equal(repeats_note(repeats, "1", 65), 0);
    assert_int_equal(repeats_note(repeats, "0", 65), 1);
    repeats_destroy(&repeats);
}

static void note_change__speaks_each_time_until_it_is_too_often(void **state)
{
    repeats_t *repeats = repeats_new();

    (void)state;
    for (int i = 0; i < REPEATS_CHANGES; i++) {
        assert_int_equal(repeats_note_change(repeats, "a", i), 1);
    }
    for (int i = REPEATS_CHANGES; i < 1000; i++) {
        assert_int_equal(repeats_note_change(repeats, "a", i), 0);
    }
    assert_int_equal(repeats_note_change(repeats, "b", 1000), 1);
    assert_int_equal(repeats_note_change(repeats, "a", REPEATS_MS),
                     1000 - REPEATS_CHANGES + 1);
    assert_int_equal(repeats_note_change(repeats, "a", REPEATS_MS), 1);
    repeats_destroy(&repeats);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(note__speaks_at_once_then_counts_for_a_minute),
        cmocka_unit_test(note__keeps_keys_apart),
        cmocka_unit_test(note__forgets_the_quietest_of_too_many_keys),
        cmocka_unit_test(note_change__speaks_each_time_until_it_is_too_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/marks.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/many.h"
#include <stdlib.h>

/* A key as a hash would be, of a number. */
static uint64_t key(uint64_t number)
{
    return number * 0x9e3779b97f4a7c15;
}

static void marks__are_kept_for_each_key(void **state)
{
    marks_t *marks = marks_new(1000);

    (void)state;
    assert_int_equal(marks_get(marks, key(1)), 0);
    for (uint64_t i = 0; i < 1000; i++) {
        marks_set(marks, key(i), (int64_t)i + 10, 0);
    }
    marks_set(marks, key(7), 99, 0);
    for (uint64_t i = 0; i < 1000; i++) {
        assert_int_equal(marks_get(marks, key(i)),
                         i == 7 ? 99 : (int64_t)i + 10);
    }
    assert_int_equal(marks_get(marks, key(1000)), 0);
    assert_int_equal(marks_count(marks), 1000);
    marks_destroy(&marks);
    assert_null(marks);
    marks_destroy(&marks);
}

static void marks__that_fall_into_one_slot_are_told_apart(void **state)
{
    marks_t *marks = marks_new(64);

    (void)state;
    for (uint64_t i = 0; i < 64; i++) {
        marks_set(marks, i << 32, (int64_t)i + 1, 0);
    }
    marks_set(marks, 64ull << 32, 65, 1); /* in the place of the first */
    assert_int_equal(marks_get(marks, 0), 0);
    for (uint64_t i = 1; i <= 64; i++) {
        assert_int_equal(marks_get(marks, i << 32), i + 1);
    }
    marks_destroy(&marks);
}

static void room__is_made_by_what_is_over(void **state)
{
    marks_t *marks = marks_new(1000);

    (void)state;
    for (uint64_t i = 0; i < 5000; i++) {
        marks_set(marks, key(i), (int64_t)i + 10, (int64_t)i);
    }
    assert_int_equal(marks_count(marks), 10);
    assert_int_equal(marks_pushed_out(marks), 0);
    marks_destroy(&marks);
}

static void room__is_made_by_what_was_set_longest_ago(void **state)
{
    marks_t *marks = marks_new(3);

    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        marks_set(marks, key(i), 10, 0);
    }
    marks_set(marks, key(0), 10, 0);
    marks_set(marks, key(3), 10, 0);
    assert_int_equal(marks_get(marks, key(1)), 0);
    marks_set(marks, key(4), 10, 0);
    assert_int_equal(marks_get(marks, key(2)), 0);
    marks_set(marks, key(5), 10, 0);
    assert_int_equal(marks_get(marks, key(0)), 0);
    assert_int_equal(marks_get(marks, key(3)), 10);
    assert_int_equal(marks_count(marks), 3);
    assert_int_equal(marks_pushed_out(marks), 3);
    marks_destroy(&marks);
}

/* The youngest `MOST` of ten million are known, and no more memory is used
 * than for those. */
static void ten_million_keys__need_no_more_than_their_room(void **state)
{
    enum { MOST = 1 << 16, KEYS = SO_MANY };
    marks_t *marks = marks_new(MOST);

    (void)state;
    for (uint64_t i = 0; i < KEYS; i++) {
        marks_set(marks, key(i), INT64_MAX, 0);
    }
    assert_int_equal(marks_count(marks), MOST);
    assert_int_equal(marks_pushed_out(marks), KEYS - MOST);
    assert_true(marks_bytes(marks) / MOST == 36);
    for (uint64_t i = 1; i <= MOST; i++) {
        assert_true(marks_get(marks, key(KEYS - i)) == INT64_MAX);
    }
    assert_int_equal(marks_get(marks, key(KEYS - MOST - 1)), 0);
    marks_destroy(&marks);
}

/* ---- a random life, beside an array that is too plain to be wrong ---- */

enum { KEYS = 300, MOST = 100, STEPS = 200000 };

struct model {
    int64_t marks[KEYS]; /* 0: none */
    uint64_t set[KEYS];  /* when it was set last, in steps */
    size_t count;
    uint64_t pushed_out;
};

static size_t oldest(const struct model *m)
{
    size_t found = KEYS;

    for (size_t i = 0; i < KEYS; i++) {
        if (m->marks[i] != 0 && (found == KEYS || m->set[i] < m->set[found])) {
            found = i;
        }
    }
    return found;
}

static void model_set(struct model *m, size_t at, int64_t mark, int64_t over,
                      uint64_t step)
{
    size_t first = oldest(m);

    if (m->marks[at] == 0 && first != KEYS &&
        (m->marks[first] <= over || m->count == MOST)) {
        m->pushed_out += m->marks[first] > over;
        m->marks[first] = 0;
        m->count--;
    }
    m->count += m->marks[at] == 0;
    m->marks[at] = mark;
    m->set[at] = step;
}

static void random_life__is_as_the_model_says(void **state)
{
    marks_t *marks = marks_new(MOST);
    struct model m = {0};
    uint64_t random = 0x57414b4542555321;

    (void)state;
    for (uint64_t step = 1; step <= STEPS; step++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        size_t at = (size_t)(random >> 20) % KEYS;
        int64_t over = (int64_t)(step / 4);
        int64_t mark = over + 1 + (int64_t)(random >> 40) % 60;
        marks_set(marks, key(at), mark, over);
        model_set(&m, at, mark, over, step);
        assert_int_equal(marks_count(marks), m.count);
        assert_int_equal(marks_pushed_out(marks), m.pushed_out);
        at = (size_t)(random >> 30) % KEYS;
        assert_int_equal(marks_get(marks, key(at)), m.marks[at]);
    }
    assert_true(m.pushed_out > STEPS / 100);
    assert_true(m.pushed_out < STEPS - STEPS / 100);
    marks_destroy(&marks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks__are_kept_for_each_key),
        cmocka_unit_test(marks__that_fall_into_one_slot_are_told_apart),
        cmocka_unit_test(room__is_made_by_what_is_over),
        cmocka_unit_test(room__is_made_by_what_was_set_longest_ago),
        cmocka_unit_test(ten_million_keys__need_no_more_than_their_room),
        cmocka_unit_test(random_life__is_as_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/admission.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

/* ---- turn by turn ---- */

static const struct turns {
    const char *what;
    const char *refused; /* a letter for each turn; 'x': somebody was */
    bool is_overloaded;  /* in the end */
} TURNS[] = {
    {"nobody is turned away", "....................", false},
    {"a burst is no overload", "xxxxxxxxxxxxxxxxxxxx", false},
    {"fifty turns on end are",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", true},
    {"one less is not", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
     false},
    {"short gaps do not matter",
     "x....x....x....x....x....x....x....x....x....x....x....x", true},
    {"longer ones do",
     "x.....x.....x.....x.....x.....x.....x.....x.....x.....x.....x.....x",
     false},
    {"it lasts as long as somebody is turned away each second",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.........x.........",
     true},
    {"and no longer",
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.........x..........",
     false},
};

static void overload__is_what_lasts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(TURNS); i++) {
        struct admission admission = {0};
        struct admission_counts counts = {0};
        int64_t now_ms = 777;
        for (const char *c = TURNS[i].refused; *c != '\0'; c++) {
            counts.ended += 1000;
            counts.turned_away += *c == 'x' ? 3 : 0;
            admission_turn(&admission, &counts, now_ms);
            now_ms += ADMISSION_TURN_MS;
        }
        if (admission.is_overloaded != TURNS[i].is_overloaded) {
            fail_msg("%s", TURNS[i].what);
        }
        assert_int_equal(admission_room(&admission),
                         TURNS[i].is_overloaded ? 2500 : ADMISSION_ANY);
    }
}

static void overload__is_tried_again_after_a_minute(void **state)
{
    struct admission admission = {0};
    struct admission_counts counts = {0};
    int64_t since_ms = 0;

    (void)state;
    for (int64_t now_ms = 0; now_ms < 200000; now_ms += ADMISSION_TURN_MS) {
        bool was = admission.is_overloaded;
        counts.turned_away++;
        admission_turn(&admission, &counts, now_ms);
        if (admission.is_overloaded != was) {
            assert_int_equal(now_ms - since_ms,
                             was ? ADMISSION_LONGEST_MS : ADMISSION_LASTING_MS);
            since_ms = now_ms;
        }
    }
    assert_int_equal(admission.times, 3);
}

static void room__is_what_is_done_in_a_quarter_second(void **state)
{
    static const struct {
        uint64_t per_turn;
        int64_t turn_ms;
        size_t room;
    } cases[] = {{1000, 100, 2500}, {1000, 200, 1250}, {3, 100, 100},
                 {0, 100, 100},     {50, 100, 125},    {1000, 0, 100}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct admission admission = {.is_overloaded = true};
        struct admission_counts counts = {0};
        int64_t now_ms = 5;
        for (int turn = 0; turn < 3 * ADMISSION_TURNS; turn++) {
            counts.ended += cases[i].per_turn;
            counts.turned_away++;
            admission_turn(&admission, &counts, now_ms);
            now_ms += cases[i].turn_ms;
        }
        assert_int_equal(admission_room(&admission), cases[i].room);
    }
}

/* ---- a world with workers ---- */

enum { MOST = 20000, WORLD_MS = 200000 };

/* A queue in front of workers who do so many a millisecond. */
struct world {
    struct admission admission;
    struct admission_counts counts;
    int64_t now_ms;
    size_t most;
    int64_t *came_ms; /* of who waits: first … last */
    size_t first, last;
    double come, go;         /* what of a whole one is left */
    int64_t worst_ms;        /* wait since it was set to 0 */
    uint64_t asked, refused; /* likewise */
    size_t longest;          /* queue, likewise */
    double idle;             /* work that nobody wanted, likewise */
};

static struct world *new_world(size_t most)
{
    struct world *world = calloc(1, sizeof *world);

    world->most = most;
    world->came_ms = calloc((size_t)64 * WORLD_MS, sizeof *world->came_ms);
    return world;
}

static void free_world(struct world *world)
{
    free(world->came_ms);
    free(world);
}

static void forget(struct world *world)
{
    world->worst_ms = 0;
    world->asked = world->refused = 0;
    world->longest = 0;
    world->idle = 0;
}

static void ask(struct world *world)
{
    size_t waiting = world->last - world->first;

    world->asked++;
    if (waiting >= world->most ||
        waiting >= admission_room(&world->admission)) {
        world->counts.turned_away++;
        world->refused++;
        return;
    }
    assert_true(world->last < (size_t)64 * WORLD_MS);
    world->came_ms[world->last++] = world->now_ms;
    world->longest =
        waiting + 1 > world->longest ? waiting + 1 : world->longest;
}

static void serve(struct world *world)
{
    if (world->first == world->last) {
        world->idle++;
        return;
    }
    int64_t wait_ms = world->now_ms - world->came_ms[world->first++];
    world->worst_ms = wait_ms > world->worst_ms ? wait_ms : world->worst_ms;
    world->counts.ended++;
}

static void live(struct world *world, int64_t for_ms, double come, double go)
{
    for (int64_t end_ms = world->now_ms + for_ms; world->now_ms < end_ms;
         world->now_ms++) {
        if (world->now_ms % ADMISSION_TURN_MS == 0) {
            admission_turn(&world->admission, &world->counts, world->now_ms);
        }
        for (world->come += come; world->come >= 1; world->come--) {
            ask(world);
        }
        for (world->go += go; world->go >= 1; world->go--) {
            serve(world);
        }
    }
}

static void burst__is_taken_whole(void **state)
{
    struct world *world = new_world(70000);

    (void)state;
    live(world, 10000, 1, 8);
    live(world, 1000, 50, 8); /* 50,000 of them */
    live(world, 10000, 1, 8);
    assert_int_equal(world->refused, 0);
    assert_int_equal(world->admission.times, 0);
    free_world(world);
}

static void burst__that_is_too_large_gets_what_room_there_is(void **state)
{
    struct world *world = new_world(MOST);

    (void)state;
    live(world, 10000, 1, 8);
    forget(world);
    live(world, 4000, 12.5, 4);
    assert_in_range(world->refused, 50000 - MOST - 4 * 4000 - 10,
                    50000 - MOST - 4 * 4000 + 10);
    assert_int_equal(world->longest, MOST);
    assert_int_equal(world->admission.times, 0);
    free_world(world);
}

static void overload__makes_nobody_wait_and_no_worker_idle(void **state)
{
    struct world *world = new_world(MOST);

    (void)state;
    live(world, 5000, 6, 12);
    forget(world);
    live(world, 9000, 36, 12);
    assert_true(world->worst_ms <= 1000 * MOST / 12000 + 1);
    assert_int_equal(world->longest, MOST);
    forget(world);
    live(world, 50000, 36, 12);
    assert_in_range(world->worst_ms, 200, 260);
    assert_in_range(world->longest, 2900, 3100);
    assert_true(world->idle < 1);
    assert_in_range(world->refused, 24 * 50000 - 500, 24 * 50000 + 500);
    live(world, 600, 6, 12);
    forget(world);
    live(world, 5000, 6, 12);
    assert_int_equal(world->refused, 0);
    assert_int_equal(world->worst_ms, 0);
    assert_false(world->admission.is_overloaded);
    free_world(world);
}

static void room__follows_what_is_done(void **state)
{
    struct world *world = new_world(MOST);

    (void)state;
    live(world, 10000, 40, 12);
    live(world, 5000, 40, 2); /* it has become less … */
    forget(world);
    live(world, 5000, 40, 2);
    assert_in_range(world->worst_ms, 200, 260);
    live(world, 5000, 40, 0); /* … and nothing … */
    assert_in_range(admission_room(&world->admission), ADMISSION_LEAST,
                    ADMISSION_LEAST);
    live(world, 3000, 40, 12); /* … and more */
    forget(world);
    live(world, 5000, 40, 12);
    assert_true(world->idle < 1);
    assert_in_range(world->worst_ms, 200, 260);
    free_world(world);
}

/* ---- beside a model ---- */

/* It becomes one when each gap in the last five seconds was short; each turn
 * looks at all that were before it. */
static void random_life__is_overloaded_when_it_must_be(void **state)
{
    enum { LIFE = 20000 };
    static bool refused[LIFE];
    struct admission admission = {0};
    struct admission_counts counts = {0};
    uint64_t random = 88172645463325252u;
    int64_t kind = 0, began = 0, since = 0;
    bool model = false;

    (void)state;
    for (int64_t at = 0; at < LIFE; at++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        kind = at % 100 == 0 ? (int64_t)(random % 4) : kind;
        refused[at] = kind > 0 && (random >> 20) % (uint64_t)(4 / kind) == 0;
        counts.turned_away += refused[at];
        counts.ended += random % 100;
        admission_turn(&admission, &counts, at * ADMISSION_TURN_MS);

        int64_t last = at; /* that was refused */
        while (last >= 0 && !refused[last]) {
            last--;
        }
        int64_t first = last; /* of the burst */
        for (int64_t i = last; i >= since && first - i <= 5; i--) {
            first = refused[i] ? i : first;
        }
        if (model && (at - last >= 10 || at - began >= 600)) {
            model = false;
            since = at;
        } else if (!model && refused[at] && at - first >= 50) {
            model = true;
            began = at;
        }
        assert_int_equal(admission.is_overloaded, model);
        assert_true(model ? admission_room(&admission) >= ADMISSION_LEAST
                          : admission_room(&admission) == ADMISSION_ANY);
    }
    assert_true(admission.times > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overload__is_what_lasts),
        cmocka_unit_test(overload__is_tried_again_after_a_minute),
        cmocka_unit_test(room__is_what_is_done_in_a_quarter_second),
        cmocka_unit_test(burst__is_taken_whole),
        cmocka_unit_test(burst__that_is_too_large_gets_what_room_there_is),
        cmocka_unit_test(overload__makes_nobody_wait_and_no_worker_idle),
        cmocka_unit_test(room__follows_what_is_done),
        cmocka_unit_test(random_life__is_overloaded_when_it_must_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

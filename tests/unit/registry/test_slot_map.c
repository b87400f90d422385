/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/slot_map.h"
#include "tests/support/cmocka_test.h"

#include <string.h>

#define ASKED "10.0.0.9"

/* What CLUSTER SLOTS answers, put together. */
#define TEXT(t)                                                                \
    {                                                                          \
        .text = (t)                                                            \
    }
#define NUMBER(n)                                                              \
    {                                                                          \
        .number = (n)                                                          \
    }
#define LIST(...)                                                              \
    {                                                                          \
        .count = COUNT(((struct redis_value[]){__VA_ARGS__})),                 \
        .items = (struct redis_value[])                                        \
        {                                                                      \
            __VA_ARGS__                                                        \
        }                                                                      \
    }
#define NONE NUMBER(0) /* as good as an empty list */
#define NODE(host, port) LIST(TEXT(host), NUMBER(port), TEXT("0f1e2d"), NONE)
#define RANGE(first, last, ...) LIST(NUMBER(first), NUMBER(last), __VA_ARGS__)

static void assert_owner(const struct slot_map *map, unsigned slot,
                         const char *host, int port)
{
    const struct redis_place *master = slot_map_master(map, slot);

    assert_non_null(master);
    assert_string_equal(master->host, host);
    assert_int_equal(master->port, port);
}

static void map__is_read(void **state)
{
    const struct redis_value answer =
        LIST(RANGE(0, 99, NODE("a", 1), NODE("a-replica", 1)),
             RANGE(100, 100, NODE("b", 1)), RANGE(200, 300, NODE("a", 2)),
             RANGE(16383, 16383, NODE("a", 1)));
    struct slot_map map = {.master_count = 0};

    (void)state;
    assert_int_equal(slot_map_read(&map, &answer, ASKED), 0);
    assert_int_equal(map.master_count, 3);
    assert_owner(&map, 0, "a", 1);
    assert_owner(&map, 99, "a", 1);
    assert_owner(&map, 100, "b", 1);
    assert_null(slot_map_master(&map, 101));
    assert_owner(&map, 250, "a", 2);
    assert_null(slot_map_master(&map, 16382));
    assert_false(slot_map_is_whole(&map));
    assert_owner(&map, 16383, "a", 1);
}

static void a_node_without_a_name__is_where_it_was_asked(void **state)
{
    const struct redis_value answer =
        LIST(RANGE(0, 9, NODE(NULL, 7)), RANGE(10, 19, NODE("", 8)),
             RANGE(20, 29, NODE("?", 9)));
    struct slot_map map = {.master_count = 0};

    (void)state;
    assert_int_equal(slot_map_read(&map, &answer, ASKED), 0);
    assert_owner(&map, 0, ASKED, 7);
    assert_owner(&map, 10, ASKED, 8);
    assert_null(slot_map_master(&map, 20));
}

static void what_makes_no_sense__changes_nothing(void **state)
{
    static char longest[300];
    const struct redis_value cases[] = {
        NONE,
        TEXT("a"),
        NUMBER(1),
        LIST(NUMBER(1)),
        LIST(NONE),
        LIST(LIST(NUMBER(0), NUMBER(1))),
        LIST(RANGE(0, 1, LIST(TEXT("a")))),
        LIST(RANGE(0, 1, NODE("a", 0))),
        LIST(RANGE(0, 1, NODE("a", 65536))),
        LIST(RANGE(-1, 1, NODE("a", 1))),
        LIST(RANGE(0, 16384, NODE("a", 1))),
        LIST(RANGE(0, 9, NODE("?", 1))),
        LIST(RANGE(0, 9, NODE(longest, 1))),
        LIST(RANGE(0, 9, NODE("a", 1)), NUMBER(1)),
    };
    const struct redis_place place = {.host = "old", .port = 1};
    struct slot_map map = {.master_count = 0};

    (void)state;
    memset(longest, 'a', sizeof longest - 1);
    assert_int_equal(slot_map_move(&map, 5, &place), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(slot_map_read(&map, &cases[i], ASKED), -1);
        assert_owner(&map, 5, "old", 1);
        assert_null(slot_map_master(&map, 0));
    }
}

static void map__is_whole_when_each_slot_has_a_master(void **state)
{
    const struct redis_value answer =
        LIST(RANGE(0, 8000, NODE("a", 1)), RANGE(8001, 16382, NODE("b", 1)));
    const struct redis_place other = {.host = "b", .port = 1};
    struct slot_map map = {.master_count = 0};

    (void)state;
    assert_int_equal(slot_map_read(&map, &answer, ASKED), 0);
    assert_false(slot_map_is_whole(&map));
    assert_int_equal(slot_map_move(&map, 16383, &other), 0);
    assert_true(slot_map_is_whole(&map));
}

static void a_slot__moves_alone(void **state)
{
    const struct redis_value answer = LIST(RANGE(0, 99, NODE("a", 1)));
    const struct redis_place known = {.host = "a", .port = 1};
    const struct redis_place other = {.host = "b", .port = 1};
    struct slot_map map = {.master_count = 0};

    (void)state;
    assert_int_equal(slot_map_read(&map, &answer, ASKED), 0);
    assert_int_equal(slot_map_move(&map, 50, &other), 0);
    assert_owner(&map, 49, "a", 1);
    assert_owner(&map, 50, "b", 1);
    assert_owner(&map, 51, "a", 1);
    assert_int_equal(slot_map_move(&map, 50, &known), 0);
    assert_owner(&map, 50, "a", 1);
    assert_int_equal(map.master_count, 2);
}

static void more_masters_than_there_is_room_for__are_refused(void **state)
{
    struct slot_map map = {.master_count = 0};
    struct redis_place place = {.host = "a"};

    (void)state;
    for (int i = 0; i < MASTERS_MAX; i++) {
        place.port = i + 1;
        assert_int_equal(slot_map_move(&map, (unsigned)i, &place), 0);
    }
    place.port = MASTERS_MAX + 1;
    assert_int_equal(slot_map_move(&map, 0, &place), -1);
    assert_owner(&map, 0, "a", 1);
    assert_owner(&map, MASTERS_MAX - 1, "a", MASTERS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map__is_read),
        cmocka_unit_test(a_node_without_a_name__is_where_it_was_asked),
        cmocka_unit_test(what_makes_no_sense__changes_nothing),
        cmocka_unit_test(map__is_whole_when_each_slot_has_a_master),
        cmocka_unit_test(a_slot__moves_alone),
        cmocka_unit_test(more_masters_than_there_is_room_for__are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

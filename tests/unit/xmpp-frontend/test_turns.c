/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/turns.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>

enum { QUEUES = 3, MANY = 50000 };

/* A member of a flow that waits in the first queue, or another. */
struct member {
    struct waiter waiter;
    flow_t *flow;
};

static struct member *wait_in(turns_t *turns, uint64_t number, size_t queue,
                              bool first)
{
    struct member *member = calloc(1, sizeof *member);

    assert_non_null(member);
    member->waiter.subject = member;
    member->flow = turns_join(turns, number);
    turns_wait(turns, member->flow, queue, &member->waiter, first);
    return member;
}

static struct member *wait_for(turns_t *turns, uint64_t number)
{
    return wait_in(turns, number, 0, false);
}

static void leave(turns_t *turns, struct member *member)
{
    turns_leave(turns, member->flow, 1);
    free(member);
}

/* Is it this one's turn? Then he has had it, and leaves. */
static void assert_turn(turns_t *turns, size_t queue, struct member *member)
{
    assert_ptr_equal(turns_next(turns, queue), &member->waiter);
    turns_take(turns, &member->waiter);
    leave(turns, member);
}

static void finish(turns_t **turns_p)
{
    for (size_t i = 0; i < QUEUES; i++) {
        assert_null(turns_next(*turns_p, i));
        assert_int_equal(turns_waiting(*turns_p, i), 0);
    }
    assert_int_equal(turns_flows(*turns_p), 0);
    turns_destroy(turns_p);
    assert_null(*turns_p);
    turns_destroy(turns_p);
}

static void one_flow__is_first_come_first_served(void **state)
{
    turns_t *turns = turns_new(QUEUES);
    struct member *members[5];

    (void)state;
    for (size_t i = 0; i < COUNT(members); i++) {
        members[i] = wait_for(turns, 7);
    }
    assert_int_equal(turns_waiting(turns, 0), 5);
    assert_int_equal(flow_members(turns_find(turns, 7)), 5);
    assert_int_equal(turns_flows(turns), 1);
    for (size_t i = 0; i < COUNT(members); i++) {
        assert_turn(turns, 0, members[i]);
    }
    assert_int_equal(flow_members(turns_find(turns, 7)), 0);
    assert_int_equal(flow_members(turns_find(turns, 8)), 0);
    finish(&turns);
}

static void flows__take_turns(void **state)
{
    turns_t *turns = turns_new(QUEUES);
    struct member *a[4];

    (void)state;
    for (size_t i = 0; i < COUNT(a); i++) {
        a[i] = wait_for(turns, 1);
    }
    struct member *b = wait_for(turns, 2);
    struct member *b_next = wait_for(turns, 2);
    struct member *c = wait_for(turns, 3);
    struct member *elsewhere = wait_in(turns, 4, 1, false);
    assert_turn(turns, 0, a[0]);
    assert_turn(turns, 0, b);
    assert_turn(turns, 0, c);
    assert_turn(turns, 0, a[1]);
    struct member *c_next = wait_for(turns, 3);
    assert_turn(turns, 0, b_next);
    assert_turn(turns, 0, a[2]);
    assert_turn(turns, 0, c_next);
    assert_turn(turns, 0, a[3]);
    assert_turn(turns, 1, elsewhere);
    finish(&turns);
}

/* However much waits of others, nobody waits for more than one of each. */
static void burst__delays_others_by_one(void **state)
{
    turns_t *turns = turns_new(QUEUES);
    static struct member *burst[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        burst[i] = wait_for(turns, 1);
    }
    assert_turn(turns, 0, burst[0]);
    for (size_t i = 1; i < 100; i++) {
        struct member *other = wait_for(turns, 1 + i);
        assert_turn(turns, 0, burst[i]);
        assert_turn(turns, 0, other);
    }
    for (size_t i = 100; i < MANY; i++) {
        assert_turn(turns, 0, burst[i]);
    }
    finish(&turns);
}

static void first__is_before_all_others(void **state)
{
    turns_t *turns = turns_new(QUEUES);

    (void)state;
    struct member *a = wait_for(turns, 1);
    struct member *b = wait_for(turns, 2);
    struct member *second = wait_in(turns, 2, 0, true);
    struct member *first = wait_in(turns, 3, 0, true);
    assert_turn(turns, 0, first);
    assert_turn(turns, 0, second);
    assert_turn(turns, 0, a); /* the second flow has had its turn */
    assert_turn(turns, 0, b);
    finish(&turns);
}

static void give_up__costs_nobody_his_turn(void **state)
{
    turns_t *turns = turns_new(QUEUES);

    (void)state;
    struct member *a = wait_for(turns, 1);
    struct member *a_next = wait_for(turns, 1);
    struct member *b = wait_for(turns, 2);
    struct member *c = wait_for(turns, 3);
    turns_give_up(turns, &a->waiter);
    turns_give_up(turns, &b->waiter);
    assert_int_equal(turns_waiting(turns, 0), 2);
    assert_turn(turns, 0, a_next);
    assert_turn(turns, 0, c);
    /* They are members all the same, and can wait again. */
    assert_int_equal(turns_flows(turns), 2);
    turns_wait(turns, b->flow, 2, &b->waiter, false);
    assert_turn(turns, 2, b);
    leave(turns, a);
    finish(&turns);
}

static void members__are_counted(void **state)
{
    turns_t *turns = turns_new(QUEUES);
    flow_t *flow = turns_join(turns, 1);

    (void)state;
    flow_join(flow);
    flow_join(flow);
    assert_ptr_equal(turns_join(turns, 1), flow);
    assert_int_equal(flow_members(flow), 4);
    turns_leave(turns, flow, 3);
    assert_int_equal(flow_members(turns_find(turns, 1)), 1);
    turns_leave(turns, flow, 1);
    assert_int_equal(flow_members(turns_find(turns, 1)), 0);
    assert_ptr_equal(turns_join(turns, 1), flow); /* it was kept */
    turns_leave(turns, flow, 1);
    finish(&turns);
}

/* Of flows that come and go few are kept. */
static void many_flows__come_and_go(void **state)
{
    turns_t *turns = turns_new(QUEUES);
    static struct member *members[MANY];

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        members[i] = wait_in(turns, i, i % QUEUES, i % 7 == 0);
    }
    assert_int_equal(turns_flows(turns), MANY);
    for (size_t i = 0; i < MANY; i++) {
        turns_give_up(turns, &members[i]->waiter);
        leave(turns, members[i]);
    }
    assert_int_equal(turns_idle(turns), 256);
    for (size_t i = 0; i < 1000; i++) {
        assert_turn(turns, 0, wait_for(turns, MANY - i));
    }
    finish(&turns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_flow__is_first_come_first_served),
        cmocka_unit_test(flows__take_turns),
        cmocka_unit_test(burst__delays_others_by_one),
        cmocka_unit_test(first__is_before_all_others),
        cmocka_unit_test(give_up__costs_nobody_his_turn),
        cmocka_unit_test(members__are_counted),
        cmocka_unit_test(many_flows__come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

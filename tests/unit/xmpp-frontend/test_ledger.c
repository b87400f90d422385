/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/ledger.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

enum { DEADLINE_MS = 1000, EXTENSION_MS = 500, ATTEMPTS = 3 };

static ledger_t *new_ledger(size_t max_entries)
{
    const struct ledger_conf conf = {.deadline_ms = DEADLINE_MS,
                                     .extension_ms = EXTENSION_MS,
                                     .max_entries = max_entries,
                                     .max_attempts = ATTEMPTS,
                                     .prefix = "k"};
    return ledger_new(&conf);
}

static void hello(ledger_worker_t *worker, int64_t credit, size_t need,
                  int64_t now_ms)
{
    bool serves[LEDGER_NEEDS_MAX] = {false};

    serves[need] = true;
    ledger_hello(worker, credit, serves, now_ms);
}

/* A worker that can take jobs of this need. */
static ledger_worker_t *add_worker(ledger_t *ledger, void *peer, int64_t credit,
                                   size_t need)
{
    ledger_worker_t *worker = ledger_join(ledger, peer, 0);

    hello(worker, credit, need, 0);
    ledger_reachable(worker);
    return worker;
}

static entry_t *add_entry(ledger_t *ledger, void *subject, size_t need)
{
    entry_t *entry = ledger_open(ledger, NULL, 1, subject, 0);

    assert_non_null(entry);
    ledger_queue(ledger, entry, need);
    return entry;
}

static struct assignment assigned(ledger_t *ledger)
{
    struct assignment next;

    assert_true(ledger_assign(ledger, &next));
    return next;
}

static void assert_none_assigned(ledger_t *ledger)
{
    struct assignment next;

    assert_false(ledger_assign(ledger, &next));
}

/* Close all and end. */
static void finish(ledger_t **ledger_p)
{
    entry_t *entry;

    while ((entry = ledger_overdue(*ledger_p, INT64_MAX)) != NULL) {
        ledger_close(*ledger_p, &entry);
        assert_null(entry);
    }
    ledger_destroy(ledger_p);
    assert_null(*ledger_p);
    ledger_destroy(ledger_p); /* idempotent */
}

/* ---- entries ---- */

static void open__is_refused_past_the_bound(void **state)
{
    ledger_t *ledger = new_ledger(2);
    int subject = 0;

    (void)state;
    entry_t *first = ledger_open(ledger, NULL, 1, &subject, 0);
    assert_ptr_equal(entry_subject(first), &subject);
    add_entry(ledger, NULL, 0);
    assert_int_equal(ledger_size(ledger), 2);
    assert_null(ledger_open(ledger, NULL, 1, NULL, 0));
    ledger_close(ledger, &first);
    assert_int_equal(ledger_size(ledger), 1);
    assert_non_null(ledger_open(ledger, NULL, 1, NULL, 0));
    finish(&ledger);
}

/* Alone a flow has four fifths, with others less, and there is always room for
 * one more. */
static void flow__has_no_more_than_its_share(void **state)
{
    ledger_t *ledger = new_ledger(100);
    entry_t *entry = NULL;

    (void)state;
    for (int i = 0; i < 80; i++) {
        entry = ledger_open(ledger, NULL, 1, NULL, 0);
        assert_non_null(entry);
        assert_int_equal(ledger_is_crowded(ledger, entry), i >= 66);
    }
    assert_null(ledger_open(ledger, NULL, 1, NULL, 0));
    assert_false(ledger_share(ledger, entry));
    assert_false(ledger_is_full(ledger));
    for (int i = 0; i < 16; i++) {
        assert_non_null(ledger_open(ledger, NULL, 2, NULL, 0));
    }
    assert_null(ledger_open(ledger, NULL, 2, NULL, 0));
    for (uint64_t flow = 3; flow < 7; flow++) {
        assert_non_null(ledger_open(ledger, NULL, flow, NULL, 0));
    }
    assert_int_equal(ledger_flows(ledger), 6);
    assert_true(ledger_is_full(ledger));
    assert_null(ledger_open(ledger, NULL, 7, NULL, 0));
    ledger_close(ledger, &entry);
    assert_null(ledger_open(ledger, NULL, 1, NULL, 0)); /* it has enough */
    assert_non_null(ledger_open(ledger, NULL, 7, NULL, 0));
    finish(&ledger);
}

/* Of three that may wait; those that are with a worker do not count. */
static void room__is_for_those_that_wait(void **state)
{
    ledger_t *ledger = new_ledger(100);
    entry_t *entries[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        entries[i] = ledger_open(ledger, NULL, 1, NULL, 0);
        assert_true(ledger_admits(ledger, 1));
    }
    ledger_set_room(ledger, 3);
    assert_true(ledger_admits(ledger, 1));
    for (int i = 0; i < 3; i++) {
        ledger_queue(ledger, entries[i], 1);
        assert_int_equal(ledger_admits(ledger, 1), i < 2);
    }
    assert_true(ledger_admits(ledger, 2)); /* half of its part is one */
    ledger_queue(ledger, entries[3], 0);
    assert_non_null(ledger_open(ledger, NULL, 1, NULL, 0)); /* at its peril */
    add_worker(ledger, NULL, 2, 1);
    assigned(ledger);
    assert_false(ledger_admits(ledger, 1));
    struct assignment next = assigned(ledger);
    assert_true(ledger_admits(ledger, 1));
    ledger_close(ledger, &next.entry);
    assert_int_equal(ledger_closed(ledger), 1);
    finish(&ledger);
}

static void sharers__count_until_their_entry_is_closed(void **state)
{
    ledger_t *ledger = new_ledger(4);

    (void)state;
    entry_t *entry = ledger_open(ledger, NULL, 1, NULL, 0);
    assert_true(ledger_share(ledger, entry));
    assert_true(ledger_share(ledger, entry));
    assert_int_equal(ledger_size(ledger), 3);
    entry_t *other = ledger_open(ledger, NULL, 1, NULL, 0);
    assert_false(ledger_share(ledger, entry));
    assert_null(ledger_open(ledger, NULL, 1, NULL, 0));
    ledger_close(ledger, &entry);
    assert_int_equal(ledger_size(ledger), 1);
    assert_true(ledger_share(ledger, other));
    finish(&ledger);
}

static void overdue__is_the_oldest_past_its_deadline(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *worker = add_worker(ledger, NULL, 9, 0);

    (void)state;
    entry_t *held = ledger_open(ledger, NULL, 1, NULL, 0);
    entry_t *given = ledger_open(ledger, NULL, 1, NULL, 10);
    entry_t *queued = ledger_open(ledger, NULL, 1, NULL, 20);
    ledger_queue(ledger, given, 0);
    assert_ptr_equal(assigned(ledger).entry, given);
    ledger_queue(ledger, queued, 1);
    assert_null(ledger_overdue(ledger, DEADLINE_MS - 1));
    assert_ptr_equal(ledger_overdue(ledger, DEADLINE_MS), held);
    ledger_close(ledger, &held);
    assert_null(ledger_overdue(ledger, DEADLINE_MS + 9));
    assert_ptr_equal(ledger_overdue(ledger, DEADLINE_MS + 10), given);
    ledger_close(ledger, &given);
    assert_ptr_equal(ledger_overdue(ledger, INT64_MAX), queued);
    ledger_lost(ledger, &worker);
    finish(&ledger);
}

static void budget__is_what_is_left_and_at_least_1(void **state)
{
    ledger_t *ledger = new_ledger(1);
    entry_t *entry = ledger_open(ledger, NULL, 1, NULL, 50);

    (void)state;
    assert_int_equal(entry_budget_ms(entry, 50), DEADLINE_MS);
    assert_int_equal(entry_budget_ms(entry, 60), DEADLINE_MS - 10);
    assert_int_equal(entry_budget_ms(entry, 50 + DEADLINE_MS), 1);
    assert_int_equal(entry_budget_ms(entry, 99999), 1);
    finish(&ledger);
}

static void extend__gives_more_time_once(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *entry = add_entry(ledger, NULL, 0);
    struct assignment next = assigned(ledger);
    assert_true(ledger_extend(ledger, entry));
    assert_null(ledger_overdue(ledger, DEADLINE_MS));
    assert_int_equal(entry_budget_ms(entry, DEADLINE_MS), EXTENSION_MS);
    assert_null(ledger_settle(ledger, next.id)); /* that job is given up */
    ledger_queue(ledger, entry, 0);              /* it was held */
    assert_ptr_equal(assigned(ledger).entry, entry);
    assert_null(ledger_overdue(ledger, DEADLINE_MS + EXTENSION_MS - 1));
    assert_ptr_equal(ledger_overdue(ledger, DEADLINE_MS + EXTENSION_MS), entry);
    assert_false(ledger_extend(ledger, entry));
    finish(&ledger);
}

/* Extended in any order, they are overdue in the order of their deadlines. */
static void extended__are_overdue_in_order(void **state)
{
    static const size_t order[] = {1, 3, 0, 2};
    ledger_t *ledger = new_ledger(9);
    entry_t *entries[4];

    (void)state;
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = ledger_open(ledger, NULL, 1, NULL, (int64_t)i);
    }
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_true(ledger_extend(ledger, entries[order[i]]));
    }
    for (size_t i = 0; i < COUNT(entries); i++) {
        int64_t due_ms = (int64_t)i + DEADLINE_MS + EXTENSION_MS;
        assert_null(ledger_overdue(ledger, due_ms - 1));
        assert_ptr_equal(ledger_overdue(ledger, due_ms), entries[i]);
        ledger_close(ledger, &entries[i]);
    }
    finish(&ledger);
}

/* ---- assignment ---- */

static void assign__is_first_come_first_served(void **state)
{
    ledger_t *ledger = new_ledger(9);
    entry_t *entries[3];

    (void)state;
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = add_entry(ledger, NULL, 7);
    }
    assert_none_assigned(ledger);
    add_worker(ledger, NULL, 9, 7);
    for (size_t i = 0; i < COUNT(entries); i++) {
        assert_ptr_equal(assigned(ledger).entry, entries[i]);
    }
    assert_none_assigned(ledger);
    finish(&ledger);
}

static void assign__gives_each_job_an_id_of_its_own(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 9, 0);
    entry_t *first = add_entry(ledger, NULL, 0);
    assert_string_equal(assigned(ledger).id, "k-1.1");
    add_entry(ledger, NULL, 0);
    assert_string_equal(assigned(ledger).id, "k-2.1");
    assert_ptr_equal(ledger_settle(ledger, "k-1.1"), first);
    ledger_queue(ledger, first, 0);
    assert_string_equal(assigned(ledger).id, "k-1.2");
    finish(&ledger);
}

static void assign__goes_to_who_serves_the_need(void **state)
{
    ledger_t *ledger = new_ledger(9);
    int registry = 0;
    int sender = 0;

    (void)state;
    add_worker(ledger, &registry, 1, 0);
    add_worker(ledger, &sender, 1, LEDGER_NEEDS_MAX - 1);
    entry_t *push = add_entry(ledger, NULL, LEDGER_NEEDS_MAX - 1);
    entry_t *nobodys = add_entry(ledger, NULL, 1);
    entry_t *lookup = add_entry(ledger, NULL, 0);
    for (int i = 0; i < 2; i++) {
        struct assignment next = assigned(ledger);
        assert_ptr_not_equal(next.entry, nobodys);
        assert_ptr_equal(ledger_peer(next.worker),
                         next.entry == lookup ? &registry : &sender);
        assert_true(next.entry == lookup || next.entry == push);
    }
    assert_none_assigned(ledger);
    finish(&ledger);
}

/* Also where each entry of a flow needs several jobs. */
static void assign__lets_flows_take_turns(void **state)
{
    ledger_t *ledger = new_ledger(200);
    int flows[2] = {0, 1};

    (void)state;
    for (int i = 0; i < 100; i++) {
        ledger_queue(ledger, ledger_open(ledger, NULL, 1, &flows[0], 0), 0);
    }
    for (int i = 0; i < 3; i++) {
        ledger_queue(ledger, ledger_open(ledger, NULL, 2, &flows[1], 0), 0);
    }
    add_worker(ledger, NULL, 1, 0);
    for (int i = 0; i < 6; i++) {
        struct assignment next = assigned(ledger);
        assert_ptr_equal(entry_subject(next.entry), &flows[i % 2]);
        assert_none_assigned(ledger);
        ledger_queue(ledger, ledger_settle(ledger, next.id), 1);
    }
    assert_int_equal(ledger_queued(ledger, 0), 97);
    assert_int_equal(ledger_queued(ledger, 1), 6);
    finish(&ledger);
}

/* What waits only until the jobs of this turn are handed out does not wait. */
static void behind__is_when_one_more_would_have_to_wait(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    assert_true(ledger_is_behind(ledger, 0)); /* there is no worker */
    ledger_worker_t *worker = add_worker(ledger, NULL, 2, 0);
    add_worker(ledger, NULL, 1, 0);
    add_worker(ledger, NULL, 9, 1);
    for (int i = 0; i < 3; i++) {
        assert_false(ledger_is_behind(ledger, 0));
        add_entry(ledger, NULL, 0);
    }
    assert_true(ledger_is_behind(ledger, 0));
    struct assignment first = assigned(ledger);
    assigned(ledger);
    assigned(ledger);
    assert_true(ledger_is_behind(ledger, 0)); /* the credit is used up */
    entry_t *done = ledger_settle(ledger, first.id);
    assert_false(ledger_is_behind(ledger, 0));
    assert_false(ledger_is_behind(ledger, 1));
    ledger_bye(worker, 0);
    ledger_close(ledger, &done);
    finish(&ledger);
}

/* By the share of the credit that is used, and among equals in turn. */
static void assign__prefers_the_least_loaded(void **state)
{
    ledger_t *ledger = new_ledger(99);
    int given[2] = {0, 0};

    (void)state;
    add_worker(ledger, &given[0], 10, 0);
    add_worker(ledger, &given[1], 30, 0);
    for (int i = 0; i < 40; i++) {
        add_entry(ledger, NULL, 0);
        ++*(int *)ledger_peer(assigned(ledger).worker);
        assert_true(given[1] <= 3 * given[0] + 3);
        assert_true(3 * given[0] <= given[1] + 3);
    }
    assert_int_equal(given[0], 10);
    assert_int_equal(given[1], 30);
    add_entry(ledger, NULL, 0);
    assert_none_assigned(ledger);
    finish(&ledger);
}

static void assign__takes_turns_among_idle_workers(void **state)
{
    ledger_t *ledger = new_ledger(99);
    int given[4] = {0};

    (void)state;
    for (size_t i = 0; i < COUNT(given); i++) {
        add_worker(ledger, &given[i], 5, 0);
    }
    for (int i = 0; i < 40; i++) {
        entry_t *entry = add_entry(ledger, NULL, 0);
        struct assignment next = assigned(ledger);
        ++*(int *)ledger_peer(next.worker);
        assert_ptr_equal(ledger_settle(ledger, next.id), entry);
        ledger_close(ledger, &entry);
    }
    for (size_t i = 0; i < COUNT(given); i++) {
        assert_int_equal(given[i], 10);
    }
    finish(&ledger);
}

static void assign__waits_until_the_worker_is_reachable(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_entry(ledger, NULL, 0);
    ledger_worker_t *worker = ledger_join(ledger, NULL, 0);
    assert_none_assigned(ledger);
    hello(worker, 1, 0, 0);
    assert_none_assigned(ledger);
    ledger_reachable(worker);
    assert_ptr_equal(assigned(ledger).worker, worker);
    finish(&ledger);
}

static void hello__may_change_credit_and_needs(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *worker = add_worker(ledger, NULL, 2, 0);

    (void)state;
    add_entry(ledger, NULL, 0);
    add_entry(ledger, NULL, 0);
    add_entry(ledger, NULL, 0);
    assigned(ledger);
    hello(worker, 1, 0, 0); /* as much as it has */
    assert_none_assigned(ledger);
    hello(worker, 2, 0, 0);
    assigned(ledger);
    hello(worker, 9, 1, 0);
    assert_true(ledger_serves(ledger, 1));
    assert_false(ledger_serves(ledger, 0));
    assert_none_assigned(ledger);
    finish(&ledger);
}

/* ---- results ---- */

static void settle__gives_back_entry_and_credit(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *first = add_entry(ledger, NULL, 0);
    entry_t *second = add_entry(ledger, NULL, 0);
    struct assignment next = assigned(ledger);
    assert_none_assigned(ledger);
    assert_ptr_equal(ledger_settle(ledger, next.id), first);
    assert_ptr_equal(assigned(ledger).entry, second);
    finish(&ledger);
}

static void settle__ignores_what_it_does_not_wait_for(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *entry = add_entry(ledger, NULL, 0);
    struct assignment next = assigned(ledger);
    assert_null(ledger_settle(ledger, "k-1.2"));
    assert_null(ledger_settle(ledger, "j-1.1"));
    assert_null(ledger_settle(ledger, ""));
    assert_ptr_equal(ledger_settle(ledger, next.id), entry);
    assert_null(ledger_settle(ledger, next.id)); /* twice */
    finish(&ledger);
}

/* The worker still works on it: its credit comes back with the result. */
static void close__keeps_the_credit_used_until_the_result(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *late = add_entry(ledger, NULL, 0);
    struct assignment next = assigned(ledger);
    entry_t *waiting = add_entry(ledger, NULL, 0);
    ledger_close(ledger, &late);
    assert_none_assigned(ledger);
    assert_null(ledger_settle(ledger, next.id));
    assert_ptr_equal(assigned(ledger).entry, waiting);
    finish(&ledger);
}

static void close__takes_it_out_of_the_queue(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    entry_t *closed = add_entry(ledger, NULL, 0);
    entry_t *entry = add_entry(ledger, NULL, 0);
    ledger_close(ledger, &closed);
    add_worker(ledger, NULL, 9, 0);
    assert_ptr_equal(assigned(ledger).entry, entry);
    assert_none_assigned(ledger);
    finish(&ledger);
}

/* ---- workers that go ---- */

/* Whoever has had his turn is before all that wait, also of other flows. */
static void take_back__frees_the_worker_and_keeps_the_turn(void **state)
{
    ledger_t *ledger = new_ledger(9);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *first = add_entry(ledger, NULL, 0);
    entry_t *second = add_entry(ledger, NULL, 0);
    entry_t *other = ledger_open(ledger, NULL, 2, NULL, 0);
    ledger_queue(ledger, other, 0);
    struct assignment turned_down = assigned(ledger);
    assert_ptr_equal(turned_down.entry, first);
    ledger_take_back(ledger, first);
    ledger_queue_first(ledger, first, 1);
    assert_none_assigned(ledger); /* the only credit is used up … */
    assert_null(ledger_settle(ledger, turned_down.id));
    ledger_take_back(ledger, first);
    ledger_queue_first(ledger, first, 0);
    entry_t *const order[] = {first, other, second};
    for (size_t i = 0; i < COUNT(order); i++) {
        struct assignment next = assigned(ledger); /* … and free again */
        assert_ptr_equal(next.entry, order[i]);
        assert_ptr_equal(ledger_settle(ledger, next.id), order[i]);
        ledger_close(ledger, &next.entry);
    }
    finish(&ledger);
}

static void lost__hands_over_in_order_before_all_others(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *lost = add_worker(ledger, NULL, 3, 0);
    entry_t *entries[4];
    struct assignment old[3];

    (void)state;
    for (size_t i = 0; i < COUNT(entries); i++) {
        entries[i] = add_entry(ledger, NULL, 0);
    }
    for (size_t i = 0; i < COUNT(old); i++) {
        old[i] = assigned(ledger);
    }
    assert_int_equal(ledger_lost(ledger, &lost), 3);
    assert_null(lost);
    assert_none_assigned(ledger);
    add_worker(ledger, NULL, 9, 0);
    for (size_t i = 0; i < COUNT(entries); i++) {
        struct assignment next = assigned(ledger);
        assert_ptr_equal(next.entry, entries[i]);
    }
    /* What the lost one still says comes too late. */
    for (size_t i = 0; i < COUNT(old); i++) {
        assert_null(ledger_settle(ledger, old[i].id));
    }
    finish(&ledger);
}

static void lost__counts_only_what_is_still_wanted(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *worker = add_worker(ledger, NULL, 3, 0);

    (void)state;
    entry_t *closed = add_entry(ledger, NULL, 0);
    entry_t *settled = add_entry(ledger, NULL, 0);
    add_entry(ledger, NULL, 0);
    assigned(ledger);
    struct assignment second = assigned(ledger);
    assigned(ledger);
    ledger_close(ledger, &closed);
    assert_ptr_equal(ledger_settle(ledger, second.id), settled);
    assert_int_equal(ledger_lost(ledger, &worker), 1);
    finish(&ledger);
}

static void entry__that_kills_its_workers_is_overdue_at_once(void **state)
{
    ledger_t *ledger = new_ledger(9);
    entry_t *entry = add_entry(ledger, NULL, 0);

    (void)state;
    for (int i = 0; i < ATTEMPTS; i++) {
        assert_null(ledger_overdue(ledger, 0));
        ledger_worker_t *worker = add_worker(ledger, NULL, 1, 0);
        assert_ptr_equal(assigned(ledger).entry, entry);
        assert_int_equal(ledger_lost(ledger, &worker), 1);
    }
    assert_ptr_equal(ledger_overdue(ledger, 0), entry);
    add_worker(ledger, NULL, 1, 0);
    assert_none_assigned(ledger);
    finish(&ledger);
}

static void attempts__are_counted_for_each_step(void **state)
{
    ledger_t *ledger = new_ledger(9);
    entry_t *entry = add_entry(ledger, NULL, 0);

    (void)state;
    for (int step = 0; step < 3; step++) {
        for (int i = 0; i < ATTEMPTS - 1; i++) {
            ledger_worker_t *worker = add_worker(ledger, NULL, 1, 0);
            assigned(ledger);
            ledger_lost(ledger, &worker);
        }
        ledger_worker_t *worker = add_worker(ledger, NULL, 1, 0);
        struct assignment next = assigned(ledger);
        assert_ptr_equal(ledger_settle(ledger, next.id), entry);
        ledger_lost(ledger, &worker);
        ledger_queue(ledger, entry, 0);
        assert_null(ledger_overdue(ledger, 0));
    }
    finish(&ledger);
}

static void bye__leaves_it_what_it_has(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *worker = add_worker(ledger, NULL, 9, 0);

    (void)state;
    entry_t *entry = add_entry(ledger, NULL, 0);
    struct assignment next = assigned(ledger);
    add_entry(ledger, NULL, 0);
    ledger_bye(worker, 10);
    hello(worker, 9, 0, 20); /* was on its way: changes nothing */
    assert_none_assigned(ledger);
    assert_ptr_equal(ledger_settle(ledger, next.id), entry);
    assert_none_assigned(ledger);
    assert_int_equal(ledger_lost(ledger, &worker), 0);
    finish(&ledger);
}

static void silent__is_who_said_nothing_since(void **state)
{
    ledger_t *ledger = new_ledger(9);
    ledger_worker_t *a = ledger_join(ledger, NULL, 100);
    ledger_worker_t *b = ledger_join(ledger, NULL, 100);

    (void)state;
    assert_null(ledger_silent(ledger, 100));
    hello(a, 1, 0, 200);
    assert_ptr_equal(ledger_silent(ledger, 101), b);
    ledger_bye(b, 300);
    assert_ptr_equal(ledger_silent(ledger, 201), a);
    assert_null(ledger_silent(ledger, 200));
    finish(&ledger);
}

/* ---- new settings ---- */

static void limits__are_for_what_is_opened_from_now_on(void **state)
{
    const struct ledger_conf limits = {.deadline_ms = 10,
                                       .extension_ms = EXTENSION_MS,
                                       .max_entries = 3,
                                       .max_attempts = ATTEMPTS};
    ledger_t *ledger = new_ledger(1);

    (void)state;
    add_worker(ledger, NULL, 1, 0);
    entry_t *old = ledger_open(ledger, NULL, 1, NULL, 0);
    ledger_set_limits(ledger, &limits);
    entry_t *second = ledger_open(ledger, NULL, 1, NULL, 1);
    entry_t *third = ledger_open(ledger, NULL, 1, NULL, 2);
    assert_null(ledger_open(ledger, NULL, 1, NULL, 3));
    /* The new ones have less time, and do not wait for the old one. */
    assert_null(ledger_overdue(ledger, 10));
    assert_ptr_equal(ledger_overdue(ledger, 11), second);
    ledger_close(ledger, &second);
    assert_null(ledger_overdue(ledger, 11));
    assert_ptr_equal(ledger_overdue(ledger, 12), third);
    ledger_close(ledger, &third);
    assert_null(ledger_overdue(ledger, DEADLINE_MS - 1));
    assert_ptr_equal(ledger_overdue(ledger, DEADLINE_MS), old);
    ledger_queue(ledger, old, 0);
    struct assignment next = assigned(ledger);
    assert_int_equal(strncmp(next.id, "k-", 2), 0); /* the prefix stays */
    finish(&ledger);
}

/* The app behind a number was taken away, and another may get the number. */
static void need__that_is_replaced_is_another(void **state)
{
    enum { GONE = 1, NOBODY = 2, OTHER = 3 };
    ledger_t *ledger = new_ledger(9);

    (void)state;
    ledger_worker_t *worker = add_worker(ledger, NULL, 1, GONE);
    entry_t *held = add_entry(ledger, NULL, GONE);
    struct assignment lost = assigned(ledger);
    entry_t *queued = add_entry(ledger, NULL, GONE);
    entry_t *extended = add_entry(ledger, NULL, GONE);
    assert_true(ledger_extend(ledger, extended));
    ledger_queue(ledger, extended, GONE);
    entry_t *other = add_entry(ledger, NULL, OTHER);
    ledger_replace_need(ledger, GONE, NOBODY);
    assert_false(ledger_serves(ledger, GONE));
    ledger_lost(ledger, &worker);
    assert_null(ledger_settle(ledger, lost.id));
    add_worker(ledger, NULL, 9, GONE);
    assert_none_assigned(ledger);
    add_worker(ledger, NULL, 9, NOBODY);
    assert_ptr_equal(assigned(ledger).entry, held);
    assert_ptr_equal(assigned(ledger).entry, queued);
    assert_ptr_equal(assigned(ledger).entry, extended);
    add_worker(ledger, NULL, 9, OTHER);
    assert_ptr_equal(assigned(ledger).entry, other);
    finish(&ledger);
}

static void hurry__shortens_and_never_extends(void **state)
{
    ledger_t *ledger = new_ledger(9);
    int owner = 0;

    (void)state;
    entry_t *patient = ledger_open(ledger, NULL, 1, NULL, 0);
    entry_t *hasty = ledger_open(ledger, &owner, 1, NULL, 0);
    ledger_hurry(ledger, patient, DEADLINE_MS + 1);
    ledger_hurry(ledger, hasty, 300);
    assert_null(ledger_overdue(ledger, 299));
    assert_ptr_equal(ledger_overdue(ledger, 300), hasty);
    assert_ptr_equal(entry_owner(hasty), &owner);
    ledger_close(ledger, &hasty);
    assert_null(ledger_overdue(ledger, DEADLINE_MS - 1));
    assert_ptr_equal(ledger_overdue(ledger, DEADLINE_MS), patient);
    assert_null(entry_owner(patient));
    ledger_close(ledger, &patient);
    finish(&ledger);
}

static void assign__takes_lower_needs_first(void **state)
{
    ledger_t *ledger = new_ledger(9);
    bool serves[LEDGER_NEEDS_MAX] = {[0] = true, [5] = true};

    (void)state;
    ledger_worker_t *worker = add_worker(ledger, NULL, 2, 0);
    ledger_hello(worker, 2, serves, 0);
    entry_t *low = add_entry(ledger, NULL, 5);
    entry_t *first = add_entry(ledger, NULL, 0);
    entry_t *second = add_entry(ledger, NULL, 0);
    assert_ptr_equal(assigned(ledger).entry, first);
    struct assignment next = assigned(ledger);
    assert_ptr_equal(next.entry, second);
    assert_none_assigned(ledger);
    ledger_settle(ledger, next.id);
    assert_ptr_equal(assigned(ledger).entry, low);
    finish(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__is_refused_past_the_bound),
        cmocka_unit_test(flow__has_no_more_than_its_share),
        cmocka_unit_test(assign__lets_flows_take_turns),
        cmocka_unit_test(room__is_for_those_that_wait),
        cmocka_unit_test(sharers__count_until_their_entry_is_closed),
        cmocka_unit_test(overdue__is_the_oldest_past_its_deadline),
        cmocka_unit_test(budget__is_what_is_left_and_at_least_1),
        cmocka_unit_test(extend__gives_more_time_once),
        cmocka_unit_test(extended__are_overdue_in_order),
        cmocka_unit_test(assign__is_first_come_first_served),
        cmocka_unit_test(assign__gives_each_job_an_id_of_its_own),
        cmocka_unit_test(assign__goes_to_who_serves_the_need),
        cmocka_unit_test(assign__takes_lower_needs_first),
        cmocka_unit_test(hurry__shortens_and_never_extends),
        cmocka_unit_test(assign__prefers_the_least_loaded),
        cmocka_unit_test(behind__is_when_one_more_would_have_to_wait),
        cmocka_unit_test(assign__takes_turns_among_idle_workers),
        cmocka_unit_test(assign__waits_until_the_worker_is_reachable),
        cmocka_unit_test(hello__may_change_credit_and_needs),
        cmocka_unit_test(settle__gives_back_entry_and_credit),
        cmocka_unit_test(settle__ignores_what_it_does_not_wait_for),
        cmocka_unit_test(close__keeps_the_credit_used_until_the_result),
        cmocka_unit_test(close__takes_it_out_of_the_queue),
        cmocka_unit_test(take_back__frees_the_worker_and_keeps_the_turn),
        cmocka_unit_test(lost__hands_over_in_order_before_all_others),
        cmocka_unit_test(lost__counts_only_what_is_still_wanted),
        cmocka_unit_test(entry__that_kills_its_workers_is_overdue_at_once),
        cmocka_unit_test(attempts__are_counted_for_each_step),
        cmocka_unit_test(bye__leaves_it_what_it_has),
        cmocka_unit_test(silent__is_who_said_nothing_since),
        cmocka_unit_test(limits__are_for_what_is_opened_from_now_on),
        cmocka_unit_test(need__that_is_replaced_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

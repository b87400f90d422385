/* SPDX-License-Identifier: BSD-3-Clause */
/* A long random life of the ledger, the same each time, beside a model that is
 * too plain to be wrong: an array of entries, one of workers, one of jobs. */
#include "services/xmpp-frontend/ledger.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

enum {
    STEPS = 100000,
    DEADLINE_MS = 1000,
    EXTENSION_MS = 300,
    ATTEMPTS = 3,
    MODEL_ENTRIES = 200,
    MAX_ENTRIES = 220, /* with those that share one */
    MODEL_WORKERS = 6,
    MODEL_NEEDS = 3,
    MODEL_FLOWS = 5,
};

enum model_state { M_NONE, M_HELD, M_QUEUED, M_ASSIGNED };

struct model_entry {
    entry_t *entry;
    enum model_state state;
    size_t need;
    int worker; /* ASSIGNED: index */
    unsigned lost;
    int64_t deadline_ms;
    bool extended;
    size_t sharers;
    size_t flow;
    uint64_t queued; /* QUEUED: order, smaller first */
};

struct model_worker {
    ledger_worker_t *worker; /* NULL: not there */
    int64_t credit;
    int64_t jobs; /* unanswered, also of closed entries */
    bool serves[LEDGER_NEEDS_MAX];
    bool reachable, leaving;
};

struct model_job {
    char id[LEDGER_ID_SIZE];
    int worker;
    int entry; /* index, or -1 when it was closed */
};

struct model {
    ledger_t *ledger;
    uint64_t random;
    int64_t now_ms;
    struct model_entry entries[MODEL_ENTRIES];
    struct model_worker workers[MODEL_WORKERS];
    struct model_job jobs[4096];
    size_t job_count;
    char spent[64][LEDGER_ID_SIZE]; /* ids that were answered or lost */
    size_t spent_count;
    size_t size, opened, closed, shared, unshared;
    uint64_t back, front; /* orders for the ends of the queues */
    size_t members[MODEL_FLOWS];
    size_t room, admitted;
    /* Order of the flows that have something in a queue, smaller first. */
    uint64_t turns[MODEL_NEEDS][MODEL_FLOWS];
};

/* xorshift64: the same on every machine. */
static size_t below(struct model *m, size_t bound)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (size_t)(m->random >> 16) % bound;
}

static int any_entry(struct model *m, enum model_state state)
{
    size_t start = below(m, MODEL_ENTRIES);

    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        size_t at = (start + i) % MODEL_ENTRIES;
        if (m->entries[at].state == state) {
            return (int)at;
        }
    }
    return -1;
}

static int entry_index(const struct model *m, const entry_t *entry)
{
    const struct model_entry *e = entry_subject(entry);

    assert_ptr_equal(e->entry, entry);
    return (int)(e - m->entries);
}

static void spend(struct model *m, size_t job)
{
    memcpy(m->spent[m->spent_count++ % COUNT(m->spent)], m->jobs[job].id,
           LEDGER_ID_SIZE);
    m->jobs[job] = m->jobs[--m->job_count];
}

static bool has_room(const struct model *m, size_t flow)
{
    return m->size < MAX_ENTRIES &&
           m->members[flow] < LEDGER_SHARE * (MAX_ENTRIES - m->size);
}

static bool may_wait(const struct model *m, size_t flow)
{
    bool has_members[MODEL_FLOWS] = {false};
    size_t own = 0;
    size_t all = 0;
    size_t flows = 0;

    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        const struct model_entry *e = &m->entries[i];
        all += e->state == M_QUEUED;
        own += e->state == M_QUEUED && e->flow == flow;
        flows += e->state != M_NONE && !has_members[e->flow];
        has_members[e->flow] |= e->state != M_NONE;
    }
    size_t free = m->room > all ? m->room - all : 0;
    return own < LEDGER_SHARE * free ||
           own < m->room / (2 * (flows > 0 ? flows : 1));
}

/* Does anything of a flow wait for a need? */
static bool has_queued(const struct model *m, size_t need, size_t flow)
{
    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        const struct model_entry *e = &m->entries[i];
        if (e->state == M_QUEUED && e->need == need && e->flow == flow) {
            return true;
        }
    }
    return false;
}

static void model_open(struct model *m)
{
    int at = any_entry(m, M_NONE);

    size_t flow = below(m, 8) % MODEL_FLOWS; /* some ask for more */

    m->room = below(m, MODEL_ENTRIES / 2);
    ledger_set_room(m->ledger, m->room);
    bool is_admitted = has_room(m, flow) && may_wait(m, flow);
    assert_int_equal(ledger_admits(m->ledger, flow), is_admitted);
    m->admitted += is_admitted;
    if (!has_room(m, flow)) {
        assert_null(ledger_open(m->ledger, NULL, flow, NULL, m->now_ms));
        return;
    }
    if (at < 0) {
        return;
    }
    struct model_entry *e = &m->entries[at];
    e->entry = ledger_open(m->ledger, NULL, flow, e, m->now_ms);
    assert_non_null(e->entry);
    e->flow = flow;
    m->members[flow]++;
    e->state = M_HELD;
    e->deadline_ms = m->now_ms + DEADLINE_MS;
    e->extended = false;
    e->sharers = 0;
    m->size++;
    m->opened++;
}

static void model_share(struct model *m)
{
    int at = any_entry(m, (enum model_state)(M_HELD + below(m, 3)));

    if (at >= 0) {
        struct model_entry *e = &m->entries[at];
        bool is_full = !has_room(m, e->flow);
        assert_int_equal(ledger_share(m->ledger, e->entry), !is_full);
        e->sharers += is_full ? 0 : 1;
        m->members[e->flow] += is_full ? 0 : 1;
        m->size += is_full ? 0 : 1;
        m->shared += is_full ? 0 : 1;
    }
}

static void model_queue(struct model *m)
{
    int at = any_entry(m, M_HELD);

    if (at >= 0) {
        struct model_entry *e = &m->entries[at];
        e->need = below(m, MODEL_NEEDS);
        if (!has_queued(m, e->need, e->flow)) {
            m->turns[e->need][e->flow] = m->back++;
        }
        e->state = M_QUEUED;
        e->lost = 0;
        e->queued = m->back++;
        ledger_queue(m->ledger, e->entry, e->need);
    }
}

/* Its worker has it all the same. */
static void give_up_job(struct model *m, int at)
{
    for (size_t j = 0; j < m->job_count; j++) {
        if (m->jobs[j].entry == at) {
            m->jobs[j].entry = -1;
        }
    }
}

static void model_close(struct model *m, int at)
{
    struct model_entry *e = &m->entries[at];

    give_up_job(m, at);
    ledger_close(m->ledger, &e->entry);
    e->state = M_NONE;
    m->size -= 1 + e->sharers;
    m->members[e->flow] -= 1 + e->sharers;
    m->closed += 1;
    m->unshared += e->sharers;
}

static bool may_take(const struct model_worker *w, size_t need)
{
    return w->worker != NULL && w->reachable && !w->leaving &&
           w->serves[need] && w->jobs < w->credit;
}

static void check_assignment(const struct model *m,
                             const struct assignment *next, int at, int by)
{
    const struct model_entry *e = &m->entries[at];
    const struct model_worker *w = &m->workers[by];

    assert_int_equal(e->state, M_QUEUED);
    assert_ptr_equal(w->worker, next->worker);
    assert_true(may_take(w, e->need));
    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        const struct model_entry *other = &m->entries[i];
        if (other->state == M_QUEUED && other->need == e->need) {
            assert_true(other->flow != e->flow || other->queued >= e->queued);
            assert_true(m->turns[e->need][other->flow] >=
                        m->turns[e->need][e->flow]);
        }
    }
    for (size_t i = 0; i < MODEL_WORKERS; i++) {
        const struct model_worker *other = &m->workers[i];
        assert_false(may_take(other, e->need) &&
                     other->jobs * w->credit < w->jobs * other->credit);
    }
}

static void model_assign(struct model *m)
{
    struct assignment next;
    bool possible = false;

    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        for (size_t w = 0; w < MODEL_WORKERS; w++) {
            possible =
                possible || (m->entries[i].state == M_QUEUED &&
                             may_take(&m->workers[w], m->entries[i].need));
        }
    }
    assert_int_equal(ledger_assign(m->ledger, &next), possible);
    if (!possible) {
        return;
    }
    int at = entry_index(m, next.entry);
    int by =
        (int)((struct model_worker *)ledger_peer(next.worker) - m->workers);
    check_assignment(m, &next, at, by);
    m->entries[at].state = M_ASSIGNED;
    m->turns[m->entries[at].need][m->entries[at].flow] = m->back++;
    m->entries[at].worker = by;
    m->workers[by].jobs++;
    struct model_job *job = &m->jobs[m->job_count++];
    memcpy(job->id, next.id, sizeof job->id);
    job->worker = by;
    job->entry = at;
}

static void model_settle(struct model *m)
{
    if (m->spent_count > 0 && below(m, 4) == 0) {
        size_t known =
            m->spent_count < COUNT(m->spent) ? m->spent_count : COUNT(m->spent);
        assert_null(ledger_settle(m->ledger, m->spent[below(m, known)]));
    }
    if (m->job_count == 0) {
        return;
    }
    size_t j = below(m, m->job_count);
    int at = m->jobs[j].entry;
    entry_t *entry = ledger_settle(m->ledger, m->jobs[j].id);
    m->workers[m->jobs[j].worker].jobs--;
    spend(m, j);
    if (at < 0) {
        assert_null(entry);
        return;
    }
    assert_ptr_equal(entry, m->entries[at].entry);
    m->entries[at].state = M_HELD;
}

/* What a lost worker had comes before all that waits; in which order among
 * each other is left to test_ledger. */
static void model_lose(struct model *m, int by)
{
    struct model_worker *w = &m->workers[by];
    size_t expected = 0;
    size_t given_up = 0;

    for (size_t j = m->job_count; j-- > 0;) {
        if (m->jobs[j].worker != by) {
            continue;
        }
        int at = m->jobs[j].entry;
        spend(m, j);
        if (at < 0) {
            continue;
        }
        struct model_entry *e = &m->entries[at];
        expected++;
        e->lost++;
        e->state = e->lost >= ATTEMPTS ? M_HELD : M_QUEUED;
        e->queued = m->front; /* equal among each other */
        if (e->state == M_QUEUED) {
            m->turns[e->need][e->flow] = m->front;
        }
        given_up += e->lost >= ATTEMPTS;
    }
    m->front--;
    assert_int_equal(ledger_lost(m->ledger, &w->worker), expected);
    *w = (struct model_worker){0};
    for (; given_up > 0; given_up--) {
        entry_t *failed = ledger_overdue(m->ledger, INT64_MIN);
        assert_non_null(failed);
        int at = entry_index(m, failed);
        assert_true(m->entries[at].lost >= ATTEMPTS);
        model_close(m, at);
    }
    assert_null(ledger_overdue(m->ledger, INT64_MIN));
}

static void model_hello(struct model *m, struct model_worker *w)
{
    for (size_t need = 0; need < MODEL_NEEDS; need++) {
        w->serves[need] = below(m, 2) == 0;
    }
    w->credit = 1 + (int64_t)below(m, 20);
    ledger_hello(w->worker, w->credit, w->serves, m->now_ms);
}

static void model_worker_step(struct model *m)
{
    int at = (int)below(m, MODEL_WORKERS);
    struct model_worker *w = &m->workers[at];

    if (w->worker == NULL) {
        w->worker = ledger_join(m->ledger, w, m->now_ms);
        return;
    }
    switch (below(m, 12)) {
    case 0:
        model_lose(m, at);
        break;
    case 1:
        ledger_bye(w->worker, m->now_ms);
        w->leaving = true;
        break;
    case 2:
    case 3:
    case 4:
        model_hello(m, w);
        break;
    default:
        ledger_reachable(w->worker);
        w->reachable = true;
        break;
    }
}

/* Half of those that are overdue get more time, if they can. */
static void model_overdue(struct model *m, entry_t *entry)
{
    int at = entry_index(m, entry);
    struct model_entry *e = &m->entries[at];

    assert_true(e->deadline_ms <= m->now_ms);
    assert_int_equal(entry_budget_ms(entry, m->now_ms), 1);
    if (below(m, 2) == 0) {
        model_close(m, at);
        return;
    }
    assert_int_equal(ledger_extend(m->ledger, entry), !e->extended);
    if (e->extended) {
        model_close(m, at);
        return;
    }
    give_up_job(m, at);
    e->state = M_HELD;
    e->extended = true;
    e->deadline_ms += EXTENSION_MS;
}

static void model_time(struct model *m)
{
    entry_t *entry;

    m->now_ms += (int64_t)below(m, 40);
    while ((entry = ledger_overdue(m->ledger, m->now_ms)) != NULL) {
        model_overdue(m, entry);
    }
    for (size_t i = 0; i < MODEL_ENTRIES; i++) {
        assert_true(m->entries[i].state == M_NONE ||
                    m->entries[i].deadline_ms > m->now_ms);
    }
}

/* Any entry that is in the ledger, now and then. */
static void model_close_any(struct model *m)
{
    int at = any_entry(m, (enum model_state)(M_HELD + below(m, 3)));

    if (at >= 0 && below(m, 3) == 0) {
        model_close(m, at);
    }
}

static void model_step(struct model *m)
{
    static void (*const steps[])(struct model *) = {
        model_open,   model_open,   model_open,      model_open,
        model_queue,  model_queue,  model_queue,     model_queue,
        model_assign, model_assign, model_assign,    model_settle,
        model_settle, model_time,   model_close_any, model_worker_step,
        model_share};

    steps[below(m, COUNT(steps))](m);
}

static void check_model(const struct model *m)
{
    int64_t jobs[MODEL_WORKERS] = {0};

    assert_int_equal(ledger_size(m->ledger), m->size);
    size_t members = 0;
    for (size_t i = 0; i < MODEL_FLOWS; i++) {
        members += m->members[i];
    }
    assert_int_equal(members, m->size);
    assert_int_equal(m->opened - m->closed + m->shared - m->unshared, m->size);
    for (size_t j = 0; j < m->job_count; j++) {
        jobs[m->jobs[j].worker]++;
    }
    for (size_t w = 0; w < MODEL_WORKERS; w++) {
        assert_int_equal(jobs[w], m->workers[w].jobs);
    }
}

static void random_life__loses_nothing_and_doubles_nothing(void **state)
{
    static const struct ledger_conf conf = {.deadline_ms = DEADLINE_MS,
                                            .extension_ms = EXTENSION_MS,
                                            .max_entries = MAX_ENTRIES,
                                            .max_attempts = ATTEMPTS,
                                            .prefix = "k"};
    struct model *m = calloc(1, sizeof *m);

    (void)state;
    assert_non_null(m);
    m->ledger = ledger_new(&conf);
    m->random = 0x57414b4542555321;
    m->front = UINT64_MAX / 2 - 1;
    m->back = UINT64_MAX / 2;
    for (int i = 0; i < STEPS; i++) {
        model_step(m);
        if (i % 64 == 0) {
            check_model(m);
        }
    }
    m->now_ms = INT64_MAX / 2;
    model_time(m);
    check_model(m);
    assert_int_equal(m->size, 0);
    assert_int_equal(m->opened, m->closed);
    assert_int_equal(m->shared, m->unshared);
    assert_true(m->shared > STEPS / 100);
    assert_in_range(m->admitted, STEPS / 100, STEPS / 6);
    assert_int_equal(ledger_closed(m->ledger), m->closed);
    assert_true(m->opened > STEPS / 100 && m->spent_count > STEPS / 100);
    ledger_destroy(&m->ledger);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_life__loses_nothing_and_doubles_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* A long random life, the same each time: pushes for a few targets come, wait,
 * join, are sent or turn out to be for nobody. What a provider and the servers
 * see of it must be right. */
#include "services/xmpp-frontend/coalesce.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    STEPS = 300000,
    TARGETS = 60,
    BUSY = 6,       /* of them at a time … */
    BUSY_MS = 4000, /* … for so long */
    WINDOW_MS = 1000,
    GROUPS = 64,
};

/* Pushes that become one wake-up. */
struct group {
    bool used;
    bool goes;      /* else it waits */
    bool is_urgent; /* the highest of all in it */
    size_t target;
    size_t size;
    int64_t first_ms; /* the first of them came */
};

/* What was sent last to a target; 0: nothing yet. */
struct sent {
    int64_t at_ms;
    bool is_urgent;
};

struct model {
    coalesce_t *coalesce;
    uint64_t random;
    int64_t now_ms;
    struct group groups[GROUPS];
    struct group *open[TARGETS]; /* not sent yet */
    struct sent sent[TARGETS];
    size_t came, woken, in_vain;
    size_t led, joined, hurried, waited;
    char nodes[TARGETS][8];
    struct push_target targets[TARGETS];
};

/* xorshift64: the same on every machine. */
static size_t below(struct model *m, size_t bound)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return (size_t)(m->random >> 16) % bound;
}

static struct group *new_group(struct model *m, size_t target, bool is_urgent)
{
    for (size_t i = 0; i < GROUPS; i++) {
        struct group *group = &m->groups[i];
        if (!group->used) {
            *group = (struct group){.used = true,
                                    .is_urgent = is_urgent,
                                    .target = target,
                                    .size = 1,
                                    .first_ms = m->now_ms};
            return group;
        }
    }
    fail();
    return NULL;
}

/* Must a push wait, by what was sent? */
static bool must_wait(const struct model *m, size_t target, bool is_urgent)
{
    const struct sent *sent = &m->sent[target];

    return sent->at_ms != 0 && m->now_ms < sent->at_ms + WINDOW_MS &&
           !(is_urgent && !sent->is_urgent);
}

static void model_push(struct model *m)
{
    size_t busy = (size_t)(m->now_ms / BUSY_MS) * BUSY / 2;
    size_t target = (busy + below(m, BUSY)) % TARGETS;
    bool is_urgent = below(m, 2) == 0;
    struct group *group = coalesce_find(m->coalesce, &m->targets[target]);

    assert_ptr_equal(group, m->open[target]);
    m->came++;
    if (group == NULL) {
        group = new_group(m, target, is_urgent);
        group->goes = coalesce_lead(m->coalesce, &m->targets[target], is_urgent,
                                    group, m->now_ms);
        assert_int_equal(group->goes, !must_wait(m, target, is_urgent));
        m->open[target] = group;
        m->led++;
        return;
    }
    bool hurries = !group->goes && !must_wait(m, target, is_urgent);
    assert_int_equal(
        coalesce_join(m->coalesce, &m->targets[target], is_urgent, m->now_ms),
        hurries);
    group->goes = group->goes || hurries;
    group->is_urgent = group->is_urgent || is_urgent;
    group->size++;
    m->joined++;
    m->hurried += hurries;
}

static struct group *any_going(struct model *m)
{
    size_t start = below(m, GROUPS);

    for (size_t i = 0; i < GROUPS; i++) {
        struct group *group = &m->groups[(start + i) % GROUPS];
        if (group->used && group->goes) {
            return group;
        }
    }
    return NULL;
}

static void end_group(struct model *m, struct group *group)
{
    if (m->open[group->target] == group) {
        m->open[group->target] = NULL;
    }
    group->used = false;
}

static void model_send(struct model *m)
{
    struct group *group = any_going(m);

    if (group == NULL) {
        return;
    }
    struct sent *sent = &m->sent[group->target];
    /* The law: within a window of each other only one that is not urgent and
     * then one that is. */
    assert_true(sent->at_ms == 0 || m->now_ms >= sent->at_ms + WINDOW_MS ||
                (!sent->is_urgent && group->is_urgent));
    *sent = (struct sent){m->now_ms, group->is_urgent};
    coalesce_sent(m->coalesce, &m->targets[group->target], group->is_urgent,
                  group, m->now_ms);
    m->woken += group->size;
    end_group(m, group);
}

/* There is no such target, or something failed. */
static void model_fail(struct model *m)
{
    struct group *group = any_going(m);

    if (group != NULL && below(m, 3) == 0) {
        coalesce_close(m->coalesce, &m->targets[group->target], group);
        m->in_vain += group->size;
        end_group(m, group);
    }
}

static void model_time(struct model *m)
{
    struct group *group;

    m->now_ms += (int64_t)below(m, 120);
    while ((group = coalesce_due(m->coalesce, m->now_ms)) != NULL) {
        assert_true(group->used && !group->goes);
        assert_false(must_wait(m, group->target, group->is_urgent));
        group->goes = true;
        m->waited++;
    }
    for (size_t i = 0; i < GROUPS; i++) {
        /* Nobody waits longer than a window, nor without a reason. */
        group = &m->groups[i];
        assert_true(!group->used || group->goes ||
                    (m->now_ms < group->first_ms + WINDOW_MS &&
                     must_wait(m, group->target, group->is_urgent)));
    }
}

static void model_step(struct model *m)
{
    static void (*const steps[])(struct model *) = {
        model_push, model_push, model_push, model_push,
        model_send, model_send, model_fail, model_time};

    steps[below(m, COUNT(steps))](m);
}

/* Some have nodes in common, and some differ in the secret only. */
static void name_targets(struct model *m)
{
    for (size_t i = 0; i < TARGETS; i++) {
        snprintf(m->nodes[i], sizeof m->nodes[i], "%zu", i / 4);
        m->targets[i] =
            (struct push_target){.domain = i % 2 ? "a.example" : "b.example",
                                 .node = m->nodes[i],
                                 .secret = i % 4 < 2 ? "secret" : NULL};
    }
}

static void
random_life__loses_nothing_and_sends_no_more_than_it_may(void **state)
{
    static const struct coalesce_conf conf = {WINDOW_MS, 2 * BUSY, {{3, 4}}};
    struct model *m = calloc(1, sizeof *m);

    (void)state;
    assert_non_null(m);
    name_targets(m);
    m->coalesce = coalesce_new(&conf);
    m->random = 0x57414b4542555321;
    m->now_ms = 1;
    for (int i = 0; i < STEPS; i++) {
        model_step(m);
    }
    while (m->woken + m->in_vain < m->came) {
        model_time(m);
        model_send(m);
    }
    assert_int_equal(m->woken + m->in_vain, m->came);
    assert_int_equal(m->led + m->joined, m->came);
    assert_int_equal(coalesce_joinable(m->coalesce), 0);
    assert_int_equal(coalesce_forgotten(m->coalesce), 0);
    assert_true(coalesce_windows(m->coalesce) <= 2 * BUSY);
    /* All of it has happened often. */
    assert_true(m->joined > STEPS / 100 && m->waited > STEPS / 100);
    assert_true(m->in_vain > STEPS / 100 && m->hurried > STEPS / 1000);
    coalesce_destroy(&m->coalesce);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            random_life__loses_nothing_and_sends_no_more_than_it_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

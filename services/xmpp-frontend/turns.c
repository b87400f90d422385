/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/turns.h"

#include <assert.h>
#include <czmq.h>
#include <stdlib.h>

/* Flows without a member that are kept, since most come back. */
enum { IDLE_MAX = 256 };

TAILQ_HEAD(waiter_list, waiter);
TAILQ_HEAD(lane_list, lane);
TAILQ_HEAD(flow_list, flow);
SLIST_HEAD(own_lanes, lane);

/* What waits of one flow in one queue. */
struct lane {
    TAILQ_ENTRY(lane) in_queue; /* while it is not empty */
    SLIST_ENTRY(lane) of_flow;
    size_t queue;
    flow_t *flow;
    struct waiter_list waiters;
};

struct flow {
    uint64_t number;
    size_t members;
    size_t waiting;         /* of them */
    struct own_lanes lanes; /* of the queues that it has waited in */
    TAILQ_ENTRY(flow) idle; /* members is 0 */
};

struct turns {
    zhashx_t *flows; /* by number */
    struct flow_list idle;
    size_t idle_count;
    size_t queue_count;
    size_t waiting;           /* in all queues */
    struct lane_list *queues; /* whose turn it is, is first */
};

/* ---- flows ---- */

static size_t hash_of_number(const void *number)
{
    return *(const uint64_t *)number;
}

static int compare_numbers(const void *a, const void *b)
{
    return *(const uint64_t *)a != *(const uint64_t *)b;
}

static void destroy_flow(turns_t *self, flow_t *flow)
{
    struct lane *lane;

    while ((lane = SLIST_FIRST(&flow->lanes)) != NULL) {
        assert(TAILQ_EMPTY(&lane->waiters));
        SLIST_REMOVE_HEAD(&flow->lanes, of_flow);
        free(lane);
    }
    zhashx_delete(self->flows, &flow->number);
    free(flow);
}

static void leave_idle(turns_t *self, flow_t *flow)
{
    TAILQ_REMOVE(&self->idle, flow, idle);
    self->idle_count--;
}

flow_t *turns_join(turns_t *self, uint64_t number)
{
    flow_t *flow = zhashx_lookup(self->flows, &number);

    if (flow == NULL) {
        flow = zmalloc(sizeof *flow);
        assert(flow);
        flow->number = number;
        SLIST_INIT(&flow->lanes);
        zhashx_insert(self->flows, &flow->number, flow);
    } else if (flow->members == 0) {
        leave_idle(self, flow);
    }
    flow->members++;
    return flow;
}

void flow_join(flow_t *flow)
{
    assert(flow->members > 0);
    flow->members++;
}

void turns_leave(turns_t *self, flow_t *flow, size_t count)
{
    assert(flow->members >= count);
    flow->members -= count;
    if (flow->members > 0) {
        return;
    }
    TAILQ_INSERT_TAIL(&self->idle, flow, idle);
    self->idle_count++;
    if (self->idle_count > IDLE_MAX) {
        flow_t *oldest = TAILQ_FIRST(&self->idle);
        leave_idle(self, oldest);
        destroy_flow(self, oldest);
    }
}

flow_t *turns_find(const turns_t *self, uint64_t number)
{
    return zhashx_lookup(self->flows, &number);
}

size_t flow_members(const flow_t *flow)
{
    return flow != NULL ? flow->members : 0;
}

size_t flow_waiting(const flow_t *flow)
{
    return flow != NULL ? flow->waiting : 0;
}

size_t turns_flows(const turns_t *self)
{
    return zhashx_size(self->flows) - self->idle_count;
}

size_t turns_idle(const turns_t *self)
{
    return self->idle_count;
}

/* ---- queues ---- */

static struct lane *lane_of(flow_t *flow, size_t queue)
{
    struct lane *lane;

    SLIST_FOREACH(lane, &flow->lanes, of_flow)
    {
        if (lane->queue == queue) {
            return lane;
        }
    }
    lane = zmalloc(sizeof *lane);
    assert(lane);
    lane->queue = queue;
    lane->flow = flow;
    TAILQ_INIT(&lane->waiters);
    SLIST_INSERT_HEAD(&flow->lanes, lane, of_flow);
    return lane;
}

void turns_wait(turns_t *self, flow_t *flow, size_t queue,
                struct waiter *waiter, bool first)
{
    struct lane *lane = lane_of(flow, queue);
    bool was_empty = TAILQ_EMPTY(&lane->waiters);

    assert(waiter->lane == NULL && queue < self->queue_count);
    waiter->lane = lane;
    flow->waiting++;
    self->waiting++;
    if (first) {
        TAILQ_INSERT_HEAD(&lane->waiters, waiter, in_lane);
    } else {
        TAILQ_INSERT_TAIL(&lane->waiters, waiter, in_lane);
    }
    if (first && !was_empty) {
        TAILQ_REMOVE(&self->queues[queue], lane, in_queue);
    }
    if (first) {
        TAILQ_INSERT_HEAD(&self->queues[queue], lane, in_queue);
    } else if (was_empty) {
        TAILQ_INSERT_TAIL(&self->queues[queue], lane, in_queue);
    }
}

struct waiter *turns_next(const turns_t *self, size_t queue)
{
    const struct lane *lane = TAILQ_FIRST(&self->queues[queue]);

    return lane != NULL ? TAILQ_FIRST(&lane->waiters) : NULL;
}

void turns_take(turns_t *self, struct waiter *waiter)
{
    struct lane *lane = waiter->lane;

    turns_give_up(self, waiter);
    if (!TAILQ_EMPTY(&lane->waiters)) {
        TAILQ_REMOVE(&self->queues[lane->queue], lane, in_queue);
        TAILQ_INSERT_TAIL(&self->queues[lane->queue], lane, in_queue);
    }
}

void turns_give_up(turns_t *self, struct waiter *waiter)
{
    struct lane *lane = waiter->lane;

    TAILQ_REMOVE(&lane->waiters, waiter, in_lane);
    waiter->lane = NULL;
    lane->flow->waiting--;
    self->waiting--;
    if (TAILQ_EMPTY(&lane->waiters)) {
        TAILQ_REMOVE(&self->queues[lane->queue], lane, in_queue);
    }
}

size_t turns_waiting(const turns_t *self, size_t queue)
{
    const struct lane *lane;
    const struct waiter *waiter;
    size_t count = 0;

    TAILQ_FOREACH(lane, &self->queues[queue], in_queue) {
        TAILQ_FOREACH(waiter, &lane->waiters, in_lane) {
            count++;
        }
    }
    return count;
}

size_t turns_waiting_in_all(const turns_t *self)
{
    return self->waiting;
}

/* ---- life ---- */

turns_t *turns_new(size_t queues)
{
    turns_t *self = zmalloc(sizeof *self);

    assert(self);
    self->queue_count = queues;
    self->queues = calloc(queues, sizeof *self->queues);
    assert(self->queues);
    for (size_t i = 0; i < queues; i++) {
        TAILQ_INIT(&self->queues[i]);
    }
    TAILQ_INIT(&self->idle);
    self->flows = zhashx_new();
    assert(self->flows);
    zhashx_set_key_duplicator(self->flows, NULL);
    zhashx_set_key_destructor(self->flows, NULL);
    zhashx_set_key_comparator(self->flows, compare_numbers);
    zhashx_set_key_hasher(self->flows, hash_of_number);
    return self;
}

void turns_destroy(turns_t **self_p)
{
    turns_t *self = *self_p;
    flow_t *flow;

    if (self == NULL) {
        return;
    }
    while ((flow = TAILQ_FIRST(&self->idle)) != NULL) {
        /* NOLINTNEXTLINE: the analyzer does not see that it leaves the list */
        leave_idle(self, flow);
        destroy_flow(self, flow);
    }
    assert(zhashx_size(self->flows) == 0);
    zhashx_destroy(&self->flows);
    free(self->queues);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_TURNS_H
#define XMPP_FRONTEND_TURNS_H

/* Queues in which flows take turns: however much of one waits, the first of
 * another comes next. Within a flow it is first come, first served. A flow is
 * known by a number; it has members, of which each may wait in one queue. Pure.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

typedef struct turns turns_t;
typedef struct flow flow_t;

/* A member that waits, or not; all zero but for `subject` at start. */
struct waiter {
    TAILQ_ENTRY(waiter) in_lane;
    struct lane *lane; /* NULL: it does not wait */
    void *subject;     /* the caller's */
};

turns_t *turns_new(size_t queues);
/* No flow has a member any more. */
void turns_destroy(turns_t **self_p);

/* One more member of the flow with this number; or of this one, which has some
 * already. */
flow_t *turns_join(turns_t *self, uint64_t number);
void flow_join(flow_t *flow);

/* So many less. */
void turns_leave(turns_t *self, flow_t *flow, size_t count);

/* The flow with this number, or NULL: it has no members. */
flow_t *turns_find(const turns_t *self, uint64_t number);

/* How many a flow has, and how many of them wait; of NULL none. */
size_t flow_members(const flow_t *flow);
size_t flow_waiting(const flow_t *flow);
/* How many flows have some, and how many are known that have none. */
size_t turns_flows(const turns_t *self);
size_t turns_idle(const turns_t *self);

/* Wait in a queue; `first`: before all others, in the flow and of all flows. */
void turns_wait(turns_t *self, flow_t *flow, size_t queue,
                struct waiter *waiter, bool first);

/* Whose turn it is, or NULL. */
struct waiter *turns_next(const turns_t *self, size_t queue);

/* He has had his turn, and waits no more: his flow's next is after one of each
 * other flow. */
void turns_take(turns_t *self, struct waiter *waiter);

/* He waits no more. */
void turns_give_up(turns_t *self, struct waiter *waiter);

/* How many wait, in one queue and in all. */
size_t turns_waiting(const turns_t *self, size_t queue);
size_t turns_waiting_in_all(const turns_t *self);

#endif

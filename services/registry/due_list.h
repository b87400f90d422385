/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_DUE_LIST_H
#define REGISTRY_DUE_LIST_H

/* Pushes that could not be delivered and wait in Redis for another try. XMPP
 * servers never repeat a push, so Wakebus does. A target waits at most once,
 * so the list is never longer than there are targets; it survives a restart of
 * everything, and any registry works it.
 *
 *     wakebus:{due}:targets    sorted set: node -> when it is due, Unix ms;
 *                              in a cluster one of several, see due_keys.h
 *     deferred                 a field of the target's own hash, see defer.lua
 *
 * Of the two the field decides: a node in the list whose target has none was
 * settled, unregistered or given up, and is taken off when it is due. */

#include "common/settings.h"
#include "services/registry/redis.h"
#include "services/registry/store.h"

typedef struct due_list due_list_t;

struct due_events {
    bool (*can_send)(void *arg); /* is there anybody to take a push now? */
    void (*on_due)(void *arg, const struct target_due *due);
    void *arg;
};

/* Asks for what is due from now on. Borrows Redis and settings. Never NULL. */
due_list_t *due_list_new(zloop_t *loop, redis_t *redis,
                         const struct settings *settings,
                         const struct due_events *events);
/* Redis must be gone before: it may still have answers for the list. */
void due_list_destroy(due_list_t **self_p);

/* Go on with other settings. */
void due_list_use(due_list_t *self, const struct settings *settings);

/* Take no more off the list. */
void due_list_stop(due_list_t *self);

/* OK when it is durable, ABSENT or LATER, as target.defer.result has it. */
void due_list_defer(due_list_t *self, const struct target_defer *what,
                    store_done_fn *on_done, void *arg);

/* OK, ABSENT, KEPT or LATER, as target.settle.result has it. */
void due_list_settle(due_list_t *self, const struct target_settle *what,
                     store_done_fn *on_done, void *arg);

/* How long to wait before try number `times` (1, 2 …), in milliseconds: first
 * once to twice `first_s`, then doubled each time up to ten minutes, and never
 * less than the provider asked for. `random` is any random number; pure. */
int64_t due_delay_ms(int64_t first_s, int64_t times, int64_t retry_after_s,
                     uint32_t random);

#endif

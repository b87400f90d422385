/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_FINDER_H
#define REGISTRY_REDIS_FINDER_H

/* Asks the sentinels, one after another, where the master is. */

#include "services/registry/redis_fault.h"
#include "services/registry/redis_url.h"
#include <czmq.h>

enum { FINDER_PATIENCE_MS = 1000 }; /* with each sentinel */

typedef struct redis_finder redis_finder_t;

struct redis_finder_events {
    /* This is what a sentinel holds for the master; it may be wrong. */
    void (*on_found)(void *arg, const struct redis_place *place);
    /* None of them knows; `fault` says why. */
    void (*on_failed)(void *arg, const struct redis_fault *fault);
    void *arg;
};

/* `url` names sentinels, and outlives this. Never NULL. */
redis_finder_t *redis_finder_new(zloop_t *loop, const struct redis_url *url,
                                 const struct redis_finder_events *events);
/* Not from one of its callbacks. */
void redis_finder_destroy(redis_finder_t **self_p);

/* Begin to search, unless it does already: one of the events follows, possibly
 * before this returns. Each search begins with another sentinel, so that one
 * that is cut off from the others cannot mislead for long. */
void redis_finder_start(redis_finder_t *self);

#endif

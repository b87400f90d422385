/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

/* The registry on the bus: takes target.* jobs, asks the store, answers; and
 * hands out the pushes whose time has come. */

#include "common/metrics.h"
#include "common/settings.h"
#include "services/registry/redis.h"

typedef struct registry registry_t;

/* Borrows both. Never NULL. */
registry_t *registry_new(zloop_t *loop, redis_t *redis,
                         const struct settings *settings);

/* Redis must be gone before: its last answers still go out through here. */
void registry_destroy(registry_t **self_p);

/* Go on with other settings, as in struct service. */
void registry_reload(registry_t *self, const struct settings *settings);

/* What it has done and has to do, Redis apart. */
void registry_metrics(const registry_t *self, metrics_t *page);

/* Take no more jobs; `on_drained` is called once when all are answered. */
void registry_drain(registry_t *self, void (*on_drained)(void *arg), void *arg);

#endif

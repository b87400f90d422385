/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_GAUGES_H
#define REGISTRY_GAUGES_H

/* What the page of metrics says of Redis and only Redis knows: it is asked
 * every two seconds, as a page cannot wait. */

#include "services/registry/redis.h"

typedef struct gauges gauges_t;

/* Borrows `redis`. Never NULL. */
gauges_t *gauges_new(zloop_t *loop, redis_t *redis);
/* Redis must be gone before: it may still have answers. */
void gauges_destroy(gauges_t **self_p);

/* What Redis did not tell is left out. */
void gauges_metrics(const gauges_t *self, metrics_t *page);

/* How many targets wait for another try, as of two seconds ago; -1 when Redis
 * did not tell. */
int64_t gauges_deferred(const gauges_t *self);

#endif

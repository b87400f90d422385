/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_OPERATORS_H
#define REGISTRY_OPERATORS_H

/* The jobs that come from an operator's wakebusctl. What Redis cannot answer
 * now is answered operator.later, with the reason. */

#include "common/worker.h"
#include "services/registry/gauges.h"
#include "services/registry/redis.h"
#include "services/registry/store.h"

typedef struct operators operators_t;

/* Borrows all. Never NULL. */
operators_t *operators_new(redis_t *redis, store_t *store,
                           const gauges_t *gauges);
/* Redis must be gone before: its last answers still go out through here. */
void operators_destroy(operators_t **self_p);

/* True when the job was one of these: it is, or will be, answered. */
bool operators_take(operators_t *self, job_t *job, const struct msg *m);

#endif

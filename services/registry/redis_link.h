/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_LINK_H
#define REGISTRY_REDIS_LINK_H

/* The way to Redis: a connection that comes back by itself for as long as this
 * lives, to wherever the master is if there are sentinels that know it.
 * Whatever happens to a command, its caller hears of it once, in less than
 * REDIS_ANSWER_MS and a bit. */

#include "common/health.h"
#include "services/registry/redis_wire.h"

enum { REDIS_ANSWER_MS = 3000 }; /* no answer to anything for so long: hangs */

typedef struct redis_link redis_link_t;

/* `url` is copied. Never NULL: a Redis that is not there yet is waited for.
 * The process must ignore SIGPIPE. */
redis_link_t *redis_link_new(zloop_t *loop, const struct redis_url *url);

/* Commands that are still on the way hear of it with NULL. */
void redis_link_destroy(redis_link_t **self_p);

/* Send a command of `argc` texts. `on_answer` may be called before this
 * returns: with NULL, when there is no connection now or too much on the way.
 * NULL is logged with its reason. A command is never sent twice. */
void redis_link_send(redis_link_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg);

/* Does Redis take what is written? Known to about a second. */
void redis_link_health(const redis_link_t *self, struct health *health);

#endif

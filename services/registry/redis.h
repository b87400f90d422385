/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_H
#define REGISTRY_REDIS_H

/* The Redis that redis.url names: one server, the one that sentinels name, or
 * a cluster. Whatever happens to a command, its caller hears of it once. */

#include "common/health.h"
#include "common/metrics.h"
#include "services/registry/redis_wire.h"
#include <stdbool.h>

typedef struct redis redis_t;

/* `url` is copied. Never NULL: a Redis that is not there yet is waited for.
 * The process must ignore SIGPIPE. */
redis_t *redis_new(zloop_t *loop, const struct redis_url *url);

/* Commands that are still on the way hear of it with NULL. */
void redis_destroy(redis_t **self_p);

/* Send a command of `argc` texts, whose keys must all be in one slot of a
 * cluster. `on_answer` may be called before this returns: with NULL, when it
 * cannot be sent now. NULL is logged with its reason. A command is never
 * carried out twice. */
void redis_send(redis_t *self, const char *const *argv, size_t argc,
                redis_answer_fn *on_answer, void *arg);

/* Is what is written taken, of a cluster by all masters? Known to about a
 * second. */
void redis_health(const redis_t *self, struct health *health);

/* The same in full. */
struct redis_trouble {
    const struct redis_fault *fault; /* NULL: there is none */
    const char *server;              /* which one it is that has it */
    const char *detail;              /* more about it, or "" */
};
void redis_trouble(const redis_t *self, struct redis_trouble *trouble);

/* How it answers, and how often it had to be connected to. */
void redis_metrics(const redis_t *self, metrics_t *page);

/* Can a part of the keys be out of reach while others are not? */
bool redis_has_parts(const redis_t *self);

/* ---- all that is in it, server by server ---- */

/* How many servers have a part of the keys: 0 when that is not known yet. */
size_t redis_part_count(const redis_t *self);

/* The name of the server that has this part, which must be one of them. */
void redis_part_name(const redis_t *self, size_t part, char *out, size_t size);

/* As redis_send, to the server that has this part, whatever the keys are. */
void redis_send_part(redis_t *self, size_t part, const char *const *argv,
                     size_t argc, redis_answer_fn *on_answer, void *arg);

#endif

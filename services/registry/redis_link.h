/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_LINK_H
#define REGISTRY_REDIS_LINK_H

/* The way to Redis: a connection that comes back by itself for as long as this
 * lives, to wherever the master is if there are sentinels that know it.
 * Whatever happens to a command, its caller hears of it once, in less than
 * REDIS_ANSWER_MS and a bit. */

#include "services/registry/redis_wire.h"
#include <stdbool.h>
#include <stdint.h>

enum { REDIS_ANSWER_MS = 3000 }; /* no answer to anything for so long: hangs */

typedef struct redis_link redis_link_t;

/* A command was refused with this error, and its callback `whose` gets NULL
 * next. Returns whether that is taken care of; if not it is a fault. */
typedef bool redis_refused_fn(void *arg, const char *error,
                              redis_answer_fn *whose);

/* `url` is copied; of a cluster its first place is the node to go to. Never
 * NULL: a Redis that is not there yet is waited for. The process must ignore
 * SIGPIPE. */
redis_link_t *redis_link_new(zloop_t *loop, const struct redis_url *url);

/* Have a say in what is refused from now on. */
void redis_link_on_refused(redis_link_t *self, redis_refused_fn *refused,
                           void *arg);

/* Would a command go out now? */
bool redis_link_is_ready(const redis_link_t *self);

/* How often it came to be. */
uint64_t redis_link_connects(const redis_link_t *self);

/* Commands that are still on the way hear of it with NULL. */
void redis_link_destroy(redis_link_t **self_p);

/* Send a command of `argc` texts. `on_answer` may be called before this
 * returns: with NULL, when there is no connection now or too much on the way.
 * NULL is logged with its reason. A command is never sent twice. */
void redis_link_send(redis_link_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg);

/* The same for a command whose answer has another shape. */
void redis_link_ask(redis_link_t *self, const char *const *argv, size_t argc,
                    redis_value_fn *on_value, void *arg);

/* Ask by this key, which nothing has, whether Redis takes what is written.
 * Only a cluster's node needs to be told, and is but asked whether it is there
 * until then. */
void redis_link_probe(redis_link_t *self, const char *key);

/* Why Redis takes nothing that is written, or NULL when it does. Known to about
 * a second. */
const struct redis_fault *redis_link_fault(const redis_link_t *self);

/* More about the fault that was met last, in somebody's words, or "". */
const char *redis_link_detail(const redis_link_t *self);

#endif

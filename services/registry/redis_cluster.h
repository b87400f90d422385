/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_CLUSTER_H
#define REGISTRY_REDIS_CLUSTER_H

/* The way to a Redis Cluster: each command goes to the master that has its key.
 * Where that is, any node tells who is asked, and who is sent something that
 * he does not have. What cannot be done hears of it as with a redis_link. */

#include "services/registry/redis_link.h"

typedef struct redis_cluster redis_cluster_t;

/* `url` names some nodes, and is copied. Never NULL. */
redis_cluster_t *redis_cluster_new(zloop_t *loop, const struct redis_url *url);

/* Commands that are still on the way hear of it with NULL. */
void redis_cluster_destroy(redis_cluster_t **self_p);

/* As redis_link_send. All keys of a command must be in the slot of its first.
 * It may go out several times, but not after a node has taken it. */
void redis_cluster_send(redis_cluster_t *self, const char *const *argv,
                        size_t argc, redis_answer_fn *on_answer, void *arg);

/* See redis.h: each master that has slots is a part. */
size_t redis_cluster_part_count(const redis_cluster_t *self);
void redis_cluster_part_name(const redis_cluster_t *self, size_t part,
                             char *out, size_t size);
void redis_cluster_send_part(redis_cluster_t *self, size_t part,
                             const char *const *argv, size_t argc,
                             redis_answer_fn *on_answer, void *arg);

/* As redis_link_connects, of all nodes. */
uint64_t redis_cluster_connects(const redis_cluster_t *self);

/* As redis_link_fault, of the first master that has one; then `server` names
 * it. */
const struct redis_fault *redis_cluster_fault(redis_cluster_t *self,
                                              const char **server);

#endif

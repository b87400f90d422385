/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_POINTER_H
#define REGISTRY_POINTER_H

/* The pointers to the rows of imported nodes, see keys.h. */

#include "services/registry/redis.h"

/* Let the node lead to its row. The answer is "ok", or "taken" when the node is
 * another device's. */
void pointer_write(redis_t *redis, const char *node, const char *at,
                   redis_answer_fn *on_answer, void *arg);

/* Scripts that remove rows name, behind the word that they answer, each node
 * that is gone and the pointer it has left. Nobody waits for these to go: one
 * that stays leads nowhere. */
void pointers_remove(redis_t *redis, const struct redis_answer *answer);

#endif

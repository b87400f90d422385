/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_TASK_H
#define REGISTRY_TASK_H

/* An operator's job that waits for Redis. Each of these functions but the first
 * answers it and lets go of it. */

#include "common/worker.h"
#include "services/registry/redis.h"

struct task {
    redis_t *redis;
    job_t *job;
    const char *type; /* a constant */
    void *arg;        /* of who works on it */
};

struct task *task_new(redis_t *redis, job_t *job, const char *type);

/* `frame` is a result encoded with the job's id; NULL: what stands in Redis
 * does not fit into a message. `outcome` is for the log. */
void task_finish(struct task *task, const char *outcome, char *frame);

/* operator.later, because of `why`, or because of what is wrong with Redis:
 * `why_else` if nothing is, as far as is known, NULL for the usual words. */
void task_finish_later(struct task *task, const char *why);
void task_finish_without_redis(struct task *task, const char *why_else);

/* The same for a request that cannot be read, and never will be. */
void task_refuse(struct task *task, const struct proto_err *err);

#endif

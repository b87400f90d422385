/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/task.h"

#include "common/log.h"
#include "proto/operator.h"
#include <assert.h>
#include <stdlib.h>

struct task *task_new(redis_t *redis, job_t *job, const char *type)
{
    struct task *task = malloc(sizeof *task);

    assert(task);
    *task = (struct task){redis, job, type, NULL};
    return task;
}

void task_finish(struct task *task, const char *outcome, char *frame)
{
    if (frame == NULL) {
        task_finish_later(task, "what stands in Redis does not fit: find who "
                                "else writes below wakebus: there");
        return;
    }
    log_debug("job.done", TEXT("id", job_id(task->job)),
              TEXT("type", task->type), TEXT("outcome", outcome));
    job_answer(&task->job, frame);
    free(task);
}

static void finish_later(struct task *task, const char *why, bool is_final)
{
    const struct operator_later later = {why, is_final};
    struct proto_err err;
    char *frame = operator_later_encode(&later, job_id(task->job), &err);

    assert(frame); /* it is one of our own reasons */
    task_finish(task, "later", frame);
}

void task_finish_later(struct task *task, const char *why)
{
    finish_later(task, why, false);
}

void task_refuse(struct task *task, const struct proto_err *err)
{
    char why[200];

    snprintf(why, sizeof why, "the request is refused: %s: %s", err->field,
             err->why);
    finish_later(task, why, true);
}

void task_finish_without_redis(struct task *task, const char *why_else)
{
    static const char USUAL[] =
        "Redis did not answer: ask again, and see the registry's log";
    struct health health = {0};
    char line[HEALTH_LINE_SIZE];
    char why[HEALTH_LINE_SIZE + 32];

    redis_health(task->redis, &health);
    health_line(&health, line);
    snprintf(why, sizeof why, "Redis did not answer: %s", line);
    if (!health_is_ready(&health)) {
        task_finish_later(task, why);
    } else {
        task_finish_later(task, why_else != NULL ? why_else : USUAL);
    }
}

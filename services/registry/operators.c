/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/operators.h"

#include "common/log.h"
#include "proto/operator.h"
#include "services/registry/glimpse.h"
#include "services/registry/target_row.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char NO_ANSWER[] =
    "Redis did not answer: ask again, and see the registry's log";

struct operators {
    redis_t *redis;
    const gauges_t *gauges;
};

/* A job that waits for Redis. */
struct task {
    operators_t *operators;
    job_t *job;
    const char *type; /* a constant */
};

static struct task *new_task(operators_t *self, job_t *job, const char *type)
{
    struct task *task = malloc(sizeof *task);

    assert(task);
    *task = (struct task){self, job, type};
    return task;
}

/* `frame` is never NULL. */
static void finish(struct task *task, const char *outcome, char *frame)
{
    log_debug("job.done", TEXT("id", job_id(task->job)),
              TEXT("type", task->type), TEXT("outcome", outcome));
    job_answer(&task->job, frame);
    free(task);
}

static void finish_later(struct task *task, const char *why)
{
    const struct operator_later later = {why};
    struct proto_err err;

    finish(task, "later",
           operator_later_encode(&later, job_id(task->job), &err));
}

/* `frame` NULL: what stands in Redis does not fit into a message. */
static void finish_fitting(struct task *task, const char *outcome, char *frame)
{
    if (frame != NULL) {
        finish(task, outcome, frame);
    } else {
        finish_later(task, "what stands in Redis does not fit: find who else "
                           "writes below wakebus: there");
    }
}

/* `why_else`: if Redis is well, as far as is known. */
static void finish_without_redis(struct task *task, const char *why_else)
{
    struct health health = {0};
    char line[HEALTH_LINE_SIZE];
    char why[HEALTH_LINE_SIZE + 32];

    redis_health(task->operators->redis, &health);
    health_line(&health, line);
    snprintf(why, sizeof why, "Redis did not answer: %s", line);
    finish_later(task, health_is_ready(&health) ? why_else : why);
}

/* ---- show ---- */

static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static void finish_show(struct task *task, const struct target_row *row)
{
    struct operator_show_result result = {.outcome = OPERATOR_ABSENT};
    char device[GLIMPSE_ROOM];
    char channel[GLIMPSE_ROOM];
    char token[GLIMPSE_ROOM];
    struct proto_err err;

    if (row != NULL) {
        glimpse_of_hash(device, row->device);
        glimpse_of_hash(channel, row->channel);
        glimpse_of_token(token, row->token);
        result = (struct operator_show_result){.outcome = OPERATOR_OK,
                                               .app = row->app,
                                               .domain = row->domain,
                                               .device = text_or_null(device),
                                               .channel = text_or_null(channel),
                                               .token = text_or_null(token),
                                               .token_size =
                                                   (int64_t)strlen(row->token),
                                               .created_ms = row->created_ms,
                                               .renewed_ms = row->renewed_ms,
                                               .deferred = row->deferred};
    }
    finish_fitting(
        task, row != NULL ? "ok" : "absent",
        operator_show_result_encode(&result, job_id(task->job), &err));
}

static void on_row_to_show(void *arg, bool known, const struct target_row *row)
{
    if (known) {
        finish_show(arg, row);
    } else {
        finish_without_redis(arg, NO_ANSWER);
    }
}

static int take_show(struct task *task, const struct msg *m,
                     struct proto_err *err)
{
    struct operator_show what;

    if (operator_show_decode(&what, m, err) != 0) {
        return -1;
    }
    target_row_read(task->operators->redis, what.node, on_row_to_show, task);
    return 0;
}

/* ---- waiting ---- */

static int take_waiting(struct task *task, const struct msg *m,
                        struct proto_err *err)
{
    struct operator_waiting what;
    struct operator_waiting_result result = {
        gauges_deferred(task->operators->gauges)};

    if (operator_waiting_decode(&what, m, err) != 0) {
        return -1;
    }
    if (result.targets < 0) {
        finish_without_redis(task, "it is not counted yet: ask again in two "
                                   "seconds");
        return 0;
    }
    finish(task, "ok",
           operator_waiting_result_encode(&result, job_id(task->job), err));
    return 0;
}

/* ---- jobs ---- */

static const struct kind {
    const char *type;
    /* Returns 0 when it will be answered, or -1 with `err` set. */
    int (*take)(struct task *task, const struct msg *m, struct proto_err *err);
} KINDS[] = {
    {OPERATOR_SHOW, take_show},
    {OPERATOR_WAITING, take_waiting},
};

bool operators_take(operators_t *self, job_t *job, const struct msg *m)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (msg_is(m, KINDS[i].type)) {
            struct task *task = new_task(self, job, KINDS[i].type);
            struct proto_err err;
            if (KINDS[i].take(task, m, &err) != 0) {
                char why[200];
                snprintf(why, sizeof why, "the request is refused: %s: %s",
                         err.field, err.why);
                finish_later(task, why);
            }
            return true;
        }
    }
    return false;
}

/* ---- life ---- */

operators_t *operators_new(redis_t *redis, const gauges_t *gauges)
{
    operators_t *self = calloc(1, sizeof *self);

    assert(self);
    self->redis = redis;
    self->gauges = gauges;
    return self;
}

void operators_destroy(operators_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

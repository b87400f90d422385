/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/operators.h"

#include "common/glimpse.h"
#include "proto/operator.h"
#include "services/registry/operators_import.h"
#include "services/registry/operators_walk.h"
#include "services/registry/revoking.h"
#include "services/registry/target_row.h"
#include "services/registry/task.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct operators {
    redis_t *redis;
    store_t *store;
    const gauges_t *gauges;
};

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
    task_finish(task, row != NULL ? "ok" : "absent",
                operator_show_result_encode(&result, job_id(task->job), &err));
}

static void on_row_to_show(void *arg, bool known, const struct target_row *row)
{
    if (known) {
        finish_show(arg, row);
    } else {
        task_finish_without_redis(arg, NULL);
    }
}

static int take_show(struct task *task, const struct msg *m,
                     struct proto_err *err)
{
    struct operator_show what;

    if (operator_show_decode(&what, m, err) != 0) {
        return -1;
    }
    target_row_read(task->redis, what.node, on_row_to_show, task);
    return 0;
}

/* ---- find ---- */

static void on_row_to_find(void *arg, bool known, const struct target_row *row)
{
    struct operator_find_result result = {.outcome = OPERATOR_ABSENT};
    struct task *task = arg;
    struct proto_err err;

    if (!known) {
        task_finish_without_redis(task, NULL);
        return;
    }
    if (row != NULL && row->app != NULL && row->device != NULL) {
        result = (struct operator_find_result){
            OPERATOR_OK, row->app, row->device, row->channel, row->token};
    }
    task_finish(task, result.outcome == OPERATOR_OK ? "ok" : "absent",
                operator_find_result_encode(&result, job_id(task->job), &err));
}

static int take_find(struct task *task, const struct msg *m,
                     struct proto_err *err)
{
    struct operator_find what;

    if (operator_find_decode(&what, m, err) != 0) {
        return -1;
    }
    target_row_read(task->redis, what.node, on_row_to_find, task);
    return 0;
}

/* ---- revoke ---- */

static int take_revoke(struct task *task, const struct msg *m,
                       struct proto_err *err)
{
    const operators_t *self = task->arg;
    struct operator_revoke what;

    if (operator_revoke_decode(&what, m, err) != 0) {
        return -1;
    }
    revoking_start(task, self->store, what.node);
    return 0;
}

/* ---- waiting ---- */

static int take_waiting(struct task *task, const struct msg *m,
                        struct proto_err *err)
{
    const operators_t *self = task->arg;
    struct operator_waiting what;
    struct operator_waiting_result result = {gauges_deferred(self->gauges)};

    if (operator_waiting_decode(&what, m, err) != 0) {
        return -1;
    }
    if (result.targets < 0) {
        task_finish_without_redis(task,
                                  "it is not counted yet: ask again in two "
                                  "seconds");
        return 0;
    }
    task_finish(
        task, "ok",
        operator_waiting_result_encode(&result, job_id(task->job), err));
    return 0;
}

/* ---- jobs ---- */

/* Returns 0 when it will be answered, or -1 with `err` set. */
typedef int take_fn(struct task *task, const struct msg *m,
                    struct proto_err *err);

static const struct kind {
    const char *type;
    take_fn *take;
} KINDS[] = {
    {OPERATOR_SHOW, take_show},
    {OPERATOR_FIND, take_find},
    {OPERATOR_REVOKE, take_revoke},
    {OPERATOR_WAITING, take_waiting},
    {OPERATOR_COUNT, operators_take_count},
    {OPERATOR_LIST, operators_take_list},
    {OPERATOR_EXPORT, operators_take_export},
    {OPERATOR_IMPORT, operators_take_import},
};

static void take(struct task *task, take_fn *take_it, const struct msg *m)
{
    struct proto_err err;

    if (take_it(task, m, &err) != 0) {
        task_refuse(task, &err);
    }
}

bool operators_take(operators_t *self, job_t *job, const struct msg *m)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (msg_is(m, KINDS[i].type)) {
            struct task *task = task_new(self->redis, job, KINDS[i].type);
            task->arg = self;
            take(task, KINDS[i].take, m);
            return true;
        }
    }
    return false;
}

/* ---- life ---- */

operators_t *operators_new(redis_t *redis, store_t *store,
                           const gauges_t *gauges)
{
    operators_t *self = calloc(1, sizeof *self);

    assert(self);
    self->redis = redis;
    self->store = store;
    self->gauges = gauges;
    return self;
}

void operators_destroy(operators_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

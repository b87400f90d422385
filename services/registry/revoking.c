/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/revoking.h"

#include "proto/operator.h"
#include "services/registry/keys.h"
#include "services/registry/target_row.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct revoking {
    struct task *task;
    store_t *store;
    char *node;
    unsigned attempts;
};

enum { ATTEMPTS = 3 };

static void attempt(struct revoking *revoking);

static void finish(struct revoking *revoking, enum operator_outcome outcome)
{
    const struct operator_revoke_result result = {outcome};
    struct task *task = revoking->task;
    struct proto_err err;

    free(revoking->node);
    free(revoking);
    task_finish(
        task, outcome == OPERATOR_OK ? "ok" : "absent",
        operator_revoke_result_encode(&result, job_id(task->job), &err));
}

static void give_up(struct revoking *revoking, const char *why)
{
    struct task *task = revoking->task;

    free(revoking->node);
    free(revoking);
    task_finish_without_redis(task, why);
}

static void on_removed(void *arg, enum target_outcome outcome)
{
    struct revoking *revoking = arg;

    if (outcome == TARGET_OK) {
        finish(revoking, OPERATOR_OK);
    } else if (outcome == TARGET_LATER) {
        give_up(revoking, NULL);
    } else if (++revoking->attempts < ATTEMPTS) {
        attempt(revoking);
    } else {
        give_up(revoking, "it is renewed all the time: ask again");
    }
}

static void on_row(void *arg, bool known, const struct target_row *row)
{
    struct revoking *revoking = arg;

    if (!known) {
        give_up(revoking, NULL);
    } else if (row == NULL) {
        finish(revoking, OPERATOR_ABSENT);
    } else if (row->device == NULL || !hash_is_valid(row->device)) {
        give_up(revoking, "its row in Redis is not one of ours: find "
                          "who else writes below wakebus: there");
    } else {
        const struct target_forget what = {
            .node = revoking->node, .device = row->device, .token = row->token};
        store_forget(revoking->store, &what, on_removed, revoking);
    }
}

static void attempt(struct revoking *revoking)
{
    target_row_read(revoking->task->redis, revoking->node, on_row, revoking);
}

void revoking_start(struct task *task, store_t *store, const char *node)
{
    struct revoking *revoking = malloc(sizeof *revoking);

    assert(revoking);
    *revoking = (struct revoking){task, store, strdup(node), 0};
    assert(revoking->node);
    attempt(revoking);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/operators_import.h"

#include "proto/notation.h"
#include "services/registry/takeover.h"

static void on_taken_over(void *arg, bool known, enum import_outcome outcome)
{
    static const char *const WORDS[] = {
        [IMPORT_OK] = "ok", [IMPORT_KEPT] = "kept", [IMPORT_TAKEN] = "taken"};
    const struct operator_import_result result = {outcome};
    struct task *task = arg;
    struct proto_err err;

    if (known) {
        task_finish(
            task, WORDS[outcome],
            operator_import_result_encode(&result, job_id(task->job), &err));
    } else {
        task_finish_without_redis(task, NULL);
    }
}

/* The member that is not as notation.h has it, or NULL. */
static const char *odd_member(const struct operator_import *what)
{
    if (!hash_is_valid(what->device)) {
        return "device";
    }
    if (what->channel != NULL && !hash_is_valid(what->channel)) {
        return "channel";
    }
    if (!node_is_valid(what->node)) {
        return "node";
    }
    return secret_is_valid(what->secret) ? NULL : "secret";
}

int operators_take_import(struct task *task, const struct msg *m,
                          struct proto_err *err)
{
    struct operator_import what;

    if (operator_import_decode(&what, m, err) != 0) {
        return -1;
    }
    const char *member = odd_member(&what);
    if (member != NULL) {
        *err = (struct proto_err){member, "not in its notation"};
        return -1;
    }
    takeover_start(task->redis, &what, on_taken_over, task);
    return 0;
}

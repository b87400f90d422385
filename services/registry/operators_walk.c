/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/operators_walk.h"

#include "proto/operator.h"
#include "services/registry/walk.h"
#include "services/registry/whole_target.h"
#include <assert.h>
#include <stdlib.h>

_Static_assert((int)WALK_ROWS_MAX <= (int)OPERATOR_ROWS_MAX, "a page fits");

/* Where there is none, the message has none. */
static const char *text_or_null(const char *text)
{
    return text[0] != '\0' ? text : NULL;
}

static char *encode_count(const struct walk_page *page,
                          enum operator_walk outcome, const char *after,
                          const char *id)
{
    struct operator_count_result *result = calloc(1, sizeof *result);
    struct proto_err err;

    assert(result);
    result->outcome = outcome;
    result->after = after;
    for (size_t i = 0; i < page->count; i++) {
        const struct walk_row *row = &page->rows[i];
        result->counts.items[result->counts.count++] = (struct operator_tally){
            text_or_null(row->first), text_or_null(row->second), row->a};
    }
    char *frame = operator_count_result_encode(result, id, &err);
    free(result);
    return frame;
}

static char *encode_list(const struct walk_page *page,
                         enum operator_walk outcome, const char *after,
                         const char *id)
{
    struct operator_list_result *result = calloc(1, sizeof *result);
    struct proto_err err;

    assert(result);
    result->outcome = outcome;
    result->after = after;
    for (size_t i = 0; i < page->count; i++) {
        const struct walk_row *row = &page->rows[i];
        result->targets.items[result->targets.count++] =
            (struct operator_target){row->first, text_or_null(row->second),
                                     row->a, row->b};
    }
    char *frame = operator_list_result_encode(result, id, &err);
    free(result);
    return frame;
}

static char *encode_export(const struct walk_page *page,
                           enum operator_walk outcome, const char *after,
                           const char *id)
{
    struct operator_export_result *result = calloc(1, sizeof *result);
    struct whole_target *targets = calloc(WALK_ROWS_MAX, sizeof *targets);
    struct proto_err err;

    assert(result && targets);
    result->outcome = outcome;
    result->after = after;
    for (size_t i = 0; i < page->count; i++) {
        if (whole_target_read(&targets[i], page->rows[i].first)) {
            result->targets.items[result->targets.count++] = targets[i].is;
        } else {
            result->unfit++;
        }
    }
    char *frame = operator_export_result_encode(result, id, &err);
    for (size_t i = 0; i < page->count; i++) {
        whole_target_release(&targets[i]);
    }
    free(targets);
    free(result);
    return frame;
}

static char *encode(const struct walk_page *page, enum operator_walk outcome,
                    const char *after, const char *id)
{
    return page->counts  ? encode_count(page, outcome, after, id)
           : page->whole ? encode_export(page, outcome, after, id)
                         : encode_list(page, outcome, after, id);
}

static void on_page(void *arg, enum walk_outcome outcome,
                    const struct walk_page *page, const char *after)
{
    struct task *task = arg;
    enum operator_walk how =
        outcome == WALK_CHANGED ? OPERATOR_CHANGED : OPERATOR_PAGE;

    if (outcome == WALK_LATER) {
        task_finish_without_redis(task, NULL);
        return;
    }
    task_finish(task, outcome == WALK_OK ? "ok" : "changed",
                encode(page, how, after, job_id(task->job)));
}

static int start(struct task *task, const struct walk *walk,
                 struct proto_err *err)
{
    if (walk_start(task->redis, walk, on_page, task) != 0) {
        *err = (struct proto_err){"after", "no place where a page has ended"};
        return -1;
    }
    return 0;
}

int operators_take_count(struct task *task, const struct msg *m,
                         struct proto_err *err)
{
    struct operator_count what;

    if (operator_count_decode(&what, m, err) != 0) {
        return -1;
    }
    return start(task, &(struct walk){.counts = true, .after = what.after},
                 err);
}

int operators_take_list(struct task *task, const struct msg *m,
                        struct proto_err *err)
{
    struct operator_list what;

    if (operator_list_decode(&what, m, err) != 0) {
        return -1;
    }
    const struct walk walk = {
        .domain = what.domain, .app = what.app, .after = what.after};
    return start(task, &walk, err);
}

int operators_take_export(struct task *task, const struct msg *m,
                          struct proto_err *err)
{
    struct operator_export what;

    if (operator_export_decode(&what, m, err) != 0) {
        return -1;
    }
    return start(task, &(struct walk){.whole = true, .after = what.after}, err);
}

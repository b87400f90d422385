/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/registry.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "common/worker.h"
#include "services/registry/due_list.h"
#include "services/registry/gauges.h"
#include "services/registry/keys.h"
#include "services/registry/operators.h"
#include "services/registry/store.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* Jobs at once. Below REDIS_CALLS_MAX: Redis is not asked more than that. */
enum { CREDIT = 512 };

/* What it is asked for. */
enum kind { LOOKUP, REGISTER, UNREGISTER, FORGET, DEFER, SETTLE, KINDS };

enum { TARGET_OUTCOMES = TARGET_LATER + 1 };

static const char *const OUTCOMES[] = {"ok", "absent", "kept", "later"};

struct registry {
    store_t *store;
    due_list_t *due_list;
    gauges_t *gauges;
    operators_t *operators;
    worker_t *worker;
    uint64_t due; /* pushes handed out, for their ids */
    uint64_t answered[KINDS][TARGET_OUTCOMES];
    repeats_t *repeats;
};

static const char *type_of(enum kind kind)
{
    static const char *const TYPES[KINDS] = {
        [LOOKUP] = TARGET_LOOKUP,         [REGISTER] = TARGET_REGISTER,
        [UNREGISTER] = TARGET_UNREGISTER, [FORGET] = TARGET_FORGET,
        [DEFER] = TARGET_DEFER,           [SETTLE] = TARGET_SETTLE,
    };
    return TYPES[kind];
}

/* ---- answers ---- */

static void note_done(const job_t *job, enum kind kind,
                      enum target_outcome outcome)
{
    registry_t *self = job_owner(job);

    self->answered[kind][outcome]++;
    log_debug("job.done", TEXT("id", job_id(job)), TEXT("type", type_of(kind)),
              TEXT("outcome", OUTCOMES[outcome]));
}

/* What stands in Redis may not fit into a message if others wrote it. */
static void log_unfit(registry_t *self, const char *id,
                      const struct proto_err *err)
{
    int64_t times = repeats_note(self->repeats, "row.unfit", clock_mono_ms());

    if (times > 0) {
        log_error("row.unfit", TEXT("id", id), TEXT("field", err->field),
                  TEXT("why", err->why), TIMES(times),
                  TEXT("remedy", "find who else writes below wakebus: in "
                                 "Redis"));
    }
}

static void on_registered(void *arg,
                          const struct target_register_result *result)
{
    job_t *job = arg;
    struct target_register_result later = {.outcome = TARGET_LATER};
    struct proto_err err;
    char *frame = target_register_result_encode(result, job_id(job), &err);

    if (frame == NULL) {
        log_unfit(job_owner(job), job_id(job), &err);
        result = &later;
        frame = target_register_result_encode(result, job_id(job), &err);
    }
    note_done(job, REGISTER, result->outcome);
    job_answer(&job, frame);
}

static void on_unregistered(void *arg, enum target_outcome outcome)
{
    job_t *job = arg;
    struct target_unregister_result result = {outcome};
    struct proto_err err;

    note_done(job, UNREGISTER, outcome);
    job_answer(&job,
               target_unregister_result_encode(&result, job_id(job), &err));
}

static void on_found(void *arg, const struct target_lookup_result *result)
{
    job_t *job = arg;
    struct target_lookup_result later = {.outcome = TARGET_LATER};
    struct proto_err err;
    char *frame = target_lookup_result_encode(result, job_id(job), &err);

    if (frame == NULL) {
        log_unfit(job_owner(job), job_id(job), &err);
        result = &later;
        frame = target_lookup_result_encode(result, job_id(job), &err);
    }
    note_done(job, LOOKUP, result->outcome);
    job_answer(&job, frame);
}

static void on_forgotten(void *arg, enum target_outcome outcome)
{
    job_t *job = arg;
    struct target_forget_result result = {outcome};
    struct proto_err err;

    note_done(job, FORGET, outcome);
    job_answer(&job, target_forget_result_encode(&result, job_id(job), &err));
}

static void on_deferred(void *arg, enum target_outcome outcome)
{
    job_t *job = arg;
    struct target_defer_result result = {outcome};
    struct proto_err err;

    note_done(job, DEFER, outcome);
    job_answer(&job, target_defer_result_encode(&result, job_id(job), &err));
}

static void on_settled(void *arg, enum target_outcome outcome)
{
    job_t *job = arg;
    struct target_settle_result result = {outcome};
    struct proto_err err;

    note_done(job, SETTLE, outcome);
    job_answer(&job, target_settle_result_encode(&result, job_id(job), &err));
}

/* ---- jobs ---- */

/* A job that cannot be read is our own fault, or a frontend's of another
 * version in the middle of an update. It is answered LATER: that is untrue of
 * no target, whereas ABSENT would cost a user the subscription. */
static void log_refused(const job_t *job, const struct msg *m,
                        const struct proto_err *err)
{
    const registry_t *self = job_owner(job);
    int64_t times = repeats_note(self->repeats, err->field, clock_mono_ms());

    if (times > 0) {
        log_error("job.refused", TEXT("id", m->id), TEXT("type", m->type),
                  TEXT("field", err->field), TEXT("why", err->why),
                  TIMES(times),
                  TEXT("remedy", "run all processes in the same version"));
    }
}

/* Returns 0, or -1 with `err` set. Both may be NULL. */
static int check_hashes(const char *device, const char *channel,
                        struct proto_err *err)
{
    bool valid = device == NULL || hash_is_valid(device);

    if (valid && (channel == NULL || hash_is_valid(channel))) {
        return 0;
    }
    err->field = valid ? "channel" : "device";
    err->why = "not in lowercase hex digits";
    return -1;
}

static void take_register(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_register what;
    struct proto_err err;

    if (target_register_decode(&what, m, &err) != 0 ||
        check_hashes(what.device, what.channel, &err) != 0) {
        struct target_register_result later = {.outcome = TARGET_LATER};
        log_refused(job, m, &err);
        on_registered(job, &later);
        return;
    }
    store_register(self->store, &what, on_registered, job);
}

static void take_unregister(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_unregister what;
    struct proto_err err;

    if (target_unregister_decode(&what, m, &err) != 0 ||
        check_hashes(what.device, what.channel, &err) != 0) {
        log_refused(job, m, &err);
        on_unregistered(job, TARGET_LATER);
        return;
    }
    store_unregister(self->store, &what, on_unregistered, job);
}

static void take_lookup(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_lookup what;
    struct proto_err err;

    if (target_lookup_decode(&what, m, &err) != 0) {
        struct target_lookup_result later = {.outcome = TARGET_LATER};
        log_refused(job, m, &err);
        on_found(job, &later);
        return;
    }
    store_lookup(self->store, &what, on_found, job);
}

static void take_forget(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_forget what;
    struct proto_err err;

    if (target_forget_decode(&what, m, &err) != 0 ||
        check_hashes(what.device, NULL, &err) != 0) {
        log_refused(job, m, &err);
        on_forgotten(job, TARGET_LATER);
        return;
    }
    store_forget(self->store, &what, on_forgotten, job);
}

static void take_defer(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_defer what;
    struct proto_err err;

    if (target_defer_decode(&what, m, &err) != 0 ||
        check_hashes(what.device, NULL, &err) != 0) {
        log_refused(job, m, &err);
        on_deferred(job, TARGET_LATER);
        return;
    }
    due_list_defer(self->due_list, &what, on_deferred, job);
}

static void take_settle(registry_t *self, job_t *job, const struct msg *m)
{
    struct target_settle what;
    struct proto_err err;

    if (target_settle_decode(&what, m, &err) != 0 ||
        check_hashes(what.device, NULL, &err) != 0) {
        log_refused(job, m, &err);
        on_settled(job, TARGET_LATER);
        return;
    }
    due_list_settle(self->due_list, &what, on_settled, job);
}

static void on_job(void *arg, job_t *job, const struct msg *m)
{
    const registry_t *self = arg;
    static void (*const TAKE[KINDS])(registry_t * self, job_t * job,
                                     const struct msg *m) = {
        [LOOKUP] = take_lookup,         [REGISTER] = take_register,
        [UNREGISTER] = take_unregister, [FORGET] = take_forget,
        [DEFER] = take_defer,           [SETTLE] = take_settle,
    };

    for (size_t i = 0; i < KINDS; i++) {
        if (msg_is(m, type_of((enum kind)i))) {
            TAKE[i](arg, job, m);
            return;
        }
    }
    if (operators_take(self->operators, job, m)) {
        return;
    }
    log_refused(job, m,
                &(struct proto_err){"type", "not one that is known here"});
    job_drop(&job); /* nobody knows what the answer would look like */
}

/* ---- what is due ---- */

static bool can_send(void *arg)
{
    const registry_t *self = arg;

    return worker_is_linked(self->worker);
}

static void on_due(void *arg, const struct target_due *due)
{
    registry_t *self = arg;
    struct proto_err err;
    char id[PROTO_ID_MAX + 1];

    snprintf(id, sizeof id, "due-%s-%" PRIu64, worker_id(self->worker),
             ++self->due);
    char *frame = target_due_encode(due, id, &err);
    if (frame == NULL) {
        log_unfit(self, id, &err);
        return;
    }
    log_debug("push.due", TEXT("id", id));
    worker_tell(self->worker, frame);
}

/* ---- life ---- */

registry_t *registry_new(zloop_t *loop, redis_t *redis,
                         const struct settings *settings)
{
    registry_t *self = calloc(1, sizeof *self);
    struct worker_conf conf = {.role = "registry",
                               .credit = CREDIT,
                               .frontends = &settings->bus.frontends,
                               .advertise = settings->bus.advertise,
                               .keys = settings->bus.keys};
    struct due_events due = {can_send, on_due, self};

    assert(self);
    self->repeats = repeats_new();
    self->store = store_new(redis);
    self->due_list = due_list_new(loop, redis, settings, &due);
    self->gauges = gauges_new(loop, redis);
    self->operators = operators_new(redis, self->store, self->gauges);
    self->worker = worker_new(loop, &conf, on_job, self);
    return self;
}

void registry_destroy(registry_t **self_p)
{
    registry_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    worker_destroy(&self->worker);
    operators_destroy(&self->operators);
    gauges_destroy(&self->gauges);
    due_list_destroy(&self->due_list);
    store_destroy(&self->store);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

void registry_reload(registry_t *self, const struct settings *settings)
{
    due_list_use(self->due_list, settings);
}

static const struct metric JOBS = {
    "wakebus_registry_jobs_total",
    METRIC_COUNTER,
    "Jobs that this registry has answered; later: Redis could not.",
    {"type", "outcome"}};
static const struct metric DUE = {
    "wakebus_registry_due_total",
    METRIC_COUNTER,
    "Deferred pushes that this registry has taken off the list to be tried "
    "again.",
    {NULL}};

void registry_metrics(const registry_t *self, metrics_t *page)
{
    for (size_t kind = 0; kind < KINDS; kind++) {
        const char *type = strchr(type_of((enum kind)kind), '.') + 1;
        for (size_t i = 0; i < TARGET_OUTCOMES; i++) {
            metrics_add(page, &JOBS, LABELS(type, OUTCOMES[i]),
                        (double)self->answered[kind][i]);
        }
    }
    metrics_add(page, &DUE, NULL, (double)self->due);
    gauges_metrics(self->gauges, page);
    worker_metrics(self->worker, page);
}

void registry_drain(registry_t *self, void (*on_drained)(void *arg), void *arg)
{
    due_list_stop(self->due_list);
    worker_drain(self->worker, on_drained, arg);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/frontend.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "services/xmpp-frontend/dispatch.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/link.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/reply.h"
#include <assert.h>
#include <string.h>

enum { TICK_MS = 100, MAX_ATTEMPTS = 3 };

struct frontend {
    zloop_t *loop;
    const struct settings *settings;
    link_t *link;
    ledger_t *ledger;
    dispatch_t *dispatch;
    int timer;                   /* looks for what is overdue */
    repeats_t *repeats;          /* so that faults do not flood the log */
    uint64_t received;           /* pushes */
    uint64_t outcomes[OUTCOMES]; /* of them */
    bool draining;
    void (*on_drained)(void *arg); /* NULL once called */
    void *drained_arg;
};

/* ---- ends ---- */

static void end(frontend_t *self, entry_t *entry, enum answer answer,
                enum push_outcome outcome)
{
    exchange_t *exchange = entry_subject(entry);

    if (exchange_is_push(exchange)) {
        self->outcomes[outcome]++;
    }
    link_send(self->link, exchange_reply(exchange, answer));
    ledger_close(self->ledger, &entry);
    exchange_destroy(&exchange);
}

static void queue(frontend_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);

    if (exchange_stage(exchange) != STAGE_PUSH) {
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
        return;
    }
    const struct app *app = exchange_app(exchange, self->settings);
    if (app == NULL) {
        int64_t times =
            repeats_note(self->repeats, "push.no_app", clock_mono_ms());
        if (times > 0) {
            log_error("push.no_app", TEXT("app", exchange_app_name(exchange)),
                      NUM("times", times),
                      TEXT("remedy", "this app has registrations: put it "
                                     "back into `apps`"));
        }
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
        return;
    }
    ledger_queue(self->ledger, entry, need_of_app(self->settings, app));
}

/* ---- from the XMPP server ---- */

static void begin(frontend_t *self, const struct iq *iq,
                  const struct p2_request *request)
{
    exchange_t *exchange = exchange_new(iq, request);

    if (exchange_is_push(exchange)) {
        self->received++;
    }
    entry_t *entry = ledger_open(self->ledger, exchange, clock_mono_ms());
    if (entry != NULL) {
        queue(self, entry);
        return;
    }
    if (exchange_is_push(exchange)) {
        self->outcomes[OUTCOME_FAILED]++;
    }
    link_send(self->link, exchange_reply(exchange, ANSWER_TROUBLE));
    exchange_destroy(&exchange);
}

static void on_iq(void *arg, const struct iq *iq)
{
    frontend_t *self = arg;
    int64_t times;
    struct p2_request request;
    struct local_answer local;

    if (local_iq_answer(iq, self->settings, &request, &local)) {
        if (local.refusal != NULL &&
            (times = repeats_note(self->repeats, local.refusal,
                                  clock_mono_ms())) > 0) {
            log_warn("iq.refused", TEXT("why", local.refusal),
                     NUM("times", times));
        }
        if (local.reply != NULL) {
            link_send(self->link, local.reply);
        }
    } else if (self->draining) {
        link_send(self->link, reply_error(&iq->head, ANSWER_STOPPING, NULL));
    } else {
        begin(self, iq, &request);
    }
}

static void flush(void *arg)
{
    frontend_t *self = arg;

    dispatch_pump(self->dispatch);
    link_flush(self->link);
}

/* ---- from the bus ---- */

static char *encode(void *arg, entry_t *entry, const char *job_id)
{
    frontend_t *self = arg;
    exchange_t *exchange = entry_subject(entry);
    struct proto_err err;
    char *frame = exchange_encode(
        exchange, job_id, entry_budget_ms(entry, clock_mono_ms()), &err);

    if (frame == NULL) {
        log_error("job.not_encoded", TEXT("id", job_id),
                  TEXT("field", err.field), TEXT("why", err.why));
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
    return frame;
}

static void on_result(void *arg, entry_t *entry, const struct msg *m)
{
    frontend_t *self = arg;
    exchange_t *exchange = entry_subject(entry);
    struct exchange_step step;
    struct proto_err err;

    if (exchange_take(exchange, m, &step, &err) != 0) {
        log_warn("result.refused", TEXT("id", m->id), TEXT("type", m->type),
                 TEXT("field", err.field), TEXT("why", err.why));
    }
    log_debug("job.result", TEXT("id", m->id), TEXT("type", m->type),
              TEXT("reason", step.reason), NUM("done", step.done));
    if (step.done) {
        end(self, entry, step.answer, step.outcome);
    } else {
        queue(self, entry);
    }
}

/* Nobody served it, or nobody answered. */
static void expire(frontend_t *self, entry_t *entry)
{
    const exchange_t *exchange = entry_subject(entry);
    enum exchange_stage stage = exchange_stage(exchange);
    const struct app *app = exchange_app(exchange, self->settings);
    size_t need = stage == STAGE_PUSH ? need_of_app(self->settings, app)
                                      : (size_t)NEED_REGISTRY;

    int64_t times = 0;

    if (!ledger_serves(self->ledger, need)) {
        times = repeats_note(self->repeats, "job.no_worker", clock_mono_ms());
    }
    if (times > 0) {
        log_error("job.no_worker",
                  TEXT("role", stage == STAGE_PUSH ? "sender" : "registry"),
                  TEXT("app", stage == STAGE_PUSH ? app->name : NULL),
                  NUM("times", times),
                  TEXT("remedy", "start one; its bus.frontends must name "
                                 "this frontend"));
    }
    end(self, entry, ANSWER_TIMEOUT, OUTCOME_EXPIRED);
}

/* ---- time ---- */

static void close_if_drained(frontend_t *self)
{
    if (self->draining && ledger_size(self->ledger) == 0) {
        link_close(self->link);
    }
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    frontend_t *self = arg;
    int64_t now_ms = clock_mono_ms();
    entry_t *entry;

    (void)loop;
    (void)timer_id;
    while ((entry = ledger_overdue(self->ledger, now_ms)) != NULL) {
        expire(self, entry);
    }
    flush(self);
    close_if_drained(self);
    return 0;
}

static void on_closed(void *arg)
{
    frontend_t *self = arg;
    void (*on_drained)(void *) = self->on_drained;

    self->on_drained = NULL;
    if (on_drained != NULL) {
        on_drained(self->drained_arg);
    }
}

/* ---- life ---- */

static ledger_t *new_ledger(const struct settings *settings)
{
    char prefix[9];
    const struct ledger_conf conf = {.deadline_ms = settings->push.deadline_ms,
                                     .max_entries =
                                         (size_t)settings->push.max_in_flight,
                                     .max_attempts = MAX_ATTEMPTS,
                                     .prefix = prefix};

    snprintf(prefix, sizeof prefix, "%08x", random_u32());
    return ledger_new(&conf);
}

frontend_t *frontend_new(zloop_t *loop, const struct settings *settings)
{
    frontend_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->settings = settings;
    self->repeats = repeats_new();
    self->ledger = new_ledger(settings);
    const struct dispatch_events bus = {encode, on_result, flush, self};
    self->dispatch = dispatch_new(loop, settings, self->ledger, &bus);
    if (self->dispatch == NULL) {
        frontend_destroy(&self);
        return NULL;
    }
    const struct link_events xmpp = {on_iq, flush, on_closed, self};
    self->link = link_new(loop, settings, &xmpp);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

static void report(const frontend_t *self)
{
    log_info("pushes.total", NUM("received", self->received),
             NUM("sent", self->outcomes[OUTCOME_SENT]),
             NUM("gone", self->outcomes[OUTCOME_GONE]),
             NUM("refused", self->outcomes[OUTCOME_REFUSED]),
             NUM("expired", self->outcomes[OUTCOME_EXPIRED]),
             NUM("failed", self->outcomes[OUTCOME_FAILED]));
}

void frontend_destroy(frontend_t **self_p)
{
    frontend_t *self = *self_p;
    entry_t *entry;

    if (self == NULL) {
        return;
    }
    if (self->link != NULL) {
        zloop_timer_end(self->loop, self->timer);
        /* Left over only after a drain that was cut short. */
        while ((entry = ledger_overdue(self->ledger, INT64_MAX)) != NULL) {
            end(self, entry, ANSWER_STOPPING, OUTCOME_FAILED);
        }
        report(self);
    }
    link_destroy(&self->link);
    dispatch_destroy(&self->dispatch);
    ledger_destroy(&self->ledger);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

void frontend_drain(frontend_t *self, void (*on_drained)(void *arg), void *arg)
{
    self->draining = true;
    self->on_drained = on_drained;
    self->drained_arg = arg;
    close_if_drained(self);
}

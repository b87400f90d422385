/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of an exchange that is open: whom to ask, what the answer means,
 * and how it ends. */
#include "services/xmpp-frontend/exchanges_state.h"

#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/reports.h"
#include "services/xmpp-frontend/roles.h"
#include "services/xmpp-frontend/story.h"

/* ---- ends ---- */

bool exchanges_answer(exchanges_t *self, exchange_t *exchange, enum answer how,
                      enum push_outcome outcome)
{
    char *reply;
    bool first = exchange_answer(exchange, how, &reply);

    if (first) {
        tally_answer(&self->tally, exchange, how, outcome, clock_mono_us());
    }
    if (reply != NULL) {
        link_send(self->link, reply);
    }
    return first;
}

/* Who has joined it is answered with it: its wake-up was theirs as well. */
static void answer_entry(exchanges_t *self, const entry_t *entry,
                         enum answer how, enum push_outcome outcome)
{
    exchange_t *exchange = entry_subject(entry);
    enum push_outcome of_others =
        how == ANSWER_RESULT ? OUTCOME_COALESCED : outcome;

    if (exchanges_answer(self, exchange, how, outcome)) {
        story_end(self->ledger, entry, how, outcome);
    }
    while ((exchange = exchange_next(exchange)) != NULL) {
        exchanges_answer(self, exchange, how, of_others);
    }
}

static void drop(exchanges_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);

    if (exchange_can_join(exchange)) {
        const struct push_target target = exchange_target(exchange);
        coalesce_close(self->coalesce, &target, entry);
    }
    ledger_close(self->ledger, &entry);
    exchange_destroy(&exchange);
}

void exchanges_end(exchanges_t *self, entry_t *entry, enum answer how,
                   enum push_outcome outcome)
{
    answer_entry(self, entry, how, outcome);
    drop(self, entry);
}

/* ---- whom to ask ---- */

/* Where all apps are stateless a registry is not missed; but if there is one,
 * it may know what was registered before. */
static void queue_for_registry(exchanges_t *self, entry_t *entry)
{
    if (settings_need_registry(self->settings) ||
        ledger_serves(self->ledger, NEED_REGISTRY)) {
        if (exchange_had_turn(entry_subject(entry))) {
            ledger_queue_first(self->ledger, entry, NEED_REGISTRY);
        } else {
            ledger_queue(self->ledger, entry, NEED_REGISTRY);
        }
    } else {
        report_no_registry(self->repeats);
        exchanges_end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
}

/* How long a push must wait for its turn, in seconds. One that was deferred has
 * done so. */
static int64_t limit_push(exchanges_t *self, const exchange_t *exchange,
                          const struct app *app)
{
    enum limit limit;

    if (exchange_is_retry(exchange)) {
        return 0;
    }
    const struct push_target target = exchange_target(exchange);
    int64_t wait_us = limits_push(self->limits, app, target.domain, target.node,
                                  clock_mono_us(), &limit);
    if (wait_us > 0) {
        report_limit(self->repeats, limit_setting(limit), app->name);
    }
    return (wait_us + 999999) / 1000000;
}

/* Would it take room away from those that must be looked up, only to be
 * deferred when its time is over? Then that is better done at once, and nobody
 * has to be turned away. */
static bool is_better_deferred(exchanges_t *self, const entry_t *entry,
                               size_t need)
{
    return ledger_is_crowded(self->ledger, entry) &&
           ledger_is_behind(self->ledger, need);
}

static void queue_for_sender(exchanges_t *self, entry_t *entry,
                             const struct app *app)
{
    exchange_t *exchange = entry_subject(entry);
    size_t need = dispatch_need(self->dispatch, app);
    int64_t wait_s = 0;

    if (exchange_is_stateless(exchange) &&
        dead_tokens_has(self->dead_tokens, app->name, exchange_token(exchange),
                        clock_mono_ms())) {
        exchanges_end(self, entry, ANSWER_GONE, OUTCOME_GONE);
    } else if (exchange_had_turn(exchange)) { /* the rest was asked then */
        ledger_queue_first(self->ledger, entry, need);
    } else if (is_better_deferred(self, entry, need) &&
               exchange_give_up(exchange)) {
        report_crowded(self->repeats, app->name);
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else if ((wait_s = limit_push(self, exchange, app)) == 0) {
        ledger_queue(self->ledger, entry, need);
    } else if (exchange_limit(exchange, wait_s)) {
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        exchanges_end(self, entry, ANSWER_TROUBLE, OUTCOME_LIMITED);
    }
}

void exchanges_ask(exchanges_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);
    bool has_way = exchange_route(exchange, self->settings);
    const struct app *app = exchange_app(exchange, self->settings);

    if (exchange_stage(exchange) != STAGE_PUSH) {
        queue_for_registry(self, entry);
    } else if (!has_way) {
        report_no_sandbox(self->repeats, exchange_app_name(exchange));
        exchanges_end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    } else if (app != NULL) {
        queue_for_sender(self, entry, app);
    } else if (exchange_is_retry(exchange) && exchange_give_up(exchange)) {
        report_no_app(self->repeats, exchange_app_name(exchange));
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        report_no_app(self->repeats, exchange_app_name(exchange));
        exchanges_end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
}

/* ---- from the bus ---- */

/* Until it is looked up, and then until there is a sender for it, others can
 * join; but while it is looked up for the second time they cannot, and have the
 * window before them that begins when it is sent. */
static void leave(exchanges_t *self, const entry_t *entry, int64_t now_ms)
{
    const exchange_t *exchange = entry_subject(entry);

    if (!exchange_can_join(exchange) ||
        (exchange_stage(exchange) == STAGE_LOOKUP &&
         !exchange_had_turn(exchange))) {
        return;
    }
    const struct push_target target = exchange_target(exchange);
    if (exchange_stage(exchange) == STAGE_LOOKUP ||
        exchange_stage(exchange) == STAGE_PUSH ||
        exchange_stage(exchange) == STAGE_DEFER) {
        coalesce_sent(self->coalesce, &target, exchange_is_urgent(exchange),
                      entry, now_ms);
    } else {
        coalesce_close(self->coalesce, &target, entry);
    }
}

char *exchanges_encode(void *arg, entry_t *entry, const char *job_id)
{
    exchanges_t *self = arg;
    exchange_t *exchange = entry_subject(entry);
    int64_t now_ms = clock_mono_ms();
    struct proto_err err;

    tally_job(&self->tally, exchange, clock_mono_us());
    if (exchange_is_outdated(exchange)) {
        exchange_look_up_again(exchange);
        ledger_take_back(self->ledger, entry);
        exchanges_ask(self, entry);
        return NULL;
    }
    leave(self, entry, now_ms);
    exchange_handed(exchange);
    char *frame =
        exchange_encode(exchange, job_id, entry_budget_ms(entry, now_ms), &err);
    if (frame == NULL) {
        report_not_encoded(self->repeats, job_id, &err);
        exchanges_end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
    return frame;
}

void exchanges_on_result(void *arg, entry_t *entry, const struct msg *m)
{
    exchanges_t *self = arg;
    exchange_t *exchange = entry_subject(entry);
    struct exchange_step step;
    struct proto_err err;

    tally_result(&self->tally, exchange, clock_mono_us());
    if (exchange_take(exchange, m, &step, &err) != 0) {
        report_result_refused(self->repeats, m, &err);
    }
    log_debug("job.result", TEXT("id", m->id), TEXT("type", m->type),
              TEXT("reason", step.reason), NUM("done", step.done));
    if (exchange_is_stateless(exchange) && step.answer == ANSWER_GONE) {
        dead_tokens_add(self->dead_tokens, exchange_app_name(exchange),
                        exchange_token(exchange), clock_mono_ms());
    }
    if (step.answers) {
        answer_entry(self, entry, step.answer, step.outcome);
    }
    if (step.done) {
        drop(self, entry);
    } else {
        exchanges_ask(self, entry);
    }
}

/* Why did nobody serve it? */
static void report_unserved(exchanges_t *self, const exchange_t *exchange)
{
    bool pushes = exchange_stage(exchange) == STAGE_PUSH;
    const struct app *app =
        pushes ? exchange_app(exchange, self->settings) : NULL;
    size_t need =
        pushes ? dispatch_need(self->dispatch, app) : (size_t)NEED_REGISTRY;
    char role[ROLE_SIZE] = ROLE_REGISTRY;

    if (pushes && app == NULL) { /* it was taken from the settings */
        report_no_app(self->repeats, exchange_app_name(exchange));
        return;
    }
    if (app != NULL) {
        role_of_backend(role, app->backend);
    }
    if (!ledger_serves(self->ledger, need)) {
        report_no_worker(self->repeats, role, app != NULL ? app->name : NULL);
    }
}

/* Nobody served it, or nobody answered. A push is deferred then, for which
 * there is still time. */
void exchanges_on_overdue(void *arg, entry_t *entry)
{
    exchanges_t *self = arg;
    exchange_t *exchange = entry_subject(entry);

    report_unserved(self, exchange);
    bool can_end_well = exchange_give_up(exchange) ||
                        exchange_stage(exchange) == STAGE_DEFER ||
                        exchange_stage(exchange) == STAGE_FORGET;
    if (can_end_well && ledger_extend(self->ledger, entry)) {
        exchanges_ask(self, entry);
    } else {
        exchanges_end(self, entry, ANSWER_TIMEOUT, OUTCOME_EXPIRED);
    }
}

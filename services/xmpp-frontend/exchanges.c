/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/exchanges.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "services/xmpp-frontend/dead_tokens.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/limits.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/reports.h"
#include "services/xmpp-frontend/roles.h"
#include "services/xmpp-frontend/story.h"
#include "services/xmpp-frontend/tally.h"
#include <assert.h>

enum {
    COALESCE_PART = 4,   /* of the deadline is what a push waits at most */
    JOINABLE_PART = 3,   /* of the deadline must be left to who is joined */
    WINDOWS_MAX = 65536, /* at one second each, as many pushes a second */
};

struct exchanges {
    const struct settings *settings;
    ledger_t *ledger;
    dispatch_t *dispatch;
    link_t *link;
    struct entry_owner owner;
    coalesce_t *coalesce;
    limits_t *limits;
    dead_tokens_t *dead_tokens;
    struct siphash_key key;
    repeats_t *repeats; /* so that faults do not flood the log */
    struct tally tally;
    bool draining;
};

/* ---- ends ---- */

/* Counts it, and tells who asked, if that was not done before: true. */
static bool answer(exchanges_t *self, exchange_t *exchange, enum answer how,
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

    if (answer(self, exchange, how, outcome)) {
        story_end(self->ledger, entry, how, outcome);
    }
    while ((exchange = exchange_next(exchange)) != NULL) {
        answer(self, exchange, how, of_others);
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

static void end(exchanges_t *self, entry_t *entry, enum answer how,
                enum push_outcome outcome)
{
    answer_entry(self, entry, how, outcome);
    drop(self, entry);
}

/* Where all apps are stateless a registry is not missed; but if there is one,
 * it may know what was registered before. */
static void queue_for_registry(exchanges_t *self, entry_t *entry)
{
    if (settings_need_registry(self->settings) ||
        ledger_serves(self->ledger, NEED_REGISTRY)) {
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        report_no_registry(self->repeats);
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
}

/* How long a push must wait for its turn, in seconds. One that was deferred has
 * done so. */
static int64_t limit_push(exchanges_t *self, const exchange_t *exchange)
{
    enum limit limit;

    if (exchange_is_retry(exchange)) {
        return 0;
    }
    const struct push_target target = exchange_target(exchange);
    int64_t wait_us = limits_push(self->limits, target.domain, target.node,
                                  clock_mono_us(), &limit);
    if (wait_us > 0) {
        report_limit(self->repeats, limit_setting(limit));
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
           ledger_waits(self->ledger, need);
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
        end(self, entry, ANSWER_GONE, OUTCOME_GONE);
    } else if (is_better_deferred(self, entry, need) &&
               exchange_give_up(exchange)) {
        report_crowded(self->repeats, app->name);
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else if ((wait_s = limit_push(self, exchange)) == 0) {
        ledger_queue(self->ledger, entry, need);
    } else if (exchange_limit(exchange, wait_s)) {
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        end(self, entry, ANSWER_TROUBLE, OUTCOME_LIMITED);
    }
}

/* Ask whoever serves the stage that it is in. */
static void queue(exchanges_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);
    bool has_way = exchange_route(exchange, self->settings);
    const struct app *app = exchange_app(exchange, self->settings);

    if (exchange_stage(exchange) != STAGE_PUSH) {
        queue_for_registry(self, entry);
    } else if (!has_way) {
        report_no_sandbox(self->repeats, exchange_app_name(exchange));
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    } else if (app != NULL) {
        queue_for_sender(self, entry, app);
    } else if (exchange_is_retry(exchange) && exchange_give_up(exchange)) {
        report_no_app(self->repeats, exchange_app_name(exchange));
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        report_no_app(self->repeats, exchange_app_name(exchange));
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
}

/* ---- from the XMPP server ---- */

static bool may_register(exchanges_t *self, const exchange_t *exchange)
{
    enum limit limit;

    if (exchange_stage(exchange) != STAGE_REGISTER ||
        limits_register(self->limits, exchange_head(exchange)->from,
                        clock_mono_us(), &limit) == 0) {
        return true;
    }
    report_limit(self->repeats, limit_setting(limit));
    return false;
}

static void refuse(exchanges_t *self, exchange_t *exchange, enum answer how)
{
    answer(self, exchange, how, OUTCOME_FAILED);
    exchange_destroy(&exchange);
}

/* There is no room for it. */
static void turn_away(exchanges_t *self, exchange_t *exchange)
{
    report_no_room(self->repeats, ledger_is_full(self->ledger));
    refuse(self, exchange, ANSWER_TROUBLE);
}

/* It has waited to be one wake-up with others. How long it takes from here on
 * is what tells how we are. */
static void go(exchanges_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);

    while (exchange != NULL) {
        exchange_start(exchange, clock_mono_us());
        exchange = exchange_next(exchange);
    }
    queue(self, entry);
}

/* What it shall join, or NULL. Who joins what has little time left has no more
 * than that. */
static entry_t *find_leader(exchanges_t *self, const struct push_target *target,
                            int64_t now_ms)
{
    entry_t *leader = coalesce_find(self->coalesce, target);

    if (leader != NULL &&
        entry_budget_ms(leader, now_ms) <
            self->settings->push.deadline_ms / JOINABLE_PART) {
        coalesce_close(self->coalesce, target, leader);
        return NULL;
    }
    return leader;
}

static void join(exchanges_t *self, entry_t *leader, exchange_t *exchange,
                 int64_t now_ms)
{
    const struct push_target target = exchange_target(exchange);
    bool is_urgent = exchange_is_urgent(exchange);

    if (!ledger_share(self->ledger, leader)) {
        turn_away(self, exchange);
        return;
    }
    story_join(self->ledger, leader);
    bool goes = coalesce_join(self->coalesce, &target, is_urgent, now_ms);
    exchange_join(entry_subject(leader), &exchange);
    if (goes) {
        go(self, leader);
    }
}

/* `due`, see story_begin. */
static entry_t *open_entry(exchanges_t *self, exchange_t *exchange,
                           const char *due, int64_t now_ms)
{
    const char *domain = exchange_domain(exchange);
    uint64_t flow =
        domain != NULL ? siphash_text(&self->key, 0, domain) : FLOW_NONE;
    entry_t *entry =
        ledger_open(self->ledger, &self->owner, flow, exchange, now_ms);

    if (entry != NULL) {
        story_begin(self->ledger, entry, due);
    } else {
        turn_away(self, exchange);
    }
    return entry;
}

static void begin_push(exchanges_t *self, exchange_t *exchange)
{
    const struct push_target target = exchange_target(exchange);
    int64_t now_ms = clock_mono_ms();
    entry_t *leader = find_leader(self, &target, now_ms);

    if (leader != NULL) {
        join(self, leader, exchange, now_ms);
        return;
    }
    entry_t *entry = open_entry(self, exchange, NULL, now_ms);
    if (entry == NULL) {
        return;
    }
    if (coalesce_lead(self->coalesce, &target, exchange_is_urgent(exchange),
                      entry, now_ms)) {
        queue(self, entry);
    } else {
        story_wait(self->ledger, entry);
    }
}

static void begin(exchanges_t *self, exchange_t *exchange, const char *due)
{
    entry_t *entry;

    tally_begin(&self->tally, exchange, clock_mono_us());
    if (self->draining) {
        refuse(self, exchange, ANSWER_STOPPING);
    } else if (exchange_can_join(exchange)) {
        begin_push(self, exchange);
    } else if (!may_register(self, exchange)) {
        refuse(self, exchange, ANSWER_LIMITED);
    } else if ((entry = open_entry(self, exchange, due, clock_mono_ms())) !=
               NULL) {
        queue(self, entry);
    }
}

void exchanges_take(exchanges_t *self, const struct iq *iq)
{
    int64_t unix_ms = clock_unix_ms();
    int64_t times;
    struct request request;
    struct local_answer local;

    if (local_iq_answer(iq, self->settings, unix_ms, &request, &local)) {
        if (request.step == REQUEST_SEALED || request.step == REQUEST_DONE) {
            tally_command(&self->tally, request.app,
                          request.step == REQUEST_SEALED);
        }
        if (local.refusal != NULL &&
            (times = repeats_note(self->repeats, local.refusal,
                                  clock_mono_ms())) > 0) {
            log_warn("iq.refused", TEXT("why", local.refusal), TIMES(times));
        }
        if (local.reply != NULL) {
            link_send(self->link, local.reply);
        }
    } else {
        begin(self, exchange_new(iq, &request, unix_ms), NULL);
    }
}

void exchanges_take_due(exchanges_t *self, const char *id,
                        const struct target_due *due)
{
    begin(self, exchange_new_due(due), id);
}

/* ---- from the bus ---- */

/* Until it is looked up, and then until there is a sender for it, others can
 * join. */
static void leave(exchanges_t *self, const entry_t *entry, int64_t now_ms)
{
    const exchange_t *exchange = entry_subject(entry);

    if (!exchange_can_join(exchange) ||
        exchange_stage(exchange) == STAGE_LOOKUP) {
        return;
    }
    const struct push_target target = exchange_target(exchange);
    if (exchange_stage(exchange) == STAGE_PUSH ||
        exchange_stage(exchange) == STAGE_DEFER) {
        coalesce_sent(self->coalesce, &target, exchange_is_urgent(exchange),
                      entry, now_ms);
    } else {
        coalesce_close(self->coalesce, &target, entry);
    }
}

static char *encode(void *arg, entry_t *entry, const char *job_id)
{
    exchanges_t *self = arg;
    exchange_t *exchange = entry_subject(entry);
    int64_t now_ms = clock_mono_ms();
    struct proto_err err;

    tally_job(&self->tally, exchange, clock_mono_us());
    leave(self, entry, now_ms);
    char *frame =
        exchange_encode(exchange, job_id, entry_budget_ms(entry, now_ms), &err);
    if (frame == NULL) {
        report_not_encoded(self->repeats, job_id, &err);
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
    return frame;
}

static void on_result(void *arg, entry_t *entry, const struct msg *m)
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
        queue(self, entry);
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
static void expire(void *arg, entry_t *entry)
{
    exchanges_t *self = arg;
    exchange_t *exchange = entry_subject(entry);

    report_unserved(self, exchange);
    bool can_end_well = exchange_give_up(exchange) ||
                        exchange_stage(exchange) == STAGE_DEFER ||
                        exchange_stage(exchange) == STAGE_FORGET;
    if (can_end_well && ledger_extend(self->ledger, entry)) {
        queue(self, entry);
    } else {
        end(self, entry, ANSWER_TIMEOUT, OUTCOME_EXPIRED);
    }
}

/* ---- time ---- */

void exchanges_tick(exchanges_t *self, int64_t now_ms)
{
    entry_t *entry;

    while ((entry = coalesce_due(self->coalesce, now_ms)) != NULL) {
        go(self, entry);
    }
}

/* ---- life ---- */

/* All that wait must still have time for everything. */
static int64_t window_of(const struct settings *settings)
{
    int64_t most_ms = settings->push.deadline_ms / COALESCE_PART;

    return settings->push.coalesce_ms < most_ms ? settings->push.coalesce_ms
                                                : most_ms;
}

static struct siphash_key new_key(void)
{
    struct siphash_key key;

    for (size_t i = 0; i < 2; i++) {
        key.words[i] = (uint64_t)random_u32() << 32 | random_u32();
    }
    return key;
}

exchanges_t *exchanges_new(ledger_t *ledger, dispatch_t *dispatch, link_t *link,
                           const struct settings *settings)
{
    exchanges_t *self = zmalloc(sizeof *self);

    assert(self);
    self->settings = settings;
    self->ledger = ledger;
    self->dispatch = dispatch;
    self->link = link;
    self->owner = (struct entry_owner){encode, on_result, expire, self};
    self->key = new_key();
    const struct coalesce_conf conf = {window_of(settings), WINDOWS_MAX,
                                       self->key};
    self->coalesce = coalesce_new(&conf);
    self->dead_tokens = dead_tokens_new(&self->key);
    self->limits = limits_new(settings, &self->key);
    self->repeats = repeats_new();
    tally_use(&self->tally, settings);
    return self;
}

void exchanges_destroy(exchanges_t **self_p)
{
    exchanges_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    coalesce_destroy(&self->coalesce);
    dead_tokens_destroy(&self->dead_tokens);
    limits_destroy(&self->limits);
    repeats_destroy(&self->repeats);
    tally_release(&self->tally);
    free(self);
    *self_p = NULL;
}

void exchanges_use(exchanges_t *self, const struct settings *settings)
{
    coalesce_set_window(self->coalesce, window_of(settings));
    tally_use(&self->tally, settings);
    dead_tokens_forget_all(self->dead_tokens);
    limits_use(self->limits, settings);
    self->settings = settings;
}

void exchanges_drain(exchanges_t *self)
{
    self->draining = true;
}

static void report(const char *event, const struct tally_pushes *pushes)
{
    log_info(event, NUM("received", pushes->received),
             NUM("sent", tally_outcome(pushes, OUTCOME_SENT)),
             NUM("gone", tally_outcome(pushes, OUTCOME_GONE)),
             NUM("refused", tally_outcome(pushes, OUTCOME_REFUSED)),
             NUM("deferred", tally_outcome(pushes, OUTCOME_DEFERRED)),
             NUM("expired", tally_outcome(pushes, OUTCOME_EXPIRED)),
             NUM("coalesced", tally_outcome(pushes, OUTCOME_COALESCED)),
             NUM("limited", tally_outcome(pushes, OUTCOME_LIMITED)),
             NUM("failed", tally_outcome(pushes, OUTCOME_FAILED)));
}

void exchanges_finish(exchanges_t *self)
{
    entry_t *entry;

    while ((entry = ledger_overdue(self->ledger, INT64_MAX)) != NULL) {
        end(self, entry, ANSWER_STOPPING, OUTCOME_FAILED);
    }
    report("pushes.total", &self->tally.pushes);
    report("retries.total", &self->tally.retries);
}

static const struct metric WINDOWS = {
    "wakebus_coalesce_windows",
    METRIC_GAUGE,
    "Devices of which it is remembered when they were sent a push last.",
    {NULL}};
static const struct metric WINDOWS_FORGOTTEN = {
    "wakebus_coalesce_windows_forgotten_total",
    METRIC_COUNTER,
    "Those that were forgotten before push.coalesce_ms was over: there were "
    "too many.",
    {NULL}};

void exchanges_metrics(const exchanges_t *self, metrics_t *page)
{
    tally_metrics(&self->tally, page);
    metrics_add(page, &WINDOWS, NULL, (double)coalesce_windows(self->coalesce));
    metrics_add(page, &WINDOWS_FORGOTTEN, NULL,
                (double)coalesce_forgotten(self->coalesce));
    limits_metrics(self->limits, page);
}

void exchanges_report(const exchanges_t *self,
                      struct operator_status_result *out)
{
    tally_report(&self->tally, out);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/frontend.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "common/version.h"
#include "services/xmpp-frontend/dead_tokens.h"
#include "services/xmpp-frontend/dispatch.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/link.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/operators.h"
#include "services/xmpp-frontend/reply.h"
#include "services/xmpp-frontend/reports.h"
#include "services/xmpp-frontend/roles.h"
#include "services/xmpp-frontend/status_page.h"
#include "services/xmpp-frontend/story.h"
#include "services/xmpp-frontend/tally.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 100,
    MAX_ATTEMPTS = 3,
    STALE_MS = 30000,  /* workers answer in time, or their answer is lost */
    DEFERRAL_PART = 5, /* of the deadline is kept to make a push durable */
};

struct frontend {
    zloop_t *loop;
    const struct settings *settings;
    link_t *link;
    ledger_t *ledger;
    dispatch_t *dispatch;
    struct entry_owner exchanges; /* of the ledger's entries for them … */
    operators_t *operators;       /* … and of all others */
    int64_t started_ms;
    int timer; /* looks for what is overdue */
    dead_tokens_t *dead_tokens;
    repeats_t *repeats; /* so that faults do not flood the log */
    struct tally tally;
    status_page_t *page; /* or NULL */
    bool draining;
    void (*on_drained)(void *arg); /* NULL once called */
    void *drained_arg;
};

/* ---- ends ---- */

/* Counts it, and tells who asked, if that was not done before: true. */
static bool answer(frontend_t *self, exchange_t *exchange, enum answer how,
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

static void answer_entry(frontend_t *self, const entry_t *entry,
                         enum answer how, enum push_outcome outcome)
{
    if (answer(self, entry_subject(entry), how, outcome)) {
        story_end(self->ledger, entry, how, outcome);
    }
}

static void drop(frontend_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);

    ledger_close(self->ledger, &entry);
    exchange_destroy(&exchange);
}

static void end(frontend_t *self, entry_t *entry, enum answer how,
                enum push_outcome outcome)
{
    answer_entry(self, entry, how, outcome);
    drop(self, entry);
}

/* Where all apps are stateless a registry is not missed; but if there is one,
 * it may know what was registered before. */
static void queue_for_registry(frontend_t *self, entry_t *entry)
{
    if (settings_need_registry(self->settings) ||
        ledger_serves(self->ledger, NEED_REGISTRY)) {
        ledger_queue(self->ledger, entry, NEED_REGISTRY);
    } else {
        report_no_registry(self->repeats);
        end(self, entry, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
}

static void queue_for_sender(frontend_t *self, entry_t *entry,
                             const struct app *app)
{
    const exchange_t *exchange = entry_subject(entry);

    if (exchange_is_stateless(exchange) &&
        dead_tokens_has(self->dead_tokens, app->name, exchange_token(exchange),
                        clock_mono_ms())) {
        end(self, entry, ANSWER_GONE, OUTCOME_GONE);
    } else {
        ledger_queue(self->ledger, entry, dispatch_need(self->dispatch, app));
    }
}

/* Ask whoever serves the stage that it is in. */
static void queue(frontend_t *self, entry_t *entry)
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

static void begin(frontend_t *self, exchange_t *exchange, const char *due)
{
    entry_t *entry = NULL;

    tally_begin(&self->tally, exchange, clock_mono_us());
    if (!self->draining) {
        entry = ledger_open(self->ledger, &self->exchanges, exchange,
                            clock_mono_ms());
    }
    if (entry != NULL) {
        story_begin(self->ledger, entry, due);
        queue(self, entry);
        return;
    }
    answer(self, exchange, self->draining ? ANSWER_STOPPING : ANSWER_TROUBLE,
           OUTCOME_FAILED);
    exchange_destroy(&exchange);
}

static void on_iq(void *arg, const struct iq *iq)
{
    frontend_t *self = arg;
    int64_t times;
    struct request request;
    struct local_answer local;

    if (local_iq_answer(iq, self->settings, &request, &local)) {
        if (local.refusal != NULL &&
            (times = repeats_note(self->repeats, local.refusal,
                                  clock_mono_ms())) > 0) {
            log_warn("iq.refused", TEXT("why", local.refusal), TIMES(times));
        }
        if (local.reply != NULL) {
            link_send(self->link, local.reply);
        }
    } else {
        begin(self, exchange_new(iq, &request, clock_unix_ms()), NULL);
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

    tally_job(&self->tally, exchange, clock_mono_us());
    char *frame = exchange_encode(
        exchange, job_id, entry_budget_ms(entry, clock_mono_ms()), &err);

    if (frame == NULL) {
        report_not_encoded(self->repeats, job_id, &err);
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

/* If there is no room for it now, it is due again soon. */
static void on_due(void *arg, const char *id, const struct target_due *due)
{
    begin(arg, exchange_new_due(due), id);
}

static void on_operator(void *arg, const struct operator_request *request,
                        const struct msg *m)
{
    frontend_t *self = arg;

    operators_take(self->operators, request, m);
}

/* Why did nobody serve it? */
static void report_unserved(frontend_t *self, const exchange_t *exchange)
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
    frontend_t *self = arg;
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
        const struct entry_owner *owner = entry_owner(entry);
        owner->on_overdue(owner->arg, entry);
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

/* ---- what operators are told ---- */

static void report_status(const void *arg, struct operator_status_result *out)
{
    const frontend_t *self = arg;
    int64_t now_ms = clock_mono_ms();

    out->version = VERSION_TEXT;
    out->age_ms = now_ms - self->started_ms;
    out->draining = self->draining;
    if (link_is_up(self->link)) {
        out->link = OPERATOR_LINK_UP;
        out->link_age_ms = now_ms - link_up_ms(self->link);
    }
    tally_report(&self->tally, out);
    dispatch_report(self->dispatch, out);
}

/* ---- life ---- */

static struct ledger_conf limits_of(const struct settings *settings)
{
    int64_t extension_ms = settings->push.deadline_ms / DEFERRAL_PART;

    return (struct ledger_conf){
        .deadline_ms = settings->push.deadline_ms - extension_ms,
        .extension_ms = extension_ms,
        .stale_ms = STALE_MS,
        .max_entries = (size_t)settings->push.max_in_flight,
        .max_attempts = MAX_ATTEMPTS};
}

static ledger_t *new_ledger(const struct settings *settings)
{
    char prefix[9];
    struct ledger_conf conf = limits_of(settings);

    snprintf(prefix, sizeof prefix, "%08x", random_u32());
    conf.prefix = prefix;
    return ledger_new(&conf);
}

static dead_tokens_t *new_dead_tokens(void)
{
    struct siphash_key key;

    for (size_t i = 0; i < 2; i++) {
        key.words[i] = (uint64_t)random_u32() << 32 | random_u32();
    }
    return dead_tokens_new(&key);
}

frontend_t *frontend_new(zloop_t *loop, const struct settings *settings)
{
    frontend_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->settings = settings;
    tally_use(&self->tally, settings);
    self->repeats = repeats_new();
    self->dead_tokens = new_dead_tokens();
    self->ledger = new_ledger(settings);
    self->exchanges = (struct entry_owner){encode, on_result, expire, self};
    const struct dispatch_events bus = {on_due, on_operator, flush, self};
    self->dispatch = dispatch_new(loop, settings, self->ledger, &bus);
    if (self->dispatch == NULL) {
        frontend_destroy(&self);
        return NULL;
    }
    self->started_ms = clock_mono_ms();
    self->operators = operators_new(self->ledger, self->dispatch, settings,
                                    report_status, self);
    const struct link_events xmpp = {on_iq, flush, on_closed, self};
    self->link = link_new(loop, settings, &xmpp);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

static void report(const char *event, const struct tally_pushes *pushes)
{
    log_info(event, NUM("received", pushes->received),
             NUM("sent", tally_outcome(pushes, OUTCOME_SENT)),
             NUM("gone", tally_outcome(pushes, OUTCOME_GONE)),
             NUM("refused", tally_outcome(pushes, OUTCOME_REFUSED)),
             NUM("deferred", tally_outcome(pushes, OUTCOME_DEFERRED)),
             NUM("expired", tally_outcome(pushes, OUTCOME_EXPIRED)),
             NUM("failed", tally_outcome(pushes, OUTCOME_FAILED)));
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
        operators_stop(self->operators);
        while ((entry = ledger_overdue(self->ledger, INT64_MAX)) != NULL) {
            end(self, entry, ANSWER_STOPPING, OUTCOME_FAILED);
        }
        report("pushes.total", &self->tally.pushes);
        report("retries.total", &self->tally.retries);
        log_info("results.total",
                 NUM("late", dispatch_late_results(self->dispatch)));
    }
    status_page_destroy(&self->page);
    link_destroy(&self->link);
    operators_destroy(&self->operators);
    dispatch_destroy(&self->dispatch);
    ledger_destroy(&self->ledger);
    tally_release(&self->tally);
    dead_tokens_destroy(&self->dead_tokens);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

void frontend_health(const frontend_t *self, struct health *health)
{
    const struct settings *settings = self->settings;
    char name[sizeof health->checks->name];

    health_add(health, "xmpp", link_is_up(self->link),
               "check that the XMPP server runs and knows this component: the "
               "log says what it answers");
    if (settings_need_registry(settings)) {
        health_add(health, "registry",
                   ledger_serves(self->ledger, NEED_REGISTRY),
                   "start a registry whose bus.frontends names this frontend");
    }
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        snprintf(name, sizeof name, "sender.%s", app->name);
        health_add(
            health, name,
            ledger_serves(self->ledger, dispatch_need(self->dispatch, app)),
            "start a sender that has this app, and whose bus.frontends "
            "names this frontend");
    }
}

void frontend_reload(frontend_t *self, const struct settings *settings)
{
    const struct ledger_conf limits = limits_of(settings);

    ledger_set_limits(self->ledger, &limits);
    dispatch_use(self->dispatch, settings);
    link_use(self->link, settings);
    tally_use(&self->tally, settings);
    dead_tokens_forget_all(self->dead_tokens);
    operators_use(self->operators, settings);
    self->settings = settings;
}

static const struct metric ENTRIES = {
    "wakebus_ledger_entries",
    METRIC_GAUGE,
    "Requests that are worked on, those that are answered already included.",
    {NULL}};
static const struct metric ENTRIES_MAX = {
    "wakebus_ledger_entries_max",
    METRIC_GAUGE,
    "How many there may be: push.max_in_flight.",
    {NULL}};

void frontend_metrics(const frontend_t *self, metrics_t *page)
{
    link_metrics(self->link, page);
    tally_metrics(&self->tally, page);
    metrics_add(page, &ENTRIES, NULL, (double)ledger_size(self->ledger));
    metrics_add(page, &ENTRIES_MAX, NULL,
                (double)self->settings->push.max_in_flight);
    dispatch_metrics(self->dispatch, page);
}

static void tell_metrics(const void *arg, metrics_t *page)
{
    frontend_metrics(arg, page);
}

static void tell_health(const void *arg, struct health *health)
{
    frontend_health(arg, health);
}

static bool is_draining(const void *arg)
{
    const frontend_t *self = arg;

    return self->draining;
}

void frontend_show(frontend_t *self, http_server_t *http)
{
    const struct status_teller teller = {tell_metrics, tell_health, is_draining,
                                         self};

    self->page = status_page_new(self->loop, http, &teller);
}

void frontend_drain(frontend_t *self, void (*on_drained)(void *arg), void *arg)
{
    self->draining = true;
    self->on_drained = on_drained;
    self->drained_arg = arg;
    operators_stop(self->operators);
    close_if_drained(self);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/frontend.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/version.h"
#include "services/xmpp-frontend/dispatch.h"
#include "services/xmpp-frontend/exchanges.h"
#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/link.h"
#include "services/xmpp-frontend/operators.h"
#include "services/xmpp-frontend/status_page.h"
#include <assert.h>

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
    exchanges_t *exchanges; /* the ledger's entries are theirs … */
    operators_t *operators; /* … or theirs */
    int64_t started_ms;
    int timer;           /* looks for what is overdue */
    status_page_t *page; /* or NULL */
    bool draining;
    void (*on_drained)(void *arg); /* NULL once called */
    void *drained_arg;
};

/* ---- what comes ---- */

static void on_iq(void *arg, const struct iq *iq)
{
    frontend_t *self = arg;

    exchanges_take(self->exchanges, iq);
}

static bool on_skimmed(void *arg, const struct iq_head *head)
{
    frontend_t *self = arg;

    return exchanges_skim(self->exchanges, head);
}

static void on_due(void *arg, const char *id, const struct target_due *due)
{
    frontend_t *self = arg;

    exchanges_take_due(self->exchanges, id, due);
}

static void on_operator(void *arg, const struct operator_request *request,
                        const struct msg *m)
{
    frontend_t *self = arg;

    operators_take(self->operators, request, m);
}

static void flush(void *arg)
{
    frontend_t *self = arg;

    dispatch_pump(self->dispatch);
    link_flush(self->link);
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
    exchanges_tick(self->exchanges, now_ms);
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
    const struct link_past *past = link_past(self->link);
    int64_t now_ms = clock_mono_ms();

    out->version = VERSION_TEXT;
    out->age_ms = now_ms - self->started_ms;
    out->draining = self->draining;
    if (link_is_up(self->link)) {
        out->link = OPERATOR_LINK_UP;
        out->link_age_ms = now_ms - past->up_ms;
        out->link_silent_ms = link_silent_ms(self->link);
        link_prove(self->link);
    } else if (past->remedy != NULL) {
        out->link_why = past->why;
        out->link_remedy = past->remedy;
    }
    exchanges_report(self->exchanges, out);
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

frontend_t *frontend_new(zloop_t *loop, const struct settings *settings)
{
    frontend_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->settings = settings;
    self->ledger = new_ledger(settings);
    const struct dispatch_events bus = {on_due, on_operator, flush, self};
    self->dispatch = dispatch_new(loop, settings, self->ledger, &bus);
    if (self->dispatch == NULL) {
        frontend_destroy(&self);
        return NULL;
    }
    self->started_ms = clock_mono_ms();
    self->operators = operators_new(self->ledger, self->dispatch, settings,
                                    report_status, self);
    const struct link_events xmpp = {.on_iq = on_iq,
                                     .on_skimmed = on_skimmed,
                                     .on_batch_end = flush,
                                     .on_closed = on_closed,
                                     .arg = self};
    self->link = link_new(loop, settings, &xmpp);
    self->exchanges =
        exchanges_new(self->ledger, self->dispatch, self->link, settings);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void frontend_destroy(frontend_t **self_p)
{
    frontend_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->link != NULL) {
        zloop_timer_end(self->loop, self->timer);
        operators_stop(self->operators);
        exchanges_finish(self->exchanges);
        log_info("results.total",
                 NUM("late", dispatch_late_results(self->dispatch)));
    }
    status_page_destroy(&self->page);
    exchanges_destroy(&self->exchanges);
    link_destroy(&self->link);
    operators_destroy(&self->operators);
    dispatch_destroy(&self->dispatch);
    ledger_destroy(&self->ledger);
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
    exchanges_use(self->exchanges, settings);
    operators_use(self->operators, settings);
    self->settings = settings;
}

static const struct metric ENTRIES = {
    "wakebus_ledger_entries",
    METRIC_GAUGE,
    "Requests that are worked on, those that are answered already included.",
    {NULL}};
static const struct metric FLOWS = {
    "wakebus_ledger_domains",
    METRIC_GAUGE,
    "Of how many domains those are, retries counted as one; they take turns.",
    {NULL}};
static const struct metric ENTRIES_MAX = {
    "wakebus_ledger_entries_max",
    METRIC_GAUGE,
    "How many there may be: push.max_in_flight.",
    {NULL}};

void frontend_metrics(const frontend_t *self, metrics_t *page)
{
    link_metrics(self->link, page);
    exchanges_metrics(self->exchanges, page);
    metrics_add(page, &ENTRIES, NULL, (double)ledger_size(self->ledger));
    metrics_add(page, &FLOWS, NULL, (double)ledger_flows(self->ledger));
    metrics_add(page, &ENTRIES_MAX, NULL,
                (double)self->settings->push.max_in_flight);
    dispatch_metrics(self->dispatch, page);
    operators_metrics(self->operators, page);
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
    exchanges_drain(self->exchanges);
    close_if_drained(self);
}

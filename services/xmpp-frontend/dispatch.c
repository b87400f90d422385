/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dispatch_state.h"

#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/workforce.h"
#include <assert.h>

enum {
    TICK_MS = 500,
    SILENCE_MS = 3500, /* three hellos missed */
    RESULTS_MS = 2000, /* for the last results of one who has left */
};

size_t dispatch_need(const dispatch_t *self, const struct app *app)
{
    return needs_of(&self->needs, app != NULL ? app->name : NULL);
}

static void on_app_gone(void *arg, size_t need)
{
    dispatch_t *self = arg;

    ledger_replace_need(self->ledger, need, NEED_NOBODY);
}

void dispatch_use(dispatch_t *self, const struct settings *settings)
{
    self->settings = settings;
    needs_use(&self->needs, settings, on_app_gone, self);
}

/* ---- jobs ---- */

/* The pipe holds more than any credit. If it is full all the same, the worker
 * does not read: the job goes on when it is lost, or the deadline ends it. */
static void report_full(dispatch_t *self, const struct peer *peer)
{
    int64_t times = bus_note(self->bus, "queue full");

    if (times > 0) {
        log_warn("bus.queue_full", TEXT("worker", peer->id), TIMES(times),
                 TEXT("remedy", "the worker does not read: see whether it "
                                "hangs, and its log"));
    }
}

void dispatch_pump(dispatch_t *self)
{
    struct assignment next;

    while (ledger_assign(self->ledger, &next)) {
        struct peer *peer = ledger_peer(next.worker);
        const struct entry_owner *owner = entry_owner(next.entry);
        char *frame = owner->encode(owner->arg, next.entry, next.id);
        if (frame == NULL) {
            ledger_settle(self->ledger, next.id); /* gives back the credit */
            continue;
        }
        if (bus_pipe_send(peer->jobs, frame) != 0) {
            report_full(self, peer);
        }
        free(frame);
    }
}

/* ---- time ---- */

/* One who has left, and whose results are there or will not come; or NULL. */
static struct peer *find_left(dispatch_t *self, int64_t now_ms)
{
    for (struct peer *peer = zhashx_first(self->peers); peer != NULL;
         peer = zhashx_next(self->peers)) {
        if (peer->closed_ms != 0 && (ledger_load(peer->worker) == 0 ||
                                     now_ms - peer->closed_ms >= RESULTS_MS)) {
            return peer;
        }
    }
    return NULL;
}

static void note_missing(dispatch_t *self, size_t count)
{
    self->missing += count;
    if (count > 0 && bus_note(self->bus, "results missing") > 0) {
        log_warn("results.missing", TIMES(self->missing),
                 TEXT("remedy", "if it goes on, restart the workers and see "
                                "their logs"));
        self->missing = 0;
    }
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    dispatch_t *self = arg;
    ledger_worker_t *silent;
    struct peer *left;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    /* Who has slept himself has not heard what was said meanwhile. */
    if (now_ms - self->ticked_ms > 2 * TICK_MS) {
        self->lenient_ms = now_ms + SILENCE_MS;
    }
    self->ticked_ms = now_ms;
    while ((left = find_left(self, now_ms)) != NULL) {
        peer_lose(left, "disconnected");
    }
    while (now_ms >= self->lenient_ms &&
           (silent = ledger_silent(self->ledger, now_ms - SILENCE_MS)) !=
               NULL) {
        peer_lose(ledger_peer(silent), "silent");
    }
    size_t stale = ledger_sweep(self->ledger, now_ms);
    self->tally.missing_results += stale;
    if (stale > 0) {
        note_missing(self, stale);
        dispatch_pump(self);
    }
    return 0;
}

/* ---- numbers ---- */

/* Those that do jobs. */
static void list_workers(const dispatch_t *self, struct operator_workers *out)
{
    int64_t now_ms = clock_mono_ms();

    _Static_assert((int)PEERS_MAX <= (int)OPERATOR_WORKERS_MAX, "all fit");
    out->count = 0;
    for (const struct peer *peer = zhashx_first(self->peers); peer != NULL;
         peer = zhashx_next(self->peers)) {
        if (!peer->is_operator) {
            out->items[out->count++] = (struct operator_worker){
                .role = peer->role,
                .worker = peer->id,
                .jobs = (int64_t)ledger_load(peer->worker),
                .credit = ledger_credit(peer->worker),
                .age_ms = now_ms - peer->joined_ms};
        }
    }
}

void dispatch_report(const dispatch_t *self, struct operator_status_result *out)
{
    struct operator_workers workers;
    const struct workforce all = {self->settings, &self->needs, self->ledger,
                                  &workers};

    list_workers(self, &workers);
    workforce_report(&all, out);
}

void dispatch_metrics(const dispatch_t *self, metrics_t *page)
{
    struct operator_workers workers;
    const struct workforce all = {self->settings, &self->needs, self->ledger,
                                  &workers};

    list_workers(self, &workers);
    workforce_metrics(&all, page);
    worker_tally_metrics(&self->tally, page);
    bus_metrics(self->bus, page);
}

uint64_t dispatch_late_results(const dispatch_t *self)
{
    return self->tally.late_results;
}

/* ---- life ---- */

dispatch_t *dispatch_new(zloop_t *loop, const struct settings *settings,
                         ledger_t *ledger, const struct dispatch_events *events)
{
    dispatch_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->ledger = ledger;
    dispatch_use(self, settings);
    self->events = *events;
    self->bus = bus_new(loop, settings->bus.keys);
    self->peers = zhashx_new();
    zhashx_set_destructor(self->peers, (zhashx_destructor_fn *)peer_destroy);
    self->ticked_ms = clock_mono_ms();
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    if (dispatch_bind(self) != 0) {
        dispatch_destroy(&self);
    }
    return self;
}

void dispatch_destroy(dispatch_t **self_p)
{
    dispatch_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    bus_pull_destroy(&self->inbox);
    zhashx_destroy(&self->peers);
    bus_destroy(&self->bus);
    needs_release(&self->needs);
    free(self);
    *self_p = NULL;
}

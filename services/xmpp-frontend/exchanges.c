/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/exchanges_state.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/reports.h"
#include <assert.h>

enum {
    COALESCE_PART = 4,   /* of the deadline is what a push waits at most */
    WINDOWS_MAX = 65536, /* at one second each, as many pushes a second */
};

/* ---- time ---- */

static void look_at_load(exchanges_t *self, int64_t now_ms)
{
    const struct admission_counts counts = {ledger_closed(self->ledger),
                                            self->turned_away};
    bool was_overloaded = self->admission.is_overloaded;

    admission_turn(&self->admission, &counts, now_ms);
    ledger_set_room(self->ledger, admission_room(&self->admission));
    link_skim(self->link, self->admission.is_overloaded);
    if (self->admission.is_overloaded && !was_overloaded) {
        self->told_overload = report_overload(self->repeats);
    } else if (!self->admission.is_overloaded && was_overloaded) {
        report_overload_end(self->told_overload,
                            now_ms - self->admission.overloaded_ms);
    }
}

void exchanges_tick(exchanges_t *self, int64_t now_ms)
{
    entry_t *entry;

    look_at_load(self, now_ms);

    while ((entry = coalesce_due(self->coalesce, now_ms)) != NULL) {
        exchanges_go(self, entry);
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
    self->owner = (struct entry_owner){exchanges_encode, exchanges_on_result,
                                       exchanges_on_overdue, self};
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
        exchanges_end(self, entry, ANSWER_STOPPING, OUTCOME_FAILED);
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

static const struct metric OVERLOADED = {
    "wakebus_overloaded",
    METRIC_GAUGE,
    "1 when pushes were turned away for so long that it is no burst: only as "
    "many as can be done soon are let in.",
    {NULL}};
static const struct metric TURNED_AWAY = {
    "wakebus_turned_away_total",
    METRIC_COUNTER,
    "Pushes, retries and commands for which there was no room.",
    {NULL}};

void exchanges_metrics(const exchanges_t *self, metrics_t *page)
{
    tally_metrics(&self->tally, page);
    metrics_add(page, &WINDOWS, NULL, (double)coalesce_windows(self->coalesce));
    metrics_add(page, &WINDOWS_FORGOTTEN, NULL,
                (double)coalesce_forgotten(self->coalesce));
    limits_metrics(self->limits, page);
    metrics_add(page, &OVERLOADED, NULL, self->admission.is_overloaded);
    metrics_add(page, &TURNED_AWAY, NULL, (double)self->turned_away);
}

void exchanges_report(const exchanges_t *self,
                      struct operator_status_result *out)
{
    tally_report(&self->tally, out);
}

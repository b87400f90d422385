/* SPDX-License-Identifier: BSD-3-Clause */
/* Who does the ledger's jobs, and which. */
#include "services/xmpp-frontend/ledger_state.h"

#include "proto/bytes.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- jobs ---- */

static bool can_serve(const ledger_worker_t *worker, size_t need)
{
    return worker->serves[need] && worker->reachable && !worker->leaving;
}

static bool can_take(const ledger_worker_t *worker, size_t need)
{
    return can_serve(worker, need) && worker->open_jobs < worker->credit;
}

/* Less of its credit used up than the other's? */
static bool is_less_loaded(const ledger_worker_t *a, const ledger_worker_t *b)
{
    return a->open_jobs * b->credit < b->open_jobs * a->credit;
}

static ledger_worker_t *least_loaded(const ledger_t *self, size_t need)
{
    ledger_worker_t *best = NULL;
    ledger_worker_t *worker;

    TAILQ_FOREACH(worker, &self->workers, all) {
        if (can_take(worker, need) &&
            (best == NULL || is_less_loaded(worker, best))) {
            best = worker;
        }
    }
    return best;
}

static void give(ledger_t *self, entry_t *entry, ledger_worker_t *worker)
{
    struct ledger_job *job = zmalloc(sizeof *job);

    assert(job);
    size_t size = entry_id(self, entry, job->id);
    job->id[size++] = '.';
    decimal_write(job->id + size, ++entry->jobs);
    job->worker = worker;
    job->entry = entry;
    job->stale_ms =
        entry->deadline_ms + self->conf.extension_ms + self->conf.stale_ms;
    entry->job = job;
    entry->state = ASSIGNED;
    TAILQ_INSERT_TAIL(&worker->jobs, job, of_worker);
    worker->open_jobs++;
    zhashx_insert(self->jobs, job->id, job);
    /* Among equals whoever was served longest ago comes first. */
    TAILQ_REMOVE(&self->workers, worker, all);
    TAILQ_INSERT_TAIL(&self->workers, worker, all);
}

bool ledger_assign(ledger_t *self, struct assignment *out)
{
    for (size_t need = 0; need < LEDGER_NEEDS_MAX; need++) {
        struct waiter *next = turns_next(self->turns, need);
        ledger_worker_t *worker =
            next != NULL ? least_loaded(self, need) : NULL;
        if (worker == NULL) {
            continue;
        }
        entry_t *entry = next->subject;
        turns_take(self->turns, next);
        give(self, entry, worker);
        out->entry = entry;
        out->worker = worker;
        memcpy(out->id, entry->job->id, sizeof out->id);
        return true;
    }
    return false;
}

/* The worker no longer has it. Returns its entry, held, or NULL. */
static entry_t *end_job(ledger_t *self, struct ledger_job *job)
{
    entry_t *entry = job->entry;

    if (entry != NULL) {
        ledger_take_back(self, entry);
    }
    zhashx_delete(self->jobs, job->id);
    TAILQ_REMOVE(&job->worker->jobs, job, of_worker);
    job->worker->open_jobs--;
    free(job);
    return entry;
}

ledger_worker_t *ledger_holder(const ledger_t *self, const char *job_id)
{
    const struct ledger_job *job = zhashx_lookup(self->jobs, job_id);

    return job != NULL ? job->worker : NULL;
}

entry_t *ledger_settle(ledger_t *self, const char *job_id)
{
    struct ledger_job *job = zhashx_lookup(self->jobs, job_id);

    return job != NULL ? end_job(self, job) : NULL;
}

/* A worker's oldest job comes first; that is near enough to the order in which
 * they become stale. */
size_t ledger_sweep(ledger_t *self, int64_t now_ms)
{
    ledger_worker_t *worker;
    size_t swept = 0;

    TAILQ_FOREACH(worker, &self->workers, all) {
        struct ledger_job *job = TAILQ_FIRST(&worker->jobs);
        while (job != NULL && job->stale_ms <= now_ms && job->entry == NULL) {
            struct ledger_job *next = TAILQ_NEXT(job, of_worker);
            end_job(self, job);
            job = next;
            swept++;
        }
    }
    return swept;
}

/* ---- workers ---- */

ledger_worker_t *ledger_join(ledger_t *self, void *peer, int64_t now_ms)
{
    ledger_worker_t *worker = zmalloc(sizeof *worker);

    assert(worker);
    worker->peer = peer;
    worker->heard_ms = now_ms;
    TAILQ_INIT(&worker->jobs);
    TAILQ_INSERT_HEAD(&self->workers, worker, all);
    return worker;
}

void *ledger_peer(const ledger_worker_t *worker)
{
    return worker->peer;
}

void ledger_hello(ledger_worker_t *worker, int64_t credit,
                  const bool serves[LEDGER_NEEDS_MAX], int64_t now_ms)
{
    worker->credit = credit;
    worker->heard_ms = now_ms;
    memcpy(worker->serves, serves, sizeof worker->serves);
}

void ledger_reachable(ledger_worker_t *worker)
{
    worker->reachable = true;
}

void ledger_bye(ledger_worker_t *worker, int64_t now_ms)
{
    worker->leaving = true;
    worker->heard_ms = now_ms;
}

/* Back to the head of its queue, unless it has cost too many workers: then it
 * may be what kills them. */
static void hand_over(ledger_t *self, entry_t *entry)
{
    entry->lost++;
    if (entry->lost >= self->conf.max_attempts) {
        entry->state = FAILED;
        TAILQ_INSERT_TAIL(&self->failed, entry, in_failed);
    } else {
        entry->state = QUEUED;
        turns_wait(self->turns, entry->flow, entry->need, &entry->waiter, true);
    }
}

size_t ledger_load(const ledger_worker_t *worker)
{
    return (size_t)worker->open_jobs;
}

size_t ledger_lost(ledger_t *self, ledger_worker_t **worker_p)
{
    ledger_worker_t *worker = *worker_p;
    struct ledger_job *job;
    size_t handed_over = 0;

    /* The youngest first, so that the oldest ends up at the head. */
    while ((job = TAILQ_LAST(&worker->jobs, job_list)) != NULL) {
        /* NOLINTNEXTLINE: the analyzer does not see that it leaves the list */
        entry_t *entry = end_job(self, job);
        if (entry != NULL) {
            hand_over(self, entry);
            handed_over++;
        }
    }
    TAILQ_REMOVE(&self->workers, worker, all);
    free(worker);
    *worker_p = NULL;
    return handed_over;
}

ledger_worker_t *ledger_silent(ledger_t *self, int64_t since_ms)
{
    ledger_worker_t *worker;

    TAILQ_FOREACH(worker, &self->workers, all) {
        if (worker->heard_ms < since_ms) {
            return worker;
        }
    }
    return NULL;
}

bool ledger_serves(const ledger_t *self, size_t need)
{
    return ledger_servers(self, need) > 0;
}

bool ledger_is_behind(const ledger_t *self, size_t need)
{
    const ledger_worker_t *worker;
    size_t free = 0;

    TAILQ_FOREACH(worker, &self->workers, all) {
        free += can_take(worker, need)
                    ? (size_t)(worker->credit - worker->open_jobs)
                    : 0;
    }
    return turns_waiting(self->turns, need) >= free;
}

size_t ledger_servers(const ledger_t *self, size_t need)
{
    const ledger_worker_t *worker;
    size_t count = 0;

    TAILQ_FOREACH(worker, &self->workers, all) {
        count += can_serve(worker, need) ? 1 : 0;
    }
    return count;
}

size_t ledger_queued(const ledger_t *self, size_t need)
{
    return turns_waiting(self->turns, need);
}

int64_t ledger_credit(const ledger_worker_t *worker)
{
    return worker->credit;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/ledger.h"

#include <assert.h>
#include <czmq.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/queue.h>

TAILQ_HEAD(entry_list, entry);
TAILQ_HEAD(job_list, ledger_job);
TAILQ_HEAD(worker_list, ledger_worker);

enum entry_state { HELD, QUEUED, ASSIGNED, FAILED };

struct entry {
    TAILQ_ENTRY(entry) by_age;   /* in entries or extended, by deadline */
    TAILQ_ENTRY(entry) in_queue; /* QUEUED or FAILED */
    uint64_t number;
    int64_t deadline_ms;
    bool is_extended;
    size_t sharers; /* those that are answered with it */
    const void *owner;
    void *subject;
    enum entry_state state;
    size_t need;
    unsigned jobs;          /* how many it has had, for their ids */
    unsigned lost;          /* workers lost in this step */
    struct ledger_job *job; /* ASSIGNED */
};

struct ledger_job {
    TAILQ_ENTRY(ledger_job) of_worker;
    ledger_worker_t *worker;
    entry_t *entry;   /* NULL once the entry was closed */
    int64_t stale_ms; /* when its result is given up */
    char id[LEDGER_ID_SIZE];
};

struct ledger_worker {
    TAILQ_ENTRY(ledger_worker) all;
    void *peer;
    int64_t heard_ms; /* when it last said anything */
    int64_t credit;
    int64_t open_jobs;
    bool reachable;
    bool leaving;
    bool serves[LEDGER_NEEDS_MAX];
    struct job_list jobs; /* that it has, oldest first */
};

struct ledger {
    struct ledger_conf conf;
    char prefix[17];
    uint64_t opened; /* entries so far */
    size_t size;     /* entries now */
    struct entry_list entries;
    struct entry_list extended; /* those that have got more time */
    struct entry_list queues[LEDGER_NEEDS_MAX];
    struct entry_list failed;
    struct worker_list workers;
    zhashx_t *jobs; /* by id */
};

ledger_t *ledger_new(const struct ledger_conf *conf)
{
    ledger_t *self = zmalloc(sizeof *self);

    assert(self);
    self->conf = *conf;
    snprintf(self->prefix, sizeof self->prefix, "%s", conf->prefix);
    TAILQ_INIT(&self->entries);
    TAILQ_INIT(&self->extended);
    TAILQ_INIT(&self->failed);
    TAILQ_INIT(&self->workers);
    for (size_t i = 0; i < LEDGER_NEEDS_MAX; i++) {
        TAILQ_INIT(&self->queues[i]);
    }
    self->jobs = zhashx_new();
    assert(self->jobs);
    return self;
}

void ledger_destroy(ledger_t **self_p)
{
    ledger_t *self = *self_p;
    ledger_worker_t *worker;

    if (self == NULL) {
        return;
    }
    assert(self->size == 0);
    while ((worker = TAILQ_FIRST(&self->workers)) != NULL) {
        ledger_lost(self, &worker);
    }
    zhashx_destroy(&self->jobs);
    free(self);
    *self_p = NULL;
}

void ledger_set_limits(ledger_t *self, const struct ledger_conf *conf)
{
    self->conf = *conf;
}

/* ---- entries ---- */

/* From the end, where it belongs but for those that had less time than others:
 * because they have failed early, or the limits have changed. */
static void insert_by_deadline(struct entry_list *list, entry_t *entry)
{
    entry_t *before = TAILQ_LAST(list, entry_list);

    while (before != NULL && before->deadline_ms > entry->deadline_ms) {
        before = TAILQ_PREV(before, entry_list, by_age);
    }
    if (before != NULL) {
        TAILQ_INSERT_AFTER(list, before, entry, by_age);
    } else {
        TAILQ_INSERT_HEAD(list, entry, by_age);
    }
}

entry_t *ledger_open(ledger_t *self, const void *owner, void *subject,
                     int64_t now_ms)
{
    if (self->size >= self->conf.max_entries) {
        return NULL;
    }
    entry_t *entry = zmalloc(sizeof *entry);
    assert(entry);
    entry->number = ++self->opened;
    entry->deadline_ms = now_ms + self->conf.deadline_ms;
    entry->owner = owner;
    entry->subject = subject;
    insert_by_deadline(&self->entries, entry);
    self->size++;
    return entry;
}

/* Take it out of where it is: back to HELD. */
static void hold(ledger_t *self, entry_t *entry)
{
    switch (entry->state) {
    case HELD:
        break;
    case QUEUED:
        TAILQ_REMOVE(&self->queues[entry->need], entry, in_queue);
        break;
    case ASSIGNED:
        /* The worker still has the job: it counts against its credit until
         * the result comes, for nobody to read. */
        entry->job->entry = NULL;
        entry->job = NULL;
        break;
    case FAILED:
        TAILQ_REMOVE(&self->failed, entry, in_queue);
        break;
    }
    entry->state = HELD;
}

void ledger_close(ledger_t *self, entry_t **entry_p)
{
    entry_t *entry = *entry_p;

    hold(self, entry);
    TAILQ_REMOVE(entry->is_extended ? &self->extended : &self->entries, entry,
                 by_age);
    self->size -= 1 + entry->sharers;
    free(entry);
    *entry_p = NULL;
}

bool ledger_share(ledger_t *self, entry_t *entry)
{
    if (self->size >= self->conf.max_entries) {
        return false;
    }
    entry->sharers++;
    self->size++;
    return true;
}

size_t ledger_size(const ledger_t *self)
{
    return self->size;
}

const void *entry_owner(const entry_t *entry)
{
    return entry->owner;
}

void *entry_subject(const entry_t *entry)
{
    return entry->subject;
}

void entry_id(const ledger_t *self, const entry_t *entry,
              char out[LEDGER_ID_SIZE])
{
    snprintf(out, LEDGER_ID_SIZE, "%s-%" PRIu64, self->prefix, entry->number);
}

int64_t entry_budget_ms(const entry_t *entry, int64_t now_ms)
{
    int64_t budget_ms = entry->deadline_ms - now_ms;

    return budget_ms > 0 ? budget_ms : 1;
}

void ledger_queue(ledger_t *self, entry_t *entry, size_t need)
{
    assert(entry->state == HELD && need < LEDGER_NEEDS_MAX);
    entry->state = QUEUED;
    entry->need = need;
    entry->lost = 0;
    TAILQ_INSERT_TAIL(&self->queues[need], entry, in_queue);
}

void ledger_hurry(ledger_t *self, entry_t *entry, int64_t deadline_ms)
{
    if (deadline_ms < entry->deadline_ms && !entry->is_extended) {
        TAILQ_REMOVE(&self->entries, entry, by_age);
        entry->deadline_ms = deadline_ms;
        insert_by_deadline(&self->entries, entry);
    }
}

bool ledger_extend(ledger_t *self, entry_t *entry)
{
    if (entry->is_extended) {
        return false;
    }
    hold(self, entry);
    TAILQ_REMOVE(&self->entries, entry, by_age);
    entry->is_extended = true;
    entry->deadline_ms += self->conf.extension_ms;
    insert_by_deadline(&self->extended, entry);
    return true;
}

static void replace_need(ledger_t *self, struct entry_list *list, size_t need,
                         size_t instead)
{
    entry_t *entry;

    TAILQ_FOREACH(entry, list, by_age) {
        if (entry->need != need) {
            continue;
        }
        if (entry->state == QUEUED) {
            TAILQ_REMOVE(&self->queues[need], entry, in_queue);
            TAILQ_INSERT_TAIL(&self->queues[instead], entry, in_queue);
        }
        entry->need = instead;
    }
}

void ledger_replace_need(ledger_t *self, size_t need, size_t instead)
{
    ledger_worker_t *worker;

    replace_need(self, &self->entries, need, instead);
    replace_need(self, &self->extended, need, instead);
    TAILQ_FOREACH(worker, &self->workers, all) {
        worker->serves[need] = false;
    }
}

static entry_t *overdue_of(const struct entry_list *list, int64_t now_ms)
{
    entry_t *oldest = TAILQ_FIRST(list);

    return oldest != NULL && oldest->deadline_ms <= now_ms ? oldest : NULL;
}

entry_t *ledger_overdue(ledger_t *self, int64_t now_ms)
{
    entry_t *failed = TAILQ_FIRST(&self->failed);
    entry_t *overdue = overdue_of(&self->entries, now_ms);

    if (failed != NULL) {
        return failed;
    }
    return overdue != NULL ? overdue : overdue_of(&self->extended, now_ms);
}

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
    snprintf(job->id, sizeof job->id, "%s-%" PRIu64 ".%u", self->prefix,
             entry->number, ++entry->jobs);
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
        entry_t *entry = TAILQ_FIRST(&self->queues[need]);
        ledger_worker_t *worker =
            entry != NULL ? least_loaded(self, need) : NULL;
        if (worker == NULL) {
            continue;
        }
        hold(self, entry);
        give(self, entry, worker);
        out->entry = entry;
        out->worker = worker;
        snprintf(out->id, sizeof out->id, "%s", entry->job->id);
        return true;
    }
    return false;
}

/* The worker no longer has it. Returns its entry, held, or NULL. */
static entry_t *end_job(ledger_t *self, struct ledger_job *job)
{
    entry_t *entry = job->entry;

    if (entry != NULL) {
        hold(self, entry);
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
        TAILQ_INSERT_TAIL(&self->failed, entry, in_queue);
    } else {
        entry->state = QUEUED;
        TAILQ_INSERT_HEAD(&self->queues[entry->need], entry, in_queue);
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
    const entry_t *entry;
    size_t count = 0;

    TAILQ_FOREACH(entry, &self->queues[need], in_queue) {
        count++;
    }
    return count;
}

int64_t ledger_credit(const ledger_worker_t *worker)
{
    return worker->credit;
}

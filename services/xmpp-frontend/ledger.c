/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/ledger_state.h"

#include "proto/bytes.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

ledger_t *ledger_new(const struct ledger_conf *conf)
{
    ledger_t *self = zmalloc(sizeof *self);

    assert(self);
    self->conf = *conf;
    self->room = SIZE_MAX;
    snprintf(self->prefix, sizeof self->prefix, "%s", conf->prefix);
    TAILQ_INIT(&self->entries);
    TAILQ_INIT(&self->extended);
    TAILQ_INIT(&self->failed);
    TAILQ_INIT(&self->workers);
    self->turns = turns_new(LEDGER_NEEDS_MAX);
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
    turns_destroy(&self->turns);
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

bool ledger_is_full(const ledger_t *self)
{
    return self->size >= self->conf.max_entries;
}

/* `members`: of the flow that wants it. */
static bool has_room(const ledger_t *self, size_t members)
{
    return !ledger_is_full(self) &&
           members < LEDGER_SHARE * (self->conf.max_entries - self->size);
}

static bool may_wait(const ledger_t *self, size_t waiting)
{
    size_t all = turns_waiting_in_all(self->turns);
    size_t free = self->room > all ? self->room - all : 0;
    size_t flows = turns_flows(self->turns);

    return waiting < LEDGER_SHARE * free ||
           waiting < self->room / (2 * (flows > 0 ? flows : 1));
}

void ledger_set_room(ledger_t *self, size_t waiting)
{
    self->room = waiting;
}

bool ledger_admits(const ledger_t *self, uint64_t flow)
{
    const flow_t *found = turns_find(self->turns, flow);

    return has_room(self, flow_members(found)) &&
           (self->room == SIZE_MAX || may_wait(self, flow_waiting(found)));
}

bool ledger_is_crowded(const ledger_t *self, const entry_t *entry)
{
    size_t max = self->conf.max_entries;
    size_t free = self->size < max ? max - self->size : 0;

    return 2 * flow_members(entry->flow) > LEDGER_SHARE * free;
}

entry_t *ledger_open(ledger_t *self, const void *owner, uint64_t flow,
                     void *subject, int64_t now_ms)
{
    if (!has_room(self, flow_members(turns_find(self->turns, flow)))) {
        return NULL;
    }
    entry_t *entry = zmalloc(sizeof *entry);
    assert(entry);
    entry->number = ++self->opened;
    entry->deadline_ms = now_ms + self->conf.deadline_ms;
    entry->owner = owner;
    entry->subject = subject;
    entry->flow = turns_join(self->turns, flow);
    entry->waiter.subject = entry;
    insert_by_deadline(&self->entries, entry);
    self->size++;
    return entry;
}

void ledger_take_back(ledger_t *self, entry_t *entry)
{
    switch (entry->state) {
    case HELD:
        break;
    case QUEUED:
        turns_give_up(self->turns, &entry->waiter);
        break;
    case ASSIGNED:
        /* The worker still has the job: it counts against its credit until
         * the result comes, for nobody to read. */
        entry->job->entry = NULL;
        entry->job = NULL;
        break;
    case FAILED:
        TAILQ_REMOVE(&self->failed, entry, in_failed);
        break;
    }
    entry->state = HELD;
}

void ledger_close(ledger_t *self, entry_t **entry_p)
{
    entry_t *entry = *entry_p;

    ledger_take_back(self, entry);
    TAILQ_REMOVE(entry->is_extended ? &self->extended : &self->entries, entry,
                 by_age);
    self->size -= 1 + entry->sharers;
    self->closed++;
    turns_leave(self->turns, entry->flow, 1 + entry->sharers);
    free(entry);
    *entry_p = NULL;
}

bool ledger_share(ledger_t *self, entry_t *entry)
{
    if (!has_room(self, flow_members(entry->flow))) {
        return false;
    }
    flow_join(entry->flow);
    entry->sharers++;
    self->size++;
    return true;
}

size_t ledger_size(const ledger_t *self)
{
    return self->size;
}

uint64_t ledger_closed(const ledger_t *self)
{
    return self->closed;
}

size_t ledger_flows(const ledger_t *self)
{
    return turns_flows(self->turns);
}

const void *entry_owner(const entry_t *entry)
{
    return entry->owner;
}

void *entry_subject(const entry_t *entry)
{
    return entry->subject;
}

size_t entry_id(const ledger_t *self, const entry_t *entry,
                char out[LEDGER_ID_SIZE])
{
    size_t size = strlen(self->prefix);

    memcpy(out, self->prefix, size);
    out[size++] = '-';
    return size + decimal_write(out + size, entry->number);
}

int64_t entry_budget_ms(const entry_t *entry, int64_t now_ms)
{
    int64_t budget_ms = entry->deadline_ms - now_ms;

    return budget_ms > 0 ? budget_ms : 1;
}

static void queue(ledger_t *self, entry_t *entry, size_t need, bool first)
{
    assert(entry->state == HELD && need < LEDGER_NEEDS_MAX);
    entry->state = QUEUED;
    entry->need = need;
    entry->lost = 0;
    turns_wait(self->turns, entry->flow, need, &entry->waiter, first);
}

void ledger_queue(ledger_t *self, entry_t *entry, size_t need)
{
    queue(self, entry, need, false);
}

void ledger_queue_first(ledger_t *self, entry_t *entry, size_t need)
{
    queue(self, entry, need, true);
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
    ledger_take_back(self, entry);
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
            turns_give_up(self->turns, &entry->waiter);
            turns_wait(self->turns, entry->flow, instead, &entry->waiter,
                       false);
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

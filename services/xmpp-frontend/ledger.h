/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LEDGER_H
#define XMPP_FRONTEND_LEDGER_H

/* Who owes what to whom. An entry is an IQ that must be answered once, before
 * its deadline; a job is one message to one worker on behalf of an entry. The
 * ledger decides which worker gets which job and knows at any time who has
 * what, so that the jobs of a worker that disappears can be handed to another.
 * Pure: it has no sockets, and time is an argument.
 *
 * An entry is in one of three states:
 *   held     with the caller, from ledger_open or ledger_settle on
 *   queued   waits for a worker that serves its need (ledger_queue)
 *   assigned one job of it is with a worker (ledger_assign)
 * and ends with ledger_close, in whichever state it is. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEDGER_SHARE = 4 };

/* The flow of what no domain has asked for: retries, and what operators ask. */
enum { FLOW_NONE = 0 };
enum { LEDGER_NEEDS_MAX = 67, LEDGER_ID_SIZE = 64 };

typedef struct ledger ledger_t;
typedef struct entry entry_t;
typedef struct ledger_worker ledger_worker_t;

struct ledger_conf {
    int64_t deadline_ms;   /* an entry's time to live … */
    int64_t extension_ms;  /* … and what it can get more, once */
    int64_t stale_ms;      /* after its deadline, a job's result is given up */
    size_t max_entries;    /* past it no entry can be opened; see ledger_open */
    unsigned max_attempts; /* workers that one step of an entry may lose */
    const char *prefix;    /* of all ids, 1..16 bytes, new at each start */
};

ledger_t *ledger_new(const struct ledger_conf *conf);
/* All entries must have been closed. */
void ledger_destroy(ledger_t **self_p);

/* For what is opened from now on; the prefix stays. */
void ledger_set_limits(ledger_t *self, const struct ledger_conf *conf);

/* ---- entries ---- */

/* `owner` says whose entry it is and `subject` what it is about: both are the
 * caller's. Entries of one `flow`, any number, are one customer, who takes
 * turns with the others: see turns.h.
 *
 * NULL when there are too many. One flow may have LEDGER_SHARE times as many as
 * are still free, so that there is always room for others: alone four fifths of
 * all, two together four ninths each (Choudhury and Hahne's dynamic thresholds,
 * IEEE/ACM ToN 6, 1998). */
entry_t *ledger_open(ledger_t *self, const void *owner, uint64_t flow,
                     void *subject, int64_t now_ms);

/* So many entries may wait for a worker, see admission.h; from the start it is
 * any number. Only ledger_admits looks at it. */
void ledger_set_room(ledger_t *self, size_t waiting);

/* Is there room for one more of this flow, and may it wait as well? Of what may
 * wait a flow has the same share as of all entries; and half of what would be
 * its part if all had the same, so that who asks for little gets in when others
 * wait in numbers. */
bool ledger_admits(const ledger_t *self, uint64_t flow);

void ledger_close(ledger_t *self, entry_t **entry_p);

/* One more is answered with this entry, and counts until it is closed. False
 * when there are too many. */
bool ledger_share(ledger_t *self, entry_t *entry);

/* How many there are, those that share one included; how many were closed, each
 * with its sharers as one; and of how many flows there are some. */
size_t ledger_size(const ledger_t *self);
uint64_t ledger_closed(const ledger_t *self);
size_t ledger_flows(const ledger_t *self);

/* Is there little room left for the flow of this entry: has it more than half
 * of what it can have? */
bool ledger_is_crowded(const ledger_t *self, const entry_t *entry);

/* Is it full for all? Else a flow that could open none has had its share. */
bool ledger_is_full(const ledger_t *self);

const void *entry_owner(const entry_t *entry);
void *entry_subject(const entry_t *entry);
/* What the ids of its jobs begin with: "prefix-17". Returns its length. */
size_t entry_id(const ledger_t *self, const entry_t *entry,
                char out[LEDGER_ID_SIZE]);
/* Milliseconds until its deadline, at least 1. */
int64_t entry_budget_ms(const entry_t *entry, int64_t now_ms);

/* Less time than it has, for one who does not wait so long. */
void ledger_hurry(ledger_t *self, entry_t *entry, int64_t deadline_ms);

/* More time for an entry that is overdue, to end well. It is held then. False
 * when it has had that before. */
bool ledger_extend(ledger_t *self, entry_t *entry);

/* Ask for a worker that serves `need`, a number below LEDGER_NEEDS_MAX. The
 * entry was held. */
void ledger_queue(ledger_t *self, entry_t *entry, size_t need);

/* The same for one that has had its turn already: it comes before all others.
 */
void ledger_queue_first(ledger_t *self, entry_t *entry, size_t need);

/* Have it back from where it waits, or from the worker that it was assigned to:
 * it is held. What becomes of that worker's job is not told any more. */
void ledger_take_back(ledger_t *self, entry_t *entry);

/* `need` is about to mean something else: entries that have it, be they queued
 * or with a worker that may yet be lost, need `instead`, and no worker serves
 * it until its next hello. */
void ledger_replace_need(ledger_t *self, size_t need, size_t instead);

/* The next entry whose deadline has passed, or whose workers were lost too
 * often; NULL if there is none. The caller closes it. */
entry_t *ledger_overdue(ledger_t *self, int64_t now_ms);

/* ---- jobs ---- */

struct assignment {
    entry_t *entry;
    ledger_worker_t *worker;
    char id[LEDGER_ID_SIZE]; /* of the job: "prefix-17.2" */
};

/* Pair the queued entry of some need whose turn it is with the least loaded
 * worker that serves it and has credit left. Lower needs come first. False when
 * there is no such pair. */
bool ledger_assign(ledger_t *self, struct assignment *out);

/* Who has a job, or NULL if it is not known. */
ledger_worker_t *ledger_holder(const ledger_t *self, const char *job_id);

/* A job's result has come. Returns its entry, held again; NULL if the job is
 * not known (late, twice, or foreign) or its entry is closed. */
entry_t *ledger_settle(ledger_t *self, const char *job_id);

/* Give up the results of jobs whose entries are long over: they were lost on
 * the way, and their credit would be lost with them. Returns how many. */
size_t ledger_sweep(ledger_t *self, int64_t now_ms);

/* ---- workers ---- */

/* `peer` is the caller's. */
ledger_worker_t *ledger_join(ledger_t *self, void *peer, int64_t now_ms);
void *ledger_peer(const ledger_worker_t *worker);

/* What its hello says: the workers that are `serves[need]`. */
void ledger_hello(ledger_worker_t *worker, int64_t credit,
                  const bool serves[LEDGER_NEEDS_MAX], int64_t now_ms);

/* Jobs can reach it: before this it gets none. */
void ledger_reachable(ledger_worker_t *worker);

/* It wants to leave: it gets no more jobs, and keeps those that it has. */
void ledger_bye(ledger_worker_t *worker, int64_t now_ms);

/* It has disappeared: its jobs are queued again, first in line and of all
 * flows. Returns how many there were. */
size_t ledger_lost(ledger_t *self, ledger_worker_t **worker_p);

/* How many jobs it has. */
size_t ledger_load(const ledger_worker_t *worker);

/* A worker that has not said anything since `since_ms`, or NULL. */
ledger_worker_t *ledger_silent(ledger_t *self, int64_t since_ms);

/* Is there a worker for this need, be it with credit left or not? */
bool ledger_serves(const ledger_t *self, size_t need);

/* Would one more have to wait for one: do as many wait already as can be given
 * to them now? */
bool ledger_is_behind(const ledger_t *self, size_t need);

/* How many there are, and how many entries wait for one. */
size_t ledger_servers(const ledger_t *self, size_t need);
size_t ledger_queued(const ledger_t *self, size_t need);

/* How many jobs it takes at once. */
int64_t ledger_credit(const ledger_worker_t *worker);

#endif

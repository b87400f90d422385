/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LEDGER_STATE_H
#define XMPP_FRONTEND_LEDGER_STATE_H

/* What the ledger knows, for ledger.c and ledger_work.c only. */

#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/turns.h"
#include <czmq.h>
#include <sys/queue.h>

TAILQ_HEAD(entry_list, entry);
TAILQ_HEAD(job_list, ledger_job);
TAILQ_HEAD(worker_list, ledger_worker);

enum entry_state { HELD, QUEUED, ASSIGNED, FAILED };

struct entry {
    TAILQ_ENTRY(entry) by_age;    /* in entries or extended, by deadline */
    TAILQ_ENTRY(entry) in_failed; /* FAILED */
    struct waiter waiter;         /* QUEUED: in the turns of its need */
    flow_t *flow;
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
    uint64_t opened; /* entries so far … */
    uint64_t closed; /* … of which these are no more */
    size_t size;     /* entries now, and who shares one */
    size_t room;     /* for those that wait */
    struct entry_list entries;
    struct entry_list extended; /* those that have got more time */
    turns_t *turns;             /* a queue for each need */
    struct entry_list failed;
    struct worker_list workers;
    zhashx_t *jobs; /* by id */
};

#endif

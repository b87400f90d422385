/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DISPATCH_H
#define XMPP_FRONTEND_DISPATCH_H

/* The frontend's side of the bus: the inbox where workers say hello and give
 * results, and a pipe of jobs to each of them. What goes to whom is the
 * ledger's decision. */

#include "common/metrics.h"
#include "common/settings.h"
#include "proto/operator.h"
#include "proto/target.h"
#include "services/xmpp-frontend/needs.h"
#include <czmq.h>

typedef struct dispatch dispatch_t;

/* Whose an entry of the ledger is. */
struct entry_owner {
    /* Encode the entry's next message under this id; malloc'd, or NULL when
     * there is none for this worker: then the entry was closed in the call, or
     * taken back and queued for another. */
    char *(*encode)(void *arg, entry_t *entry, const char *job_id);
    /* A result for a held entry. */
    void (*on_result)(void *arg, entry_t *entry, const struct msg *m);
    /* Its time is over: close it, or extend it and queue it again. */
    void (*on_overdue)(void *arg, entry_t *entry);
    void *arg;
};

struct dispatch_events {
    /* A registry says that a deferred push is due, in a message `id`. */
    void (*on_due)(void *arg, const char *id, const struct target_due *due);
    /* An operator asks for something in `m`; answer with dispatch_tell. */
    void (*on_operator)(void *arg, const struct operator_request *request,
                        const struct msg *m);
    /* A batch of messages has been dealt with. */
    void (*on_batch_end)(void *arg);
    void *arg;
};

/* The owners of the ledger's entries are struct entry_owner.
 * NULL when the inbox cannot be bound: the reason is in the log. */
dispatch_t *dispatch_new(zloop_t *loop, const struct settings *settings,
                         ledger_t *ledger,
                         const struct dispatch_events *events);
void dispatch_destroy(dispatch_t **self_p);

/* Go on with other settings: entries for an app that is gone need NEED_NOBODY
 * from now on. */
void dispatch_use(dispatch_t *self, const struct settings *settings);

/* The number by which the ledger knows an app's senders, which NULL and those
 * that are not configured do not have: NEED_NOBODY. */
size_t dispatch_need(const dispatch_t *self, const struct app *app);

/* Say something to an operator, by the id that he asked with. `frame` stays the
 * caller's. Returns 0, or -1 when he is gone or does not read. */
int dispatch_tell(dispatch_t *self, const char *asker, const char *frame);

/* Results that came too late, twice, or from nobody known; they are ignored. */
uint64_t dispatch_late_results(const dispatch_t *self);

/* Who there is to work, and what waits for them. */
void dispatch_metrics(const dispatch_t *self, metrics_t *page);

/* The same for an operator, see workforce_report; strings are borrowed until
 * the loop goes on. */
void dispatch_report(const dispatch_t *self,
                     struct operator_status_result *out);

/* Send all jobs for which there is a worker with credit now. */
void dispatch_pump(dispatch_t *self);

#endif

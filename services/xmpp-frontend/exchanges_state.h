/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_EXCHANGES_STATE_H
#define XMPP_FRONTEND_EXCHANGES_STATE_H

/* What the open exchanges have in common, for exchanges.c, exchanges_begin.c
 * and exchanges_work.c only. */

#include "common/repeats.h"
#include "services/xmpp-frontend/admission.h"
#include "services/xmpp-frontend/coalesce.h"
#include "services/xmpp-frontend/dead_tokens.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/exchanges.h"
#include "services/xmpp-frontend/limits.h"
#include "services/xmpp-frontend/tally.h"

struct exchanges {
    const struct settings *settings;
    ledger_t *ledger;
    dispatch_t *dispatch;
    link_t *link;
    struct entry_owner owner;
    struct admission admission;
    bool told_overload;   /* the log tells of it, not only at debug */
    uint64_t turned_away; /* for want of room */
    coalesce_t *coalesce;
    limits_t *limits;
    dead_tokens_t *dead_tokens;
    struct siphash_key key;
    repeats_t *repeats; /* so that faults do not flood the log */
    struct tally tally;
    bool draining;
};

/* Whose an entry of the ledger is: see dispatch.h; `arg` is exchanges_t. */
char *exchanges_encode(void *arg, entry_t *entry, const char *job_id);
void exchanges_on_result(void *arg, entry_t *entry, const struct msg *m);
void exchanges_on_overdue(void *arg, entry_t *entry);

/* Ask whoever serves the stage that it is in; it was held. It may have ended
 * when this returns. */
void exchanges_ask(exchanges_t *self, entry_t *entry);

/* It has waited to be one wake-up with others, and goes on. */
void exchanges_go(exchanges_t *self, entry_t *entry);

/* Count it, and tell who asked, if that was not done before: true. */
bool exchanges_answer(exchanges_t *self, exchange_t *exchange, enum answer how,
                      enum push_outcome outcome);

/* Answer it and who has joined it, and close it. */
void exchanges_end(exchanges_t *self, entry_t *entry, enum answer how,
                   enum push_outcome outcome);

#endif

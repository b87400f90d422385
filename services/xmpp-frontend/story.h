/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STORY_H
#define XMPP_FRONTEND_STORY_H

/* The first and the last line, at level debug, of what the log of all
 * processes tells of a request: its id is the begin of all ids in between. */

#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/ledger.h"

/* `due` is the id under which a registry speaks of a deferred push, else
 * NULL. */
void story_begin(const ledger_t *ledger, const entry_t *entry, const char *due);

/* It waits, so as to be one wake-up with others; another push joins it. */
void story_wait(const ledger_t *ledger, const entry_t *entry);
void story_join(const ledger_t *ledger, const entry_t *entry);

/* It is answered. */
void story_end(const ledger_t *ledger, const entry_t *entry, enum answer how,
               enum push_outcome outcome);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_EXCHANGES_H
#define XMPP_FRONTEND_EXCHANGES_H

/* The exchanges that are open: what XMPP servers and users ask for, and
 * deferred pushes whose time has come. Each is an entry of the ledger, or has
 * joined one, until it is answered. */

#include "common/metrics.h"
#include "common/settings.h"
#include "services/xmpp-frontend/dispatch.h"
#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/link.h"

typedef struct exchanges exchanges_t;

/* Borrows all. Never NULL. */
exchanges_t *exchanges_new(ledger_t *ledger, dispatch_t *dispatch, link_t *link,
                           const struct settings *settings);
void exchanges_destroy(exchanges_t **self_p);

/* Go on with other settings; pushes for an app that is gone are deferred. */
void exchanges_use(exchanges_t *self, const struct settings *settings);

/* An IQ from the XMPP server; those that need nobody else are answered at
 * once. */
void exchanges_take(exchanges_t *self, const struct iq *iq);

/* A push in an overload, of which only the addresses are known: see skim.h.
 * True when there is no room for it and that was answered; else it is to be
 * read, and taken. */
bool exchanges_skim(exchanges_t *self, const struct iq_head *head);

/* A registry says, in a message `id`, that a deferred push is due. If there is
 * no room for it now, it is due again soon. */
void exchanges_take_due(exchanges_t *self, const char *id,
                        const struct target_due *due);

/* Send on its way what has waited long enough to be one with others; to be
 * called often. What is overdue comes by way of the ledger's entries. */
void exchanges_tick(exchanges_t *self, int64_t now_ms);

/* From now on turn away what comes. */
void exchanges_drain(exchanges_t *self);

/* End what is left, as after a drain that was cut short, and tell the log what
 * became of all. The ledger has no other entries any more. */
void exchanges_finish(exchanges_t *self);

void exchanges_metrics(const exchanges_t *self, metrics_t *page);

/* Fill in what became of all, for an operator. */
void exchanges_report(const exchanges_t *self,
                      struct operator_status_result *out);

#endif

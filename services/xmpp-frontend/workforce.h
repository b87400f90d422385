/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_WORKFORCE_H
#define XMPP_FRONTEND_WORKFORCE_H

/* Who there is to work and what waits for them, as told to those who watch.
 * Pure. */

#include "common/metrics.h"
#include "proto/operator.h"
#include "services/xmpp-frontend/needs.h"

struct workforce {
    const struct settings *settings;
    const struct needs *needs;
    const ledger_t *ledger;
    const struct operator_workers *workers;
};

void workforce_metrics(const struct workforce *self, metrics_t *page);

/* Fill in the workers and the queues, and for each app that is in it, which
 * others count for, its senders and its queue. */
void workforce_report(const struct workforce *self,
                      struct operator_status_result *out);

#endif

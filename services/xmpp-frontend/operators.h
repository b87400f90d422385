/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_OPERATORS_H
#define XMPP_FRONTEND_OPERATORS_H

/* What operators ask with wakebusctl. Each request is answered within the
 * deadline, with operator.later where nothing better can be said. None of it
 * counts as a push, and pushes go before: registries do it when they have
 * nothing else to do, and there is a limit to what can be open. */

#include "common/settings.h"
#include "services/xmpp-frontend/dispatch.h"

enum {
    OPERATOR_OPEN_MAX = 128,  /* requests that are open, of one who asks … */
    OPERATORS_OPEN_MAX = 256, /* … and of all */
};

typedef struct operators operators_t;

/* What the frontend knows of itself; strings live until the loop goes on. */
typedef void operators_report_fn(const void *arg,
                                 struct operator_status_result *out);

/* Borrows all. Never NULL. */
operators_t *operators_new(ledger_t *ledger, dispatch_t *dispatch,
                           const struct settings *settings,
                           operators_report_fn *report, const void *arg);
void operators_destroy(operators_t **self_p);

/* Go on with other settings. */
void operators_use(operators_t *self, const struct settings *settings);

/* A request of one whom the bus knows. */
void operators_take(operators_t *self, const struct operator_request *request,
                    const struct msg *m);

/* How many it was asked, and could answer. */
void operators_metrics(const operators_t *self, metrics_t *page);

/* From now on, and to all that is open, the answer is operator.later. */
void operators_stop(operators_t *self);

#endif

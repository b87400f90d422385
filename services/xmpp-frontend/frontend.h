/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_FRONTEND_H
#define XMPP_FRONTEND_FRONTEND_H

/* The way of an IQ through the frontend: what can be answered at once is, the
 * rest becomes an entry in the ledger and goes to a registry, to a sender, and
 * where a token proved dead to the registry again, until it is answered. */

#include "common/health.h"
#include "common/http_server.h"
#include "common/metrics.h"
#include "common/settings.h"
#include <czmq.h>

typedef struct frontend frontend_t;

/* NULL when it cannot start: the reason is in the log. `settings` is kept. */
frontend_t *frontend_new(zloop_t *loop, const struct settings *settings);
void frontend_destroy(frontend_t **self_p);

/* Is everything there that a push needs, but for the provider? */
void frontend_health(const frontend_t *self, struct health *health);

/* Go on with other settings, as in struct service. What is in flight has its
 * old deadline; pushes for an app that is gone are deferred. */
void frontend_reload(frontend_t *self, const struct settings *settings);

/* What it has done and has to do. */
void frontend_metrics(const frontend_t *self, metrics_t *page);

/* Have a status page, see status_page.h. At most once. */
void frontend_show(frontend_t *self, http_server_t *http);

/* Answer what is in flight, turn away what comes, then close the stream and
 * call `on_drained`. */
void frontend_drain(frontend_t *self, void (*on_drained)(void *arg), void *arg);

#endif

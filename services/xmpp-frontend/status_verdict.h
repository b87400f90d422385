/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATUS_VERDICT_H
#define XMPP_FRONTEND_STATUS_VERDICT_H

/* Is it well, and what is to be mended if not? Pure. */

#include "common/health.h"
#include "common/metrics.h"
#include "services/xmpp-frontend/recent.h"
#include <jansson.h>

struct verdict {
    const char *state; /* ok, warn or bad */
    char headline[128];
    char detail[160];
};

/* `then` is what had been counted a minute before `now`. */
struct verdict verdict_of(const struct health *health, bool draining,
                          const struct recent_counts *now,
                          const struct recent_counts *then);

/* Rows, for what is wrong: what, remedy. */
json_t *verdict_problems(const struct health *health);

/* Rows, for what a push passes: XMPP server, registry, the sender of its app;
 * each with name, word, and state (ok or bad). */
json_t *verdict_stops(const struct health *health, const metrics_t *metrics);

#endif

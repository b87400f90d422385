/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATUS_FACTS_H
#define XMPP_FRONTEND_STATUS_FACTS_H

/* What the status page tells, in words: the same numbers that /metrics has, the
 * checks of /readyz, and what became of it lately. Pure. */

#include "common/health.h"
#include "common/metrics.h"
#include "services/xmpp-frontend/recent.h"
#include <jansson.h>
#include <stdbool.h>

struct status_sources {
    const metrics_t *metrics;
    const struct health *health;
    const struct recent *recent;
    bool draining;
    int64_t mono_ms; /* now */
    int64_t unix_ms; /* the same */
    int64_t up_s;    /* since the start */
};

/* All that page/status.html asks for: texts, lists of objects, booleans. To be
 * let go. */
json_t *status_facts(const struct status_sources *from);

/* What has been counted until now. */
struct recent_counts status_counts(const metrics_t *metrics, int64_t mono_ms);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_WORKER_TALLY_H
#define XMPP_FRONTEND_WORKER_TALLY_H

/* What the frontend has seen of its workers, in numbers. Pure. */

#include "common/metrics.h"

/* All zero at start. */
struct worker_tally {
    uint64_t joined;
    uint64_t lost; /* those that left without bye */
    uint64_t handed_over;
    uint64_t late_results;
    uint64_t missing_results;
};

void worker_tally_metrics(const struct worker_tally *self, metrics_t *page);

#endif

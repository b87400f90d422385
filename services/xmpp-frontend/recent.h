/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_RECENT_H
#define XMPP_FRONTEND_RECENT_H

/* What was counted in the last ten minutes, so that a page can tell of rates
 * and of what it was like just now. Pure. */

#include "common/histogram.h"
#include <stddef.h>

enum { RECENT_STEP_MS = 10000, RECENT_STEPS = 60 };

enum recent_stage { RECENT_QUEUE, RECENT_LOOKUP, RECENT_PUSH, RECENT_STAGES };

/* All that was counted until then. */
struct recent_counts {
    int64_t at_ms; /* on the monotonic clock */
    uint64_t received;
    uint64_t well; /* sent, deferred, gone, coalesced, limited */
    uint64_t bad;  /* refused, expired, failed */
    struct histogram push_time;
    struct histogram stages[RECENT_STAGES];
};

/* All zero at start. */
struct recent {
    size_t count;
    struct recent_counts items[RECENT_STEPS + 1]; /* the oldest first */
};

/* Keep it: to be called every RECENT_STEP_MS. */
void recent_note(struct recent *self, const struct recent_counts *now);

/* The latest that is so old, or the oldest there is; `now` if there is none. */
const struct recent_counts *recent_before(const struct recent *self,
                                          const struct recent_counts *now,
                                          int64_t age_ms);

struct recent_bar {
    uint64_t well;
    uint64_t bad;
};

/* What ended in each of the steps until `now`, which is in the last one. */
void recent_bars(const struct recent *self, const struct recent_counts *now,
                 struct recent_bar bars[RECENT_STEPS]);

#endif

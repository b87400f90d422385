/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/histogram.h"

#include <stddef.h>

const int64_t HISTOGRAM_BOUNDS_US[HISTOGRAM_BOUNDS] = {
    500,    1000,   2500,   5000,    10000,   25000,   50000,
    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

void histogram_observe(struct histogram *self, int64_t us)
{
    size_t bucket = 0;

    if (us < 0) {
        us = 0;
    }
    while (bucket < HISTOGRAM_BOUNDS && us > HISTOGRAM_BOUNDS_US[bucket]) {
        bucket++;
    }
    self->counts[bucket]++;
    self->sum_us += (uint64_t)us;
}

struct histogram histogram_since(const struct histogram *self,
                                 const struct histogram *before)
{
    struct histogram since = {.sum_us = self->sum_us - before->sum_us};

    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        since.counts[i] = self->counts[i] - before->counts[i];
    }
    return since;
}

uint64_t histogram_count(const struct histogram *self)
{
    uint64_t count = 0;

    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        count += self->counts[i];
    }
    return count;
}

double histogram_quantile(const struct histogram *self, double share)
{
    double rank = share * (double)histogram_count(self);
    double below = 0;
    double from_us = 0;

    if (rank <= 0) {
        return 0;
    }
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        double inside = (double)self->counts[i];
        double to_us = (double)HISTOGRAM_BOUNDS_US[i];
        if (below + inside >= rank) {
            return from_us + (to_us - from_us) * (rank - below) / inside;
        }
        below += inside;
        from_us = to_us;
    }
    return from_us;
}

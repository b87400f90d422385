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

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HISTOGRAM_H
#define COMMON_HISTOGRAM_H

/* How long things took, from half a millisecond to ten seconds. Pure. */

#include <stdint.h>

enum { HISTOGRAM_BOUNDS = 14 };

/* Upper bounds of the buckets, in microseconds; the last bucket has none. */
extern const int64_t HISTOGRAM_BOUNDS_US[HISTOGRAM_BOUNDS];

/* All zero at start. */
struct histogram {
    uint64_t counts[HISTOGRAM_BOUNDS + 1]; /* each value is in one of them */
    uint64_t sum_us;
};

/* A clock that went backwards counts as no time. */
void histogram_observe(struct histogram *self, int64_t us);

#endif

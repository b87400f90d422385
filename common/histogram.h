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

/* What came since `before`: an earlier state of the same. */
struct histogram histogram_since(const struct histogram *self,
                                 const struct histogram *before);

uint64_t histogram_count(const struct histogram *self);

/* A time that this share (0..1) of all did not exceed, in microseconds, guessed
 * from where it lies in its bucket, as Prometheus does. Of those in the last
 * bucket nobody knows how long they took: its lower bound. 0 of none. */
double histogram_quantile(const struct histogram *self, double share);

/* A clock that went backwards counts as no time. */
void histogram_observe(struct histogram *self, int64_t us);

#endif

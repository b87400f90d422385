/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_LATENCY_H
#define TESTS_LOAD_LATENCY_H

/* How long things took, fine enough for percentiles: a bucket is at most 1/128
 * of its values wide, and those below 256 µs have buckets of their own. Pure.
 */

#include <stdint.h>

enum {
    LATENCY_BITS_MAX = 31, /* longer than 2^31 µs, 35 minutes, counts as that */
    LATENCY_BITS_EXACT = 8, /* below 2^8 µs each value is a bucket … */
    LATENCY_HALF = 1 << (LATENCY_BITS_EXACT - 1), /* … then so many a power */
    LATENCY_BUCKETS = (LATENCY_BITS_MAX - LATENCY_BITS_EXACT + 2) * LATENCY_HALF
};

/* All zero at start. */
struct latency {
    uint64_t counts[LATENCY_BUCKETS];
    uint64_t count;
    int64_t max_us; /* exact */
};

/* A clock that went backwards counts as no time. */
void latency_note(struct latency *self, int64_t us);

/* The least time within which `millionths` of all were done (500000 is the
 * median), in microseconds: the upper end of its bucket, so at most 1/128 more
 * than the truth and never less. 0 of none. */
int64_t latency_within(const struct latency *self, uint64_t millionths);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/latency.h"

#include <stddef.h>

/* How many of the lowest bits its bucket does not tell apart. */
static unsigned bits_dropped(uint64_t us)
{
    unsigned bits = us > 0 ? 64U - (unsigned)__builtin_clzll(us) : 0;

    return bits > LATENCY_BITS_EXACT ? bits - LATENCY_BITS_EXACT : 0;
}

static size_t bucket_of(uint64_t us)
{
    unsigned dropped = bits_dropped(us);

    return (size_t)dropped * LATENCY_HALF + (size_t)(us >> dropped);
}

/* The greatest value of a bucket. */
static int64_t end_of(size_t bucket)
{
    unsigned dropped =
        bucket < 2 * LATENCY_HALF ? 0 : (unsigned)(bucket / LATENCY_HALF) - 1;
    uint64_t top = bucket - (uint64_t)dropped * LATENCY_HALF;

    return (int64_t)(((top + 1) << dropped) - 1);
}

void latency_note(struct latency *self, int64_t us)
{
    static const int64_t MOST = (INT64_C(1) << LATENCY_BITS_MAX) - 1;

    if (us < 0) {
        us = 0;
    }
    self->count++;
    if (us > self->max_us) {
        self->max_us = us;
    }
    self->counts[bucket_of((uint64_t)(us < MOST ? us : MOST))]++;
}

int64_t latency_within(const struct latency *self, uint64_t millionths)
{
    uint64_t rank = (self->count * millionths + 999999) / 1000000;
    uint64_t seen = 0;

    for (size_t bucket = 0; bucket < LATENCY_BUCKETS; bucket++) {
        seen += self->counts[bucket];
        if (seen > 0 && seen >= rank) {
            int64_t end_us = end_of(bucket);
            return end_us < self->max_us ? end_us : self->max_us;
        }
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/backoff.h"

#include <stdlib.h>
#include <sys/random.h>

int64_t backoff_delay_ms(const struct backoff *backoff, unsigned attempt,
                         uint32_t random)
{
    int64_t delay = backoff->base_ms;

    while (attempt > 0 && delay < backoff->cap_ms) {
        delay *= 2;
        attempt--;
    }
    if (delay > backoff->cap_ms) {
        delay = backoff->cap_ms;
    }
    int64_t half = delay / 2;
    return delay - half + (int64_t)(random % (uint64_t)(half + 1));
}

uint32_t random_u32(void)
{
    uint32_t random;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        abort(); /* cannot happen for so few bytes once the system is up */
    }
    return random;
}

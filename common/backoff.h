/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BACKOFF_H
#define COMMON_BACKOFF_H

#include <stdint.h>

/* How long to wait before try number `attempt` (0, 1, 2 …), in milliseconds:
 * the base doubled each time up to the cap, and of that a random part between
 * the half and the whole, so that many clients do not come back together. */
struct backoff {
    int64_t base_ms;
    int64_t cap_ms;
};

/* `random` is any random number; pure. */
int64_t backoff_delay_ms(const struct backoff *backoff, unsigned attempt,
                         uint32_t random);

/* A random number from the operating system, for the above. */
uint32_t random_u32(void);

#endif

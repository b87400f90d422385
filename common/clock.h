/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Milliseconds that never jump, for deadlines and waits. */
int64_t clock_mono_ms(void);

/* The same clock in microseconds, to measure how long things take. */
int64_t clock_mono_us(void);

/* Milliseconds since 1970, for what others shall understand. */
int64_t clock_unix_ms(void);

#endif

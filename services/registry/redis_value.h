/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_VALUE_H
#define REGISTRY_REDIS_VALUE_H

#include <stddef.h>

/* An answer of any shape: a text, a number, or an array of such. */
struct redis_value {
    const char *text;                /* NULL when it is none, or nil */
    long long number;                /* 0 when it is none */
    size_t count;                    /* 0 when it is no array */
    const struct redis_value *items; /* so many */
};

#endif

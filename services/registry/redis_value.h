/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_VALUE_H
#define REGISTRY_REDIS_VALUE_H

/* What Redis answers, in one of two shapes. */

#include <stddef.h>

enum { REDIS_ITEMS_MAX = 12 /* texts in an answer */ };

/* One text, or an array of them; NULL stands for nil, and inside an array for
 * anything else that is no text. None for a number, which says no more than
 * that it is done. */
struct redis_answer {
    size_t count;
    const char *items[REDIS_ITEMS_MAX];
};

/* An answer of any shape: a text, a number, or an array of such. */
struct redis_value {
    const char *text;                /* NULL when it is none, or nil */
    long long number;                /* 0 when it is none */
    size_t count;                    /* 0 when it is no array */
    const struct redis_value *items; /* so many */
};

#endif

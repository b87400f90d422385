/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_SUMS_H
#define WAKEBUSCTL_SUMS_H

/* Numbers by name, the largest first. Pure. */

#include <stddef.h>
#include <stdint.h>

typedef struct sums sums_t;

struct sum {
    const char *name; /* borrowed from the sums */
    int64_t number;
};

/* Never NULL. */
sums_t *sums_new(void);
void sums_destroy(sums_t **self_p);

void sums_add(sums_t *self, const char *name, int64_t number);
int64_t sums_total(const sums_t *self);

/* How many names there are; of them the first `max`, sorted: equal ones by
 * name. */
size_t sums_count(const sums_t *self);
size_t sums_top(const sums_t *self, struct sum *out, size_t max);

#endif

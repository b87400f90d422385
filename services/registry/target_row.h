/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_TARGET_ROW_H
#define REGISTRY_TARGET_ROW_H

/* What stands under a node, for who may know without showing the secret: the
 * operator. */

#include "services/registry/redis.h"
#include <stdint.h>

/* Strings that are missing are NULL, times 0. */
struct target_row {
    const char *app;
    const char *domain;
    const char *device;
    const char *channel;
    const char *token; /* never NULL */
    const char *deferred;
    int64_t created_ms;
    int64_t renewed_ms;
};

/* The row, which lives during the call; NULL for a node that there is not, or
 * with `known` false when Redis did not answer. */
typedef void target_row_fn(void *arg, bool known, const struct target_row *row);

/* `on_row` is called once, possibly before this returns. */
void target_row_read(redis_t *redis, const char *node, target_row_fn *on_row,
                     void *arg);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_TAKEOVER_H
#define REGISTRY_TAKEOVER_H

/* A target is taken over as it was elsewhere, with its node and its secret:
 * from another app server, or another Redis of ours. In one step if its node
 * begins with the device's tag, else in two, see keys.h. Cut short, it can be
 * done again. */

#include "proto/operator.h"
#include "services/registry/redis.h"
#include <stdbool.h>

/* Not `known`: Redis did not answer, and the outcome is none. */
typedef void takeover_fn(void *arg, bool known, enum import_outcome outcome);

/* Hashes, node and secret must be valid, see notation.h; the strings need not
 * outlive this. `on_done` is called once, possibly before this returns. */
void takeover_start(redis_t *redis, const struct operator_import *what,
                    takeover_fn *on_done, void *arg);

#endif

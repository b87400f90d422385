/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_TAKEOVER_H
#define REGISTRY_TAKEOVER_H

/* A target is taken over as it was elsewhere, with its node and its secret:
 * from another app server, or another Redis of ours. In one step if its node
 * begins with the device's tag, else in two, see keys.h. Cut short, it can be
 * done again. */

#include "services/registry/redis.h"
#include "services/registry/store.h"

/* As store_import. */
void takeover_start(redis_t *redis, const struct target_import *what,
                    store_done_fn *on_done, void *arg);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_SLOT_MAP_H
#define REGISTRY_SLOT_MAP_H

/* Which master of a Redis Cluster has which slot, as far as we know. Pure. */

#include "services/registry/redis_url.h"
#include "services/registry/redis_value.h"
#include "services/registry/slot.h"
#include <stdint.h>

enum { MASTERS_MAX = 64 };

struct slot_map {
    size_t master_count;
    struct redis_place masters[MASTERS_MAX];
    uint8_t owners[SLOTS]; /* index of the master and 1; 0: none is known */
};

/* Replace all by what CLUSTER SLOTS answered at the host `asked`, which stands
 * for itself by no name. Slots that no master has are allowed. Returns 0, or -1
 * and leaves the map as it was: when that is no such answer, names more than
 * MASTERS_MAX, or knows of no slot at all. */
int slot_map_read(struct slot_map *map, const struct redis_value *answer,
                  const char *asked);

/* One slot has gone to this master. Returns 0, or -1 when there is no room. */
int slot_map_move(struct slot_map *map, unsigned slot,
                  const struct redis_place *place);

/* NULL when none is known. Valid until the map changes. */
const struct redis_place *slot_map_master(const struct slot_map *map,
                                          unsigned slot);

/* Does each slot have a master? */
bool slot_map_is_whole(const struct slot_map *map);

/* Host and port are all that counts. */
bool place_is_same(const struct redis_place *a, const struct redis_place *b);

#endif

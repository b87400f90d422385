/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/slot_map.h"

#include <stdio.h>
#include <string.h>

bool place_is_same(const struct redis_place *a, const struct redis_place *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* Returns its index and 1, as in `owners`, or 0 when there is no room. */
static uint8_t add_master(struct slot_map *map, const struct redis_place *place)
{
    size_t i = 0;

    while (i < map->master_count && !place_is_same(&map->masters[i], place)) {
        i++;
    }
    if (i == MASTERS_MAX) {
        return 0;
    }
    if (i == map->master_count) {
        map->masters[map->master_count++] = *place;
    }
    return (uint8_t)(i + 1);
}

/* [host, port, id …]. "?" stands for a name that the node has and nobody was
 * told, by which it cannot be found. */
static int read_place(struct redis_place *place, const struct redis_value *node,
                      const char *asked)
{
    *place = (struct redis_place){.port = 0};
    if (node->count < 2 || node->items[1].number < 1 ||
        node->items[1].number > 65535) {
        return -1;
    }
    const char *host = node->items[0].text;
    if (host == NULL || host[0] == '\0') {
        host = asked;
    }
    if (strlen(host) >= sizeof place->host) {
        return -1;
    }
    snprintf(place->host, sizeof place->host, "%s", host);
    place->port = (int)node->items[1].number;
    return 0;
}

/* [first slot, last slot, master, replica …] */
static int read_range(struct slot_map *map, const struct redis_value *range,
                      const char *asked)
{
    struct redis_place place;

    if (range->count < 3 || range->items[0].number < 0 ||
        range->items[1].number >= SLOTS ||
        read_place(&place, &range->items[2], asked) != 0) {
        return -1;
    }
    if (strcmp(place.host, "?") == 0) {
        return 0;
    }
    uint8_t owner = add_master(map, &place);
    for (long long slot = range->items[0].number;
         slot <= range->items[1].number; slot++) {
        map->owners[slot] = owner;
    }
    return owner != 0 ? 0 : -1;
}

int slot_map_read(struct slot_map *map, const struct redis_value *answer,
                  const char *asked)
{
    struct slot_map fresh = {.master_count = 0};

    for (size_t i = 0; i < answer->count; i++) {
        if (read_range(&fresh, &answer->items[i], asked) != 0) {
            return -1;
        }
    }
    if (fresh.master_count == 0) {
        return -1;
    }
    *map = fresh;
    return 0;
}

int slot_map_move(struct slot_map *map, unsigned slot,
                  const struct redis_place *place)
{
    uint8_t owner = add_master(map, place);

    if (owner == 0) {
        return -1;
    }
    map->owners[slot] = owner;
    return 0;
}

const struct redis_place *slot_map_master(const struct slot_map *map,
                                          unsigned slot)
{
    uint8_t owner = map->owners[slot];

    return owner != 0 ? &map->masters[owner - 1] : NULL;
}

bool slot_map_is_whole(const struct slot_map *map)
{
    return memchr(map->owners, 0, sizeof map->owners) == NULL;
}

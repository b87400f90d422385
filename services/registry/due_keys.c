/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/due_keys.h"

#include "services/registry/slot.h"
#include <assert.h>
#include <stdio.h>

static size_t part_of(const struct due_keys *keys, const char *key)
{
    return slot_of_key(key) * keys->count / SLOTS;
}

/* Numbers are tried until each range has a key that falls into it. */
void due_keys_make(struct due_keys *keys, size_t count)
{
    char key[KEY_ROOM] = "wakebus:{due}:targets";
    size_t found = 0;

    assert(count >= 1 && count <= DUE_PARTS);
    *keys = (struct due_keys){.count = count};
    for (unsigned number = 1; found < count; number++) {
        char *place = keys->keys[part_of(keys, key)];
        if (place[0] == '\0') {
            snprintf(place, KEY_ROOM, "%s", key);
            found++;
        }
        snprintf(key, sizeof key, "wakebus:{due%u}:targets", number);
    }
}

size_t due_keys_part(const struct due_keys *keys, const char *node)
{
    char row[KEY_ROOM];

    key_of_node(row, node);
    return part_of(keys, row);
}

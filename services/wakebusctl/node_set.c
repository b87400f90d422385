/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/node_set.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_MIN = 1024 };

/* FNV-1a: the first characters of our own nodes are the same for a device. */
static size_t hash(const char *node)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < NODE_SIZE; i++) {
        hash = (hash ^ (unsigned char)node[i]) * 1099511628211U;
    }
    return (size_t)hash;
}

/* Where it is, or belongs. There is always a free place. */
static char *place_of(const struct node_set *self, const char *node)
{
    size_t i = hash(node) & (self->room - 1);

    while (self->nodes[i][0] != '\0' &&
           memcmp(self->nodes[i], node, NODE_SIZE) != 0) {
        i = (i + 1) & (self->room - 1);
    }
    return self->nodes[i];
}

static void grow(struct node_set *self)
{
    struct node_set before = *self;

    self->room = before.room == 0 ? ROOM_MIN : before.room * 2;
    self->nodes = calloc(self->room, sizeof *self->nodes);
    assert(self->nodes);
    for (size_t i = 0; i < before.room; i++) {
        if (before.nodes[i][0] != '\0') {
            memcpy(place_of(self, before.nodes[i]), before.nodes[i], NODE_SIZE);
        }
    }
    free(before.nodes);
}

bool node_set_add(struct node_set *self, const char *node)
{
    if (self->count >= self->room / 2) {
        grow(self);
    }
    char *place = place_of(self, node);
    if (place[0] != '\0') {
        return false;
    }
    memcpy(place, node, NODE_SIZE);
    self->count++;
    return true;
}

void node_set_free(struct node_set *self)
{
    free(self->nodes);
    *self = (struct node_set){0};
}

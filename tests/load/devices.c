/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/devices.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void devices_make(struct devices *self, uint64_t count)
{
    free(self->list);
    self->count = count;
    self->list = calloc(count, sizeof *self->list);
    assert(self->list != NULL);
}

void devices_free(struct devices *self)
{
    free(self->list);
    self->list = NULL;
    self->count = 0;
}

int devices_set(const struct devices *self, uint64_t number, const char *node,
                const char *secret)
{
    struct device *device = &self->list[number];

    if (strlen(node) != sizeof device->node - 1 ||
        strlen(secret) != sizeof device->secret - 1) {
        return -1;
    }
    memcpy(device->node, node, sizeof device->node);
    memcpy(device->secret, secret, sizeof device->secret);
    return 0;
}

/* splitmix64 */
const struct device *devices_any(struct devices *self)
{
    uint64_t x = self->seed += UINT64_C(0x9E3779B97F4A7C15);

    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return &self->list[(x ^ (x >> 31)) % self->count];
}

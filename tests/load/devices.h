/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_DEVICES_H
#define TESTS_LOAD_DEVICES_H

/* The registered devices of one service, and which of them comes next. Pure. */

#include "tests/load/requests.h"
#include <stdint.h>

struct device {
    char node[NODE_ROOM];
    char secret[SECRET_ROOM];
};

struct devices {
    const char *service; /* fcm or apns */
    uint64_t base;       /* its devices are numbered from here */
    uint64_t count;
    struct device *list;
    uint64_t seed; /* of the choice */
};

/* Room for so many, none of them registered. */
void devices_make(struct devices *self, uint64_t count);
void devices_free(struct devices *self);

/* Returns 0, or -1 when the texts are none that Wakebus gives. */
int devices_set(const struct devices *self, uint64_t number, const char *node,
                const char *secret);

/* Any of them; all equally often, in an order that is the same each time. */
const struct device *devices_any(struct devices *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_DUE_KEYS_H
#define REGISTRY_DUE_KEYS_H

/* The parts of the due-list. One Redis has one part. In a cluster a list in one
 * place would put all its work on one master, and a target could not be made
 * to wait while that is gone; so each part is for a range of slots and has its
 * own key in that range. Masters have ranges too, so most targets are where
 * their part of the list is. Pure. */

#include "services/registry/keys.h"
#include <stddef.h>

/* Cut so that 2, 3, 4, 6, 8 or 12 masters with equal ranges share none. To
 * change it would strand what waits. */
enum { DUE_PARTS = 24 };

struct due_keys {
    size_t count;
    char keys[DUE_PARTS][KEY_ROOM];
};

/* In `count` parts: 1..DUE_PARTS. The key of a list in one part is among those
 * of every other number, so that what waited before a move to a cluster is
 * still found. */
void due_keys_make(struct due_keys *keys, size_t count);

/* Which part a valid node belongs into: 0..count-1. */
size_t due_keys_part(const struct due_keys *keys, const char *node);

#endif

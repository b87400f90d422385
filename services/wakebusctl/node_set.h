/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_NODE_SET_H
#define WAKEBUSCTL_NODE_SET_H

/* Nodes that were met: 12 characters of base64 each, of which most are random.
 * Pure. */

#include "proto/notation.h"
#include <stddef.h>

struct node_set {
    size_t count;
    size_t room;              /* a power of two, or 0 */
    char (*nodes)[NODE_SIZE]; /* without NUL; a free one begins with it */
};

/* Returns whether it is new. `node` must be valid. */
bool node_set_add(struct node_set *self, const char *node);
void node_set_free(struct node_set *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIRECT_H
#define REGISTRY_REDIRECT_H

/* What a node of a Redis Cluster says when it is the wrong one. */

#include "services/registry/redis_url.h"

struct redirect {
    bool once;     /* ASK: only for this command. Else MOVED: from now on */
    unsigned slot; /* 0..SLOTS-1 */
    struct redis_place place; /* host "": that of the node that said it */
};

/* Returns 0, or -1 if the error says something else. */
int redirect_parse(struct redirect *to, const char *error);

#endif

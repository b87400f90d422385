/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_CLUSTER_NODES_H
#define REGISTRY_CLUSTER_NODES_H

/* The nodes of a Redis Cluster that we deal with, and a link to each. */

#include "services/registry/redis_link.h"

typedef struct cluster_nodes cluster_nodes_t;

struct cluster_node {
    struct redis_place place;
    char name[264]; /* "host:port" */
    redis_link_t *link;
    size_t calls;    /* on the way: keeps the node */
    int64_t used_ms; /* last named by anybody */
};

/* `url` tells how to get in, and `on_refused` has a say in what any of them
 * refuses. Never NULL. */
cluster_nodes_t *cluster_nodes_new(zloop_t *loop, const struct redis_url *url,
                                   redis_refused_fn *on_refused, void *arg);

/* What is on the way hears of it with NULL, and may still ask for nodes. */
void cluster_nodes_destroy(cluster_nodes_t **self_p);

/* The one at this place, with a new link if it is not known. NULL when there
 * are too many. Lives until it is not used for a minute. */
struct cluster_node *cluster_nodes_at(cluster_nodes_t *self,
                                      const struct redis_place *place);

/* One to ask something that all of them know, each time another; NULL when
 * there is none that could answer. */
struct cluster_node *cluster_nodes_any(cluster_nodes_t *self);

/* As redis_link_connects, of all there are and were. */
uint64_t cluster_nodes_connects(const cluster_nodes_t *self);

/* Let go of what is no longer used. Not from a callback of a link. */
void cluster_nodes_sweep(cluster_nodes_t *self);

#endif

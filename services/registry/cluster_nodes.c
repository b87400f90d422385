/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/cluster_nodes.h"

#include "common/clock.h"
#include "services/registry/slot_map.h"
#include <assert.h>

enum {
    NODES_MAX = MASTERS_MAX + REDIS_PLACES_MAX,
    UNUSED_MS = 60 * 1000,
};

struct cluster_nodes {
    zloop_t *loop;
    struct redis_url url; /* but for the place */
    redis_refused_fn *on_refused;
    void *arg;
    struct cluster_node *nodes[NODES_MAX];
    size_t count;
    size_t asked;      /* the turn of cluster_nodes_any */
    uint64_t connects; /* of nodes that were let go */
};

static struct cluster_node *add_node(cluster_nodes_t *self,
                                     const struct redis_place *place)
{
    struct cluster_node *node = calloc(1, sizeof *node);
    struct redis_url *url = &self->url;

    assert(node);
    node->place = *place;
    url->places[0] = *place;
    url->place_count = 1;
    snprintf(node->name, sizeof node->name, "%s:%d", place->host, place->port);
    snprintf(url->label, sizeof url->label, "%s", node->name);
    node->link = redis_link_new(self->loop, url);
    redis_link_on_refused(node->link, self->on_refused, self->arg);
    self->nodes[self->count++] = node;
    return node;
}

struct cluster_node *cluster_nodes_at(cluster_nodes_t *self,
                                      const struct redis_place *place)
{
    struct cluster_node *node = NULL;

    for (size_t i = 0; i < self->count && node == NULL; i++) {
        if (place_is_same(&self->nodes[i]->place, place)) {
            node = self->nodes[i];
        }
    }
    if (node == NULL && self->count < NODES_MAX) {
        node = add_node(self, place);
    }
    if (node != NULL) {
        node->used_ms = clock_mono_ms();
    }
    return node;
}

struct cluster_node *cluster_nodes_any(cluster_nodes_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        self->asked = (self->asked + 1) % self->count;
        if (redis_link_is_ready(self->nodes[self->asked]->link)) {
            return self->nodes[self->asked];
        }
    }
    return NULL;
}

uint64_t cluster_nodes_connects(const cluster_nodes_t *self)
{
    uint64_t connects = self->connects;

    for (size_t i = 0; i < self->count; i++) {
        connects += redis_link_connects(self->nodes[i]->link);
    }
    return connects;
}

void cluster_nodes_sweep(cluster_nodes_t *self)
{
    int64_t now_ms = clock_mono_ms();

    for (size_t i = self->count; i-- > 0;) {
        struct cluster_node *node = self->nodes[i];
        if (node->calls == 0 && now_ms - node->used_ms >= UNUSED_MS) {
            self->nodes[i] = self->nodes[--self->count];
            self->connects += redis_link_connects(node->link);
            redis_link_destroy(&node->link);
            free(node);
        }
    }
}

cluster_nodes_t *cluster_nodes_new(zloop_t *loop, const struct redis_url *url,
                                   redis_refused_fn *on_refused, void *arg)
{
    cluster_nodes_t *self = calloc(1, sizeof *self);

    assert(self);
    self->loop = loop;
    self->url = *url;
    self->on_refused = on_refused;
    self->arg = arg;
    return self;
}

/* None is freed before the last link is gone, whose calls may name it. */
void cluster_nodes_destroy(cluster_nodes_t **self_p)
{
    cluster_nodes_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        redis_link_destroy(&self->nodes[i]->link);
    }
    for (size_t i = 0; i < self->count; i++) {
        free(self->nodes[i]);
    }
    free(self);
    *self_p = NULL;
}

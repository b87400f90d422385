/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis.h"

#include "services/registry/redis_cluster.h"
#include "services/registry/redis_link.h"
#include <assert.h>

struct redis {
    redis_link_t *link;       /* one of the two … */
    redis_cluster_t *cluster; /* … and the other is NULL */
};

redis_t *redis_new(zloop_t *loop, const struct redis_url *url)
{
    redis_t *self = calloc(1, sizeof *self);

    assert(self);
    if (url->cluster) {
        self->cluster = redis_cluster_new(loop, url);
    } else {
        self->link = redis_link_new(loop, url);
    }
    return self;
}

void redis_destroy(redis_t **self_p)
{
    redis_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    redis_cluster_destroy(&self->cluster);
    redis_link_destroy(&self->link);
    free(self);
    *self_p = NULL;
}

void redis_send(redis_t *self, const char *const *argv, size_t argc,
                redis_answer_fn *on_answer, void *arg)
{
    if (self->cluster != NULL) {
        redis_cluster_send(self->cluster, argv, argc, on_answer, arg);
    } else {
        redis_link_send(self->link, argv, argc, on_answer, arg);
    }
}

void redis_health(const redis_t *self, struct health *health)
{
    char why[sizeof health->checks->why] = "";
    const struct redis_fault *fault;
    const char *server;

    if (self->cluster != NULL) {
        fault = redis_cluster_fault(self->cluster, &server);
    } else {
        fault = redis_link_fault(self->link);
    }
    if (fault != NULL && self->cluster != NULL) {
        snprintf(why, sizeof why, "%s at %s: %s", fault->state, server,
                 fault->remedy);
    } else if (fault != NULL) {
        snprintf(why, sizeof why, "%s: %s", fault->state, fault->remedy);
    }
    health_add(health, "redis", fault == NULL, why);
}

bool redis_has_parts(const redis_t *self)
{
    return self->cluster != NULL;
}

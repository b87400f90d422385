/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-registry: knows the targets, which it keeps in Redis, and hands out
 * the pushes that wait there for another try. */
#include "common/log.h"
#include "common/service.h"
#include "services/registry/registry.h"
#include <assert.h>
#include <sysexits.h>

struct process {
    redis_t *redis;
    registry_t *registry;
};

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    struct redis_url url;
    const char *why;

    if (redis_url_parse(&url, settings->redis.url, &why) != 0) {
        log_error("config.refused", TEXT("member", "redis.url"),
                  TEXT("why", why));
        *status = EX_CONFIG;
        return NULL;
    }
    struct process *process = zmalloc(sizeof *process);
    assert(process);
    process->redis = redis_new(loop, &url);
    process->registry = registry_new(loop, process->redis, settings);
    return process;
}

static void health(const void *self, struct health *health)
{
    const struct process *process = self;

    redis_health(process->redis, health);
}

static void metrics(const void *self, metrics_t *page)
{
    const struct process *process = self;

    redis_metrics(process->redis, page);
    registry_metrics(process->registry, page);
}

static void drain(void *self, void (*on_drained)(void *arg), void *arg)
{
    struct process *process = self;

    registry_drain(process->registry, on_drained, arg);
}

/* Redis first: its last answers still go out through the registry. */
static void stop(void *self)
{
    struct process *process = self;

    redis_destroy(&process->redis);
    registry_destroy(&process->registry);
    free(process);
}

int main(int argc, char **argv)
{
    const struct service service = {
        "wakebus-registry", start, health, metrics, drain, stop};

    return service_main(&service, argc, argv);
}

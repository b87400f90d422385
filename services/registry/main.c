/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-registry: knows the targets, which it keeps in Redis, and hands out
 * the pushes that wait there for another try. */
#include "common/config.h"
#include "common/service.h"
#include "services/registry/redis_test.h"
#include "services/registry/registry.h"
#include <assert.h>

struct process {
    redis_t *redis;
    registry_t *registry;
};

static void check(struct settings *settings)
{
    struct redis_url url;
    const char *why;

    if (settings->redis.url != NULL &&
        redis_url_parse(&url, settings->redis.url, &why) != 0) {
        config_fault(settings->source, "redis.url", why,
                     "write it as redis://:password@host:6379/0; --help names "
                     "the other forms");
    }
}

static void read_url(struct redis_url *url, const struct settings *settings)
{
    const char *why;
    int parsed = redis_url_parse(url, settings->redis.url, &why);

    assert(parsed == 0); /* it was checked */
    (void)parsed;
}

static void *test(self_test_t *self_test)
{
    struct redis_url url;

    read_url(&url, self_test_settings(self_test));
    self_test_try_bus(self_test);
    return redis_test_new(self_test, &url);
}

static void test_end(void *parts)
{
    redis_test_t *redis_test = parts;

    redis_test_destroy(&redis_test);
}

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    struct process *process = zmalloc(sizeof *process);
    struct redis_url url;

    (void)status; /* it always starts */
    assert(process);
    read_url(&url, settings);
    process->redis = redis_new(loop, &url);
    process->registry = registry_new(loop, process->redis, settings);
    return process;
}

static void reload(void *self, const struct settings *settings)
{
    const struct process *process = self;

    registry_reload(process->registry, settings);
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
    const struct service service = {.program = "wakebus-registry",
                                    .check = check,
                                    .test = test,
                                    .test_end = test_end,
                                    .start = start,
                                    .reload = reload,
                                    .health = health,
                                    .metrics = metrics,
                                    .drain = drain,
                                    .stop = stop};

    return service_main(&service, argc, argv);
}

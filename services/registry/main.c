/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/daemon.h"
#include "common/log.h"
#include "common/settings.h"
#include "services/registry/registry.h"
#include <sysexits.h>

/* Redis has answered or been given up long before. */
enum { DRAIN_MS = 10000 };

struct process {
    daemon_t *daemon;
    registry_t *registry;
};

static void on_drained(void *arg)
{
    struct process *process = arg;

    daemon_finish(process->daemon, EX_OK);
}

static void begin_drain(void *arg)
{
    struct process *process = arg;

    registry_drain(process->registry, on_drained, process);
}

static int run(const struct settings *settings, const struct redis_url *url)
{
    struct process process = {.daemon = daemon_new()};
    zloop_t *loop = daemon_loop(process.daemon);
    redis_link_t *redis = redis_link_new(loop, url);

    process.registry = registry_new(loop, redis, settings);
    daemon_on_stop(process.daemon, begin_drain, &process);
    log_info("service.up", TEXT("redis", url->label));
    int status = daemon_run(process.daemon, DRAIN_MS);
    redis_link_destroy(&redis);
    registry_destroy(&process.registry);
    daemon_destroy(&process.daemon);
    log_info("service.down", NUM("status", status));
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings;
    struct redis_url url;
    const char *why;
    int status = settings_start(&settings, "wakebus-registry", argc, argv);

    if (status >= 0) {
        return status;
    }
    if (redis_url_parse(&url, settings.redis.url, &why) != 0) {
        log_error("config.refused", TEXT("member", "redis.url"),
                  TEXT("why", why));
        status = EX_CONFIG;
    } else {
        status = run(&settings, &url);
    }
    settings_release(&settings);
    return status;
}

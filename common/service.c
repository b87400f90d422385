/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/service.h"

#include "common/daemon.h"
#include "common/log.h"
#include <sysexits.h>

/* Nothing that is open takes longer than the deadline of a request; the rest
 * is for saying so. */
enum { DRAIN_SLACK_MS = 10000 };

struct process {
    const struct service *service;
    daemon_t *daemon;
    void *self; /* the service's */
};

static void on_drained(void *arg)
{
    struct process *process = arg;

    daemon_finish(process->daemon, EX_OK);
}

static void begin_drain(void *arg)
{
    struct process *process = arg;

    process->service->drain(process->self, on_drained, process);
}

static int run(const struct service *service, const struct settings *settings)
{
    struct process process = {.service = service, .daemon = daemon_new()};
    int status = EX_UNAVAILABLE;

    process.self =
        service->start(daemon_loop(process.daemon), settings, &status);
    if (process.self != NULL) {
        daemon_on_stop(process.daemon, begin_drain, &process);
        log_info("service.up", TEXT("version", WAKEBUS_VERSION));
        status = daemon_run(process.daemon,
                            settings->push.deadline_ms + DRAIN_SLACK_MS);
        service->stop(process.self);
    }
    daemon_destroy(&process.daemon);
    log_info("service.down", NUM("status", status));
    return status;
}

int service_main(const struct service *service, int argc, char **argv)
{
    struct settings settings;
    int status = settings_start(&settings, service->program, argc, argv);

    if (status >= 0) {
        return status;
    }
    status = run(service, &settings);
    settings_release(&settings);
    return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/daemon.h"
#include "common/log.h"
#include "common/settings.h"
#include "services/apns-sender/sender.h"

#include <sysexits.h>

/* A push that waits for its provider longer than this waits in vain. */
enum { DRAIN_MS = 15000 };

struct process {
    daemon_t *daemon;
    sender_t *sender;
};

static void on_drained(void *arg)
{
    struct process *process = arg;

    daemon_finish(process->daemon, EX_OK);
}

static void begin_drain(void *arg)
{
    struct process *process = arg;

    sender_drain(process->sender, on_drained, process);
}

static int run(const struct settings *settings)
{
    struct process process = {.daemon = daemon_new()};
    int status = EX_CONFIG;

    process.sender = sender_new(daemon_loop(process.daemon), settings);
    if (process.sender != NULL) {
        daemon_on_stop(process.daemon, begin_drain, &process);
        log_info("service.up",
                 NUM("apps", settings_apps_of(settings, "apns").count));
        status = daemon_run(process.daemon, DRAIN_MS);
    }
    sender_destroy(&process.sender);
    daemon_destroy(&process.daemon);
    log_info("service.down", NUM("status", status));
    return status;
}

int main(int argc, char **argv)
{
    struct settings settings;
    int status = settings_start(&settings, "wakebus-apns-sender", argc, argv);

    if (status >= 0) {
        return status;
    }
    status = run(&settings);
    settings_release(&settings);
    return status;
}

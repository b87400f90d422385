/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-xmpp-frontend: the component that users' XMPP servers talk to. It
 * holds the link to the XMPP server and hands the work to registries and
 * senders, which may come, go and restart without the link noticing. */
#include "common/daemon.h"
#include "common/log.h"
#include "common/settings.h"
#include "services/xmpp-frontend/frontend.h"
#include <sysexits.h>

enum { DRAIN_SLACK_MS = 3000 };

struct process {
    daemon_t *daemon;
    frontend_t *frontend;
};

static void on_drained(void *arg)
{
    struct process *process = arg;

    daemon_finish(process->daemon, EX_OK);
}

static void on_stop(void *arg)
{
    struct process *process = arg;

    frontend_drain(process->frontend, on_drained, process);
}

int main(int argc, char **argv)
{
    struct settings settings;
    struct process process;
    int status = settings_start(&settings, "wakebus-xmpp-frontend", argc, argv);

    if (status >= 0) {
        return status;
    }
    status = EX_UNAVAILABLE;
    process.daemon = daemon_new();
    process.frontend = frontend_new(daemon_loop(process.daemon), &settings);
    if (process.frontend != NULL) {
        daemon_on_stop(process.daemon, on_stop, &process);
        log_info("service.up", TEXT("jid", settings.xmpp.jid),
                 TEXT("bus", settings.bus.bind));
        status = daemon_run(process.daemon,
                            settings.push.deadline_ms + DRAIN_SLACK_MS);
    }
    frontend_destroy(&process.frontend);
    daemon_destroy(&process.daemon);
    log_info("service.down", NUM("status", status));
    settings_release(&settings);
    return status;
}

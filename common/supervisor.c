/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/supervisor.h"

#include <systemd/sd-daemon.h>

static int on_timer(zloop_t *loop, int timer_id, void *arg)
{
    (void)loop;
    (void)timer_id;
    (void)arg;
    sd_notify(0, "WATCHDOG=1");
    return 0;
}

void supervisor_up(zloop_t *loop)
{
    uint64_t limit_us;

    if (sd_watchdog_enabled(0, &limit_us) > 0) {
        zloop_timer(loop, (size_t)(limit_us / 1000 / 2), 0, on_timer, NULL);
    }
    sd_notify(0, "READY=1");
}

void supervisor_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

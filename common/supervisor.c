/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/supervisor.h"

#include "common/clock.h"
#include <inttypes.h>
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

/* The time is what systemd 253 wants for Type=notify-reload. */
void supervisor_reloading(void)
{
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
               clock_mono_ms() * 1000);
}

void supervisor_reloaded(void)
{
    sd_notify(0, "READY=1");
}

void supervisor_status(const char *text)
{
    sd_notifyf(0, "STATUS=%s", text);
}

void supervisor_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SERVICE_H
#define COMMON_SERVICE_H

/* What each of our programs does around its own work: command line and
 * configuration, the loop, the signals, the drain, the exit status; and it
 * tells how the process is, to systemd and by HTTP (/livez, /readyz,
 * /metrics). */

#include "common/health.h"
#include "common/http_server.h"
#include "common/metrics.h"
#include "common/self_test.h"
#include "common/settings.h"
#include <czmq.h>

struct service {
    const char *program; /* "wakebus-registry" */

    /* What only this program can judge of its settings: the same at the start,
     * with --check-config, and when they are read again. May be NULL. */
    settings_check_fn *check;

    /* --self-test: begin to try out what the work needs, and note what is found
     * out on self_test_checkup. What it returns is given to test_end when all
     * is over, or when the time is. */
    void *(*test)(self_test_t *test);
    void (*test_end)(void *parts);

    /* Begin to work. NULL when that cannot be: the reasons are in the log and
     * `status` is what to exit with. The settings live until others come. */
    void *(*start)(zloop_t *loop, const struct settings *settings, int *status);

    /* Go on with these. They have no faults, and what needs a restart is as it
     * was. The ones before live on only where they are held. */
    void (*reload)(void *self, const struct settings *settings);

    /* Can it do its work? */
    void (*health)(const void *self, struct health *health);

    /* How much has it done, and what does it have? */
    void (*metrics)(const void *self, metrics_t *page);

    /* Add pages of its own to the server; NULL: it has none. */
    void (*show)(void *self, http_server_t *http);

    /* Take nothing new, and call `on_drained` when the rest is done. */
    void (*drain)(void *self, void (*on_drained)(void *arg), void *arg);

    /* Free all. What is still open is given up. */
    void (*stop)(void *self);
};

/* Returns what main returns. */
int service_main(const struct service *service, int argc, char **argv);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-apns-sender: takes pushes from the bus to Apple's APNs. */
#include "common/service.h"
#include "services/apns-sender/sender.h"
#include <sysexits.h>

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    *status = EX_CONFIG;
    return sender_new(loop, settings);
}

static void health(const void *self, struct health *health)
{
    sender_health(self, health);
}

static void metrics(const void *self, metrics_t *page)
{
    sender_metrics(self, page);
}

static void drain(void *self, void (*on_drained)(void *arg), void *arg)
{
    sender_drain(self, on_drained, arg);
}

static void stop(void *self)
{
    sender_t *sender = self;

    sender_destroy(&sender);
}

int main(int argc, char **argv)
{
    const struct service service = {
        "wakebus-apns-sender", start, health, metrics, drain, stop};

    return service_main(&service, argc, argv);
}

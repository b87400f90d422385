/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-fcm-sender: takes pushes from the bus to Google's FCM. */
#include "common/service.h"
#include "services/fcm-sender/credentials.h"
#include "services/fcm-sender/sender.h"

static void *test(self_test_t *self_test)
{
    return sender_try(self_test);
}

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    (void)status; /* it always starts */
    return sender_new(loop, settings);
}

static void reload(void *self, const struct settings *settings)
{
    sender_reload(self, settings);
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
    const struct service service = {.program = "wakebus-fcm-sender",
                                    .check = credentials_check,
                                    .test = test,
                                    .test_end = stop,
                                    .start = start,
                                    .reload = reload,
                                    .health = health,
                                    .metrics = metrics,
                                    .drain = drain,
                                    .stop = stop};

    return service_main(&service, argc, argv);
}

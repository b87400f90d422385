/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-xmpp-frontend: the component that users' XMPP servers talk to. It
 * holds the link to the XMPP server and hands the work to registries and
 * senders, which may come, go and restart without the link noticing. */
#include "common/service.h"
#include "services/xmpp-frontend/frontend.h"
#include <sysexits.h>

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    *status = EX_UNAVAILABLE;
    return frontend_new(loop, settings);
}

static void drain(void *self, void (*on_drained)(void *arg), void *arg)
{
    frontend_drain(self, on_drained, arg);
}

static void stop(void *self)
{
    frontend_t *frontend = self;

    frontend_destroy(&frontend);
}

int main(int argc, char **argv)
{
    const struct service service = {"wakebus-xmpp-frontend", start, drain,
                                    stop};

    return service_main(&service, argc, argv);
}

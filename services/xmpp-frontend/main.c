/* SPDX-License-Identifier: BSD-3-Clause */
/* wakebus-xmpp-frontend: the component that users' XMPP servers talk to. It
 * holds the link to the XMPP server and hands the work to registries and
 * senders, which may come, go and restart without the link noticing. */
#include "common/service.h"
#include "services/xmpp-frontend/frontend.h"
#include "services/xmpp-frontend/link_test.h"
#include "services/xmpp-frontend/sealed_keys.h"
#include <sys/resource.h>
#include <sys/select.h>
#include <sysexits.h>

/* libstrophe waits with select(), which cannot take a descriptor of FD_SETSIZE
 * or more: it ends the process, or writes where it must not. So there shall be
 * none: whoever comes when all are used up is not let in. */
static void limit_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > FD_SETSIZE) {
        limit.rlim_cur = FD_SETSIZE;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void *test(self_test_t *self_test)
{
    limit_descriptors();
    return link_test_new(self_test);
}

static void test_end(void *parts)
{
    link_test_t *link_test = parts;

    link_test_destroy(&link_test);
}

static void *start(zloop_t *loop, const struct settings *settings, int *status)
{
    *status = EX_UNAVAILABLE;
    limit_descriptors();
    return frontend_new(loop, settings);
}

static void reload(void *self, const struct settings *settings)
{
    frontend_reload(self, settings);
}

static void health(const void *self, struct health *health)
{
    frontend_health(self, health);
}

static void metrics(const void *self, metrics_t *page)
{
    frontend_metrics(self, page);
}

static void show(void *self, http_server_t *http)
{
    frontend_show(self, http);
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
    const struct service service = {.program = "wakebus-xmpp-frontend",
                                    .check = sealed_keys_check,
                                    .test = test,
                                    .test_end = test_end,
                                    .start = start,
                                    .reload = reload,
                                    .health = health,
                                    .metrics = metrics,
                                    .show = show,
                                    .drain = drain,
                                    .stop = stop};

    return service_main(&service, argc, argv);
}

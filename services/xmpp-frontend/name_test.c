/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/name_test.h"

#include "common/clock.h"
#include "common/resolver.h"
#include <arpa/nameser.h>
#include <assert.h>
#include <czmq.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

enum { TICK_MS = 50, PATIENCE_MS = 6000, SRV_WAIT_S = 1, SRV_TRIES = 1 };

#define NAME "name"

struct name_test {
    self_test_t *test;
    const char *name;
    resolver_t *resolver;
    int timer;
    int64_t deadline_ms;
    bool done;
};

/* Where servers are to go for the name (RFC 6120, 3.2.1). It waits for the
 * name servers, a second each: whoever has an address is not asked for it. */
static bool has_srv(const char *name)
{
    struct __res_state state = {0};
    unsigned char reply[NS_PACKETSZ];
    char service[512];
    int size = -1;

    snprintf(service, sizeof service, "_xmpp-server._tcp.%s", name);
    if (res_ninit(&state) == 0) {
        state.retrans = SRV_WAIT_S;
        state.retry = SRV_TRIES;
        size =
            res_nquery(&state, service, ns_c_in, ns_t_srv, reply, sizeof reply);
        res_nclose(&state);
    }
    return size > 0; /* a name without such a record is -1 */
}

static void found(const name_test_t *self, const struct addrinfo *address)
{
    char host[64] = "?";

    getnameinfo(address->ai_addr, address->ai_addrlen, host, sizeof host, NULL,
                0, NI_NUMERICHOST);
    checkup_note(self_test_checkup(self->test), NAME, FINDING_OK, NULL,
                 "%s is %s in the DNS", self->name, host);
}

static void not_found(const name_test_t *self, const char *why)
{
    checkup_t *checkup = self_test_checkup(self->test);

    if (has_srv(self->name)) {
        checkup_note(checkup, NAME, FINDING_OK, NULL,
                     "%s has an SRV record in the DNS", self->name);
        return;
    }
    checkup_note(checkup, NAME, FINDING_WARNING,
                 "give it an address of the XMPP server, or an SRV record: "
                 "without, other servers do not find it, and while no frontend "
                 "is connected ejabberd ends its users' registrations",
                 "%s has no address in the DNS: %s", self->name, why);
}

/* Returns whether it is known. */
static bool look(name_test_t *self)
{
    struct addrinfo *addresses;
    const char *why = "no answer";

    switch (resolver_fetch(self->resolver, &addresses, &why)) {
    case RESOLVER_DONE:
        found(self, addresses);
        freeaddrinfo(addresses);
        return true;
    case RESOLVER_FAILED:
        not_found(self, why);
        return true;
    case RESOLVER_IDLE:
    case RESOLVER_ASKING:
        break;
    }
    if (clock_mono_ms() < self->deadline_ms) {
        return false;
    }
    not_found(self, why);
    return true;
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    name_test_t *self = arg;

    (void)loop;
    (void)timer_id;
    if (!self->done && look(self)) {
        self->done = true;
        self_test_end(self->test);
    }
    return 0;
}

name_test_t *name_test_new(self_test_t *test)
{
    name_test_t *self = zmalloc(sizeof *self);

    assert(self);
    self->test = test;
    self->name = self_test_settings(test)->xmpp.jid;
    self->deadline_ms = clock_mono_ms() + PATIENCE_MS;
    self->resolver = resolver_new(self->name, "5269");
    resolver_ask(self->resolver);
    self_test_begin(test);
    checkup_expect(self_test_checkup(test), NAME);
    self->timer = zloop_timer(self_test_loop(test), TICK_MS, 0, on_tick, self);
    return self;
}

void name_test_destroy(name_test_t **self_p)
{
    name_test_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self_test_loop(self->test), self->timer);
    resolver_destroy(&self->resolver);
    free(self);
    *self_p = NULL;
}

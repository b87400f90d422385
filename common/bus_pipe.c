/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus_pipe.h"

#include "common/bus_greeting.h"
#include "common/log.h"
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zmq.h>

enum { RETRY_MS = 1000, KEY_TEXT_SIZE = 41 };

enum {
    REFUSED = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
              ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
              ZMQ_EVENT_HANDSHAKE_FAILED_AUTH,
    EVENTS = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
             ZMQ_EVENT_DISCONNECTED | REFUSED,
};

struct bus_pipe {
    bus_t *bus;
    char *endpoint;
    void *push;
    void *events; /* where ZeroMQ tells of its connection */
    bool up;
    enum bus_reach reach;
    const char *refusal;            /* see bus_pipe_refusal */
    bool any_frontend;              /* server_key was not given */
    char server_key[KEY_TEXT_SIZE]; /* that the peer must have, or "" */
    int retry;                      /* timer, or 0 */
    bus_greeting_t *greeting;       /* or NULL: the peer is not asked */
    void (*on_change)(void *arg, bool up);
    void *arg;
};

/* A frontend's key may have changed, so each that is authorized gets its turn.
 * Returns 0, or -1 when there is none. */
static int choose_key(bus_pipe_t *self)
{
    if (self->any_frontend) {
        const char *key =
            keyring_next(bus_keys(self->bus), ROLE_FRONTEND,
                         self->server_key[0] != '\0' ? self->server_key : NULL);
        if (key == NULL) {
            return -1;
        }
        snprintf(self->server_key, sizeof self->server_key, "%s", key);
    }
    zsock_set_curve_serverkey(self->push, self->server_key);
    return 0;
}

/* `why` is a constant. */
static void report(bus_pipe_t *self, const char *why)
{
    char fault[300];

    self->reach = BUS_REFUSED;
    self->refusal = why;
    snprintf(fault, sizeof fault, "%s %s", self->endpoint, why);
    int64_t times = bus_note(self->bus, fault);
    if (times > 0) {
        log_warn("bus.refused_us", TEXT("endpoint", self->endpoint),
                 TEXT("why", why), TIMES(times),
                 TEXT("remedy", "the public key of each side must be in the "
                                "other's bus.curve_authorized_dir"));
    }
}

static int on_retry(zloop_t *loop, int timer_id, void *arg);

static void retry_later(bus_pipe_t *self)
{
    if (self->retry == 0) {
        self->retry =
            zloop_timer(bus_loop(self->bus), RETRY_MS, 1, on_retry, self);
    }
}

/* Returns 0, or -1 with errno set. */
static int open_connection(bus_pipe_t *self)
{
    if (bus_keys(self->bus) != NULL && choose_key(self) != 0) {
        report(self, "no key of a frontend is authorized");
        retry_later(self);
        return 0;
    }
    return zmq_connect(self->push, self->endpoint);
}

/* ZeroMQ does not try again after it was refused, nor with another key. */
static int on_retry(zloop_t *loop, int timer_id, void *arg)
{
    bus_pipe_t *self = arg;

    (void)loop;
    (void)timer_id;
    self->retry = 0;
    if (!self->up) {
        zmq_disconnect(self->push, self->endpoint);
        open_connection(self);
    }
    return 0;
}

static void on_greeting(void *arg, bool wants_keys)
{
    bus_pipe_t *self = arg;

    bus_greeting_destroy(&self->greeting);
    if (wants_keys && !self->up) {
        self->reach = BUS_REFUSED;
        self->refusal = "it wants keys, and this process has none";
    }
}

/* Without keys ZeroMQ tries again by itself, unless it has seen a mechanism
 * that is not ours. */
static void on_refused(bus_pipe_t *self, uint16_t event)
{
    bool keys = bus_keys(self->bus) != NULL;

    if (keys) {
        report(self, event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH
                         ? "our key is not authorized there"
                         : "it has another key, or does not use CURVE");
    } else if (self->greeting == NULL && self->refusal == NULL) {
        self->greeting =
            bus_greeting_new(self->bus, self->endpoint, on_greeting, self);
    }
    if (keys || event != ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL) {
        retry_later(self);
    }
}

static int on_event(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    bus_pipe_t *self = arg;
    uint16_t event;

    (void)loop;
    if (bus_monitor_next(item->socket, &event) != 0) {
        return 0;
    }
    if ((event & REFUSED) != 0) {
        on_refused(self, event);
        return 0;
    }
    if (event == ZMQ_EVENT_CONNECTED) {
        /* What is known of it stays so, until this attempt tells more. */
        self->reach = self->reach == BUS_ABSENT ? BUS_SILENT : self->reach;
        return 0;
    }
    bool up = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;
    if (up) {
        self->refusal = NULL;
        bus_greeting_destroy(&self->greeting);
    }
    if (up != self->up) {
        self->up = up;
        self->reach = up ? BUS_OPEN : BUS_ABSENT;
        self->on_change(self->arg, up); /* may be the end of us */
    }
    return 0;
}

/* Returns 0, or -1 with errno set. */
static int open_pipe(bus_pipe_t *self)
{
    self->push = bus_socket_new(self->bus, ZMQ_PUSH);
    if (self->push == NULL) {
        return -1;
    }
    /* Listened for before connecting: the first event comes at once. */
    self->events = bus_monitor(self->push, EVENTS);
    if (self->events == NULL) {
        return -1;
    }
    bus_watch(self->bus, self->events, on_event, self);
    return open_connection(self);
}

bus_pipe_t *bus_pipe_new(bus_t *bus, const char *endpoint,
                         const char *server_key,
                         void (*on_change)(void *arg, bool up), void *arg)
{
    bus_pipe_t *self = zmalloc(sizeof *self);

    assert(self);
    self->bus = bus;
    self->endpoint = strdup(endpoint);
    self->any_frontend = server_key == NULL;
    if (server_key != NULL) {
        snprintf(self->server_key, sizeof self->server_key, "%s", server_key);
    }
    self->on_change = on_change;
    self->arg = arg;
    if (open_pipe(self) != 0) {
        int why = errno;
        bus_pipe_discard(&self);
        errno = why;
    }
    return self;
}

void bus_pipe_destroy(bus_pipe_t **self_p)
{
    bus_pipe_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->retry != 0) {
        zloop_timer_end(bus_loop(self->bus), self->retry);
    }
    bus_greeting_destroy(&self->greeting);
    if (self->events != NULL) {
        zmq_socket_monitor(self->push, NULL, 0);
        bus_unwatch(self->bus, self->events);
        bus_socket_close(&self->events);
    }
    bus_socket_close(&self->push);
    free(self->endpoint);
    free(self);
    *self_p = NULL;
}

void bus_pipe_discard(bus_pipe_t **self_p)
{
    if ((*self_p)->push != NULL) {
        zsock_set_linger((*self_p)->push, 0);
    }
    bus_pipe_destroy(self_p);
}

int bus_pipe_send(bus_pipe_t *self, const char *frame)
{
    return zmq_send(self->push, frame, strlen(frame), ZMQ_DONTWAIT) < 0 ? -1
                                                                        : 0;
}

enum bus_reach bus_pipe_reach(const bus_pipe_t *self)
{
    return self->reach;
}

const char *bus_pipe_refusal(const bus_pipe_t *self)
{
    return self->refusal;
}

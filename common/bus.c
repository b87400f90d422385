/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "common/zap.h"
#include <assert.h>
#include <sched.h>
#include <string.h>
#include <zmq.h>

enum {
    QUEUE_FRAMES = 10000,     /* more than any credit, so that sends succeed */
    LINGER_MS = 2000,         /* at exit, for what is still on its way */
    HEARTBEAT_MS = 1000,      /* finds a frozen peer or a dead host … */
    HEARTBEAT_LOST_MS = 3000, /* … after this long */
    HANDSHAKE_MS = 3000,
    CONNECT_MS = 3000,
    RECONNECT_MS = 50,
    RECONNECT_MAX_MS = 1000,
    KEYS_MS = 1000, /* how often the directory of keys is looked at */
};

struct bus {
    zloop_t *loop;
    keyring_t *keys; /* NULL: an open bus */
    zap_t *zap;
    int timer;
    uint64_t refused;   /* messages */
    uint64_t strangers; /* who did not get as far as the door, see zap.h */
    repeats_t *repeats;
};

/* ---- sockets ---- */

static void set_options(void *socket)
{
    zsock_set_linger(socket, LINGER_MS); /* CZMQ's 0 drops what is queued */
    zsock_set_sndtimeo(socket, 0);       /* never block the loop */
    zsock_set_sndhwm(socket, QUEUE_FRAMES);
    zsock_set_rcvhwm(socket, QUEUE_FRAMES);
    zsock_set_maxmsgsize(socket, PROTO_FRAME_MAX);
    zsock_set_heartbeat_ivl(socket, HEARTBEAT_MS);
    zsock_set_heartbeat_timeout(socket, HEARTBEAT_LOST_MS);
    zsock_set_handshake_ivl(socket, HANDSHAKE_MS);
    zsock_set_connect_timeout(socket, CONNECT_MS);
    zsock_set_reconnect_ivl(socket, RECONNECT_MS);
    zsock_set_reconnect_ivl_max(socket, RECONNECT_MAX_MS);
    zsock_set_tcp_keepalive(socket, 1);
    zsock_set_ipv6(socket, 1);
}

void *bus_socket_new(const bus_t *self, int type)
{
    void *socket = zmq_socket(zsys_init(), type);

    if (socket != NULL) {
        set_options(socket);
    }
    if (socket != NULL && self->keys != NULL) {
        zcert_apply(keyring_own(self->keys), socket);
    }
    return socket;
}

void bus_socket_close(void **socket_p)
{
    if (*socket_p != NULL) {
        zmq_close(*socket_p);
        *socket_p = NULL;
    }
}

void bus_watch(bus_t *self, void *socket, zloop_fn *handler, void *arg)
{
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};

    zloop_poller(self->loop, &item, handler, arg);
}

void bus_unwatch(bus_t *self, void *socket)
{
    zmq_pollitem_t item = {.socket = socket};

    zloop_poller_end(self->loop, &item);
}

void *bus_monitor(void *socket, int events)
{
    void *monitor = zmq_socket(zsys_init(), ZMQ_PAIR);
    char name[64];

    snprintf(name, sizeof name, "inproc://monitor-%p", socket);
    if (monitor != NULL && (zmq_socket_monitor(socket, name, events) == -1 ||
                            zmq_connect(monitor, name) == -1)) {
        bus_socket_close(&monitor);
    }
    return monitor;
}

/* An event is two frames: number and value, then the address. */
int bus_monitor_next(void *monitor, uint16_t *event)
{
    zmsg_t *message = zmsg_recv_nowait(monitor);
    int status = -1;

    if (message != NULL) {
        zframe_t *head = zmsg_first(message);
        if (head != NULL && zframe_size(head) >= sizeof *event) {
            memcpy(event, zframe_data(head), sizeof *event);
            status = 0;
        }
    }
    zmsg_destroy(&message);
    return status;
}

/* ---- faults ---- */

void bus_refuse(bus_t *self, const struct bus_frame *frame, const char *type,
                const struct proto_err *err)
{
    char fault[160];

    self->refused++;
    snprintf(fault, sizeof fault, "refused %s %s %s", type ? type : "",
             err->field, err->why);
    int64_t times = bus_note(self, fault);
    if (times > 0) {
        log_warn("bus.refused", TEXT("field", err->field), TEXT("type", type),
                 TEXT("why", err->why), TEXT("role", frame->role),
                 TIMES(times));
    }
}

void bus_refuse_stranger(bus_t *self)
{
    int64_t times = bus_note(self, "stranger");

    self->strangers++;
    if (times > 0) {
        log_warn("bus.stranger", TEXT("why", "no CURVE handshake with our key"),
                 TIMES(times),
                 TEXT("remedy", "if it is one of ours, give it keys; its "
                                "bus.curve_authorized_dir needs ours"));
    }
}

int64_t bus_note(bus_t *self, const char *fault)
{
    return repeats_note(self->repeats, fault, clock_mono_ms());
}

int64_t bus_note_change(bus_t *self, const char *change)
{
    return repeats_note_change(self->repeats, change, clock_mono_ms());
}

static const struct metric REFUSED = {
    "wakebus_bus_messages_refused_total",
    METRIC_COUNTER,
    "Messages from the bus that make no sense or are not their sender's to "
    "say.",
    {NULL}};
static const struct metric STRANGERS = {
    "wakebus_bus_strangers_total",
    METRIC_COUNTER,
    "Attempts to connect to the bus without a key, or without the right one.",
    {NULL}};

void bus_metrics(const bus_t *self, metrics_t *page)
{
    uint64_t at_door = self->zap != NULL ? zap_strangers(self->zap) : 0;

    metrics_add(page, &REFUSED, NULL, (double)self->refused);
    metrics_add(page, &STRANGERS, NULL, (double)(self->strangers + at_door));
}

/* ---- life ---- */

zloop_t *bus_loop(const bus_t *self)
{
    return self->loop;
}

keyring_t *bus_keys(const bus_t *self)
{
    return self->keys;
}

static int on_keys_timer(zloop_t *loop, int timer_id, void *arg)
{
    const bus_t *self = arg;

    (void)loop;
    (void)timer_id;
    keyring_refresh(self->keys);
    return 0;
}

/* ZeroMQ's thread wakes up for each message. Where all processors are busy it
 * would interrupt whoever works there, a process of ours as a rule, and send
 * that one message; as SCHED_BATCH it waits its turn, and then sends or takes
 * many at once. Must be said before the first socket. */
static void set_thread_policy(void)
{
    zmq_ctx_set(zsys_init(), ZMQ_THREAD_SCHED_POLICY, SCHED_BATCH);
}

bus_t *bus_new(zloop_t *loop, keyring_t *keys)
{
    bus_t *self = zmalloc(sizeof *self);

    assert(self);
    set_thread_policy();
    self->loop = loop;
    self->keys = keys;
    self->repeats = repeats_new();
    if (keys != NULL) {
        self->zap = zap_new(loop, keys);
        self->timer = zloop_timer(loop, KEYS_MS, 0, on_keys_timer, self);
    }
    return self;
}

void bus_destroy(bus_t **self_p)
{
    bus_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->keys != NULL) {
        zloop_timer_end(self->loop, self->timer);
        zap_destroy(&self->zap);
    }
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus.h"

#include "common/log.h"
#include "proto/codec.h"
#include <assert.h>
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
    DRAIN_FRAMES = 64,
};

static void set_options(zsock_t *socket)
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

static zsock_t *new_socket(int type)
{
    zsock_t *socket = zsock_new(type);

    assert(socket);
    set_options(socket);
    return socket;
}

zsock_t *bus_bind_pull(const char *endpoint)
{
    zsock_t *pull = new_socket(ZMQ_PULL);

    if (zsock_bind(pull, "%s", endpoint) == -1) {
        int saved = zmq_errno();
        zsock_destroy(&pull);
        errno = saved;
    }
    return pull;
}

/* Take the rest of a message of several frames off the socket. */
static void skip_rest(void *handle)
{
    zmq_msg_t part;
    bool more = true;

    log_warn("bus.refused", TEXT("field", "message"),
             TEXT("why", "several frames"));
    zmq_msg_init(&part);
    while (more && zmq_msg_recv(&part, handle, ZMQ_DONTWAIT) >= 0) {
        more = zmq_msg_more(&part);
    }
    zmq_msg_close(&part);
}

void bus_drain(zsock_t *pull,
               void (*on_frame)(void *arg, const void *frame, size_t size),
               void *arg)
{
    void *handle = zsock_resolve(pull);
    zmq_msg_t frame;

    zmq_msg_init(&frame);
    for (int i = 0; i < DRAIN_FRAMES; i++) {
        if (zmq_msg_recv(&frame, handle, ZMQ_DONTWAIT) < 0) {
            break;
        }
        if (zmq_msg_more(&frame)) {
            skip_rest(handle);
            continue;
        }
        on_frame(arg, zmq_msg_data(&frame), zmq_msg_size(&frame));
    }
    zmq_msg_close(&frame);
}

/* ---- pipes ---- */

struct bus_pipe {
    zloop_t *loop;
    zsock_t *push;
    zsock_t *events; /* where ZeroMQ tells of its connection */
    void (*on_change)(void *arg, bool up);
    void *arg;
};

/* An event is two frames: number and value, then the address. */
static int read_event(zsock_t *events, uint16_t *event)
{
    zmsg_t *message = zmsg_recv(events);
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

static int on_event(zloop_t *loop, zsock_t *events, void *arg)
{
    const bus_pipe_t *self = arg;
    uint16_t event;

    (void)loop;
    if (read_event(events, &event) == 0) {
        self->on_change(self->arg, event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED);
    }
    return 0;
}

bus_pipe_t *bus_pipe_new(zloop_t *loop, const char *endpoint,
                         void (*on_change)(void *arg, bool up), void *arg)
{
    bus_pipe_t *self = zmalloc(sizeof *self);
    char name[64];

    assert(self);
    self->loop = loop;
    self->push = new_socket(ZMQ_PUSH);
    self->on_change = on_change;
    self->arg = arg;
    /* Listened for before connecting: the first event comes at once. */
    snprintf(name, sizeof name, "inproc://pipe-%p", (void *)self);
    zmq_socket_monitor(zsock_resolve(self->push), name,
                       ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
    self->events = zsock_new(ZMQ_PAIR);
    assert(self->events);
    zsock_connect(self->events, "%s", name);
    zloop_reader(loop, self->events, on_event, self);
    if (zsock_connect(self->push, "%s", endpoint) == -1) {
        bus_pipe_discard(&self);
    }
    return self;
}

void bus_pipe_destroy(bus_pipe_t **self_p)
{
    bus_pipe_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zmq_socket_monitor(zsock_resolve(self->push), NULL, 0);
    zloop_reader_end(self->loop, self->events);
    zsock_destroy(&self->events);
    zsock_destroy(&self->push);
    free(self);
    *self_p = NULL;
}

void bus_pipe_discard(bus_pipe_t **self_p)
{
    zsock_set_linger((*self_p)->push, 0);
    bus_pipe_destroy(self_p);
}

int bus_pipe_send(bus_pipe_t *self, const char *frame)
{
    return zmq_send(zsock_resolve(self->push), frame, strlen(frame),
                    ZMQ_DONTWAIT) < 0
               ? -1
               : 0;
}

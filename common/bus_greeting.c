/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus_greeting.h"

#include "common/zmtp.h"
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <zmq.h>

struct bus_greeting {
    bus_t *bus;
    void *stream;   /* ZMQ_STREAM: bytes as they are on the wire */
    bool connected; /* see on_turn */
    size_t size;    /* what has come of the greeting … */
    unsigned char bytes[ZMTP_GREETING_SIZE]; /* … is here */
    void (*on_greeting)(void *arg, bool wants_keys);
    void *arg;
};

/* ZMQ_STREAM says with an empty message that it is connected, and with the next
 * that it no longer is. */
static void on_turn(bus_greeting_t *self, zframe_t *peer)
{
    zmsg_t *opening;

    self->size = 0;
    self->connected = !self->connected;
    if (self->connected) {
        opening = zmsg_new();
        zmsg_addmem(opening, zframe_data(peer), zframe_size(peer));
        zmsg_addmem(opening, ZMTP_OPENING, ZMTP_OPENING_SIZE);
        zmsg_send(&opening, self->stream);
        zmsg_destroy(&opening); /* if it has already left again */
    }
}

static void take(bus_greeting_t *self, zframe_t *data)
{
    size_t room = sizeof self->bytes - self->size;
    size_t size = zframe_size(data) < room ? zframe_size(data) : room;

    memcpy(self->bytes + self->size, zframe_data(data), size);
    self->size += size;
    if (size > 0 && self->size == sizeof self->bytes) {
        self->on_greeting(self->arg, zmtp_wants_curve(self->bytes));
        /* may have been the end of us */
    }
}

/* A message is two frames: which connection, and its bytes. */
static int on_message(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    zmsg_t *message = zmsg_recv_nowait(item->socket);

    (void)loop;
    if (message == NULL) {
        return 0;
    }
    zframe_t *peer = zmsg_first(message);
    zframe_t *data = zmsg_next(message);
    assert(peer && data);
    if (zframe_size(data) == 0) {
        on_turn(arg, peer);
    } else {
        take(arg, data);
    }
    zmsg_destroy(&message);
    return 0;
}

bus_greeting_t *
bus_greeting_new(bus_t *bus, const char *endpoint,
                 void (*on_greeting)(void *arg, bool wants_keys), void *arg)
{
    void *stream = bus_socket_new(bus, ZMQ_STREAM);

    if (stream == NULL) {
        return NULL;
    }
    zsock_set_linger(stream, 0);
    if (zmq_connect(stream, endpoint) != 0) {
        int why = errno;
        bus_socket_close(&stream);
        errno = why;
        return NULL;
    }
    bus_greeting_t *self = zmalloc(sizeof *self);
    assert(self);
    self->bus = bus;
    self->stream = stream;
    self->on_greeting = on_greeting;
    self->arg = arg;
    bus_watch(bus, stream, on_message, self);
    return self;
}

void bus_greeting_destroy(bus_greeting_t **self_p)
{
    bus_greeting_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    bus_unwatch(self->bus, self->stream);
    bus_socket_close(&self->stream);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus_pull.h"

#include "common/ipc.h"
#include "common/log.h"
#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>

enum { BATCH_FRAMES = 256 }; /* then other events get a turn */

struct bus_pull {
    bus_t *bus;
    void *pull;
    char *path;      /* of its socket file, or NULL: it is no ipc endpoint */
    void *strangers; /* where ZeroMQ tells of them; NULL: an open bus */
    struct bus_pull_events events;
};

/* ---- frames ---- */

/* Take the rest of a message of several frames off the socket. */
static void skip_rest(void *handle)
{
    zmq_msg_t part;
    bool more = true;

    zmq_msg_init(&part);
    while (more && zmq_msg_recv(&part, handle, ZMQ_DONTWAIT) >= 0) {
        more = zmq_msg_more(&part);
    }
    zmq_msg_close(&part);
}

/* Returns why the message must not be read, or NULL with `frame` filled. */
static const char *look_at(const bus_pull_t *self, zmq_msg_t *message,
                           struct bus_frame *frame)
{
    const keyring_t *keys = bus_keys(self->bus);

    *frame = (struct bus_frame){.data = zmq_msg_data(message),
                                .size = zmq_msg_size(message)};
    if (keys != NULL) {
        frame->key = zmq_msg_gets(message, "User-Id");
        assert(frame->key); /* zap.c says it of everybody whom it lets in */
        frame->role = keyring_role(keys, frame->key);
    }
    if (zmq_msg_more(message)) {
        skip_rest(self->pull);
        return "several frames";
    }
    return keys != NULL && frame->role == NULL
               ? "its key is no longer authorized"
               : NULL;
}

static void take_batch(bus_pull_t *self)
{
    struct bus_frame frame;
    zmq_msg_t message;

    zmq_msg_init(&message);
    for (int i = 0; i < BATCH_FRAMES; i++) {
        if (zmq_msg_recv(&message, self->pull, ZMQ_DONTWAIT) < 0) {
            break;
        }
        const char *why = look_at(self, &message, &frame);
        if (why == NULL) {
            self->events.on_frame(self->events.arg, &frame);
        } else {
            bus_refuse(self->bus, &frame, NULL,
                       &(struct proto_err){"message", why});
        }
    }
    zmq_msg_close(&message);
}

static int on_readable(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    bus_pull_t *self = arg;

    (void)loop;
    (void)item;
    take_batch(self);
    self->events.on_batch_end(self->events.arg); /* may be the end of us */
    return 0;
}

/* ---- strangers ---- */

static int on_stranger(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    const bus_pull_t *self = arg;
    uint16_t event;

    (void)loop;
    while (bus_monitor_next(item->socket, &event) == 0) {
        bus_refuse_stranger(self->bus);
    }
    return 0;
}

/* Only who has a key and whose role `domain` names may connect. Who brings no
 * key does not get as far as the door (zap.h): only ZeroMQ knows of him.
 * Returns 0, or -1 with errno set. */
static int close_to_strangers(bus_pull_t *self, const char *domain)
{
    zsock_set_zap_domain(self->pull, domain);
    zsock_set_curve_server(self->pull, 1);
    self->strangers =
        bus_monitor(self->pull, ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                                    ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL);
    if (self->strangers == NULL) {
        return -1;
    }
    bus_watch(self->bus, self->strangers, on_stranger, self);
    return 0;
}

/* ---- life ---- */

/* ZeroMQ would take an ipc endpoint away from whoever listens there. */
static bool is_taken(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool taken = fd >= 0 &&
                 connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return taken;
}

/* Returns 0, or -1 with errno set. */
static int open_at(bus_pull_t *self, const char *endpoint, const char *domain)
{
    const char *path = ipc_path(endpoint);

    if (path != NULL && is_taken(path)) {
        errno = EADDRINUSE;
        return -1;
    }
    self->pull = bus_socket_new(self->bus, ZMQ_PULL);
    if (self->pull == NULL ||
        (bus_keys(self->bus) != NULL &&
         close_to_strangers(self, domain) != 0) ||
        zmq_bind(self->pull, endpoint) == -1) {
        return -1;
    }
    self->path = path != NULL ? strdup(path) : NULL;
    bus_watch(self->bus, self->pull, on_readable, self);
    return 0;
}

bus_pull_t *bus_pull_new(bus_t *bus, const char *endpoint, const char *domain,
                         const struct bus_pull_events *events)
{
    bus_pull_t *self = zmalloc(sizeof *self);

    assert(self);
    self->bus = bus;
    self->events = *events;
    if (open_at(self, endpoint, domain) != 0) {
        int why = errno;
        bus_pull_destroy(&self);
        errno = why;
    }
    return self;
}

void bus_pull_destroy(bus_pull_t **self_p)
{
    bus_pull_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->strangers != NULL) {
        zmq_socket_monitor(self->pull, NULL, 0);
        bus_unwatch(self->bus, self->strangers);
        bus_socket_close(&self->strangers);
    }
    if (self->pull != NULL) {
        bus_unwatch(self->bus, self->pull);
        bus_socket_close(&self->pull);
    }
    if (self->path != NULL) {
        unlink(self->path); /* ZeroMQ leaves it */
        free(self->path);
    }
    free(self);
    *self_p = NULL;
}

void bus_pull_endpoint(const bus_pull_t *self, char *out, size_t size)
{
    zmq_getsockopt(self->pull, ZMQ_LAST_ENDPOINT, out, &size);
}

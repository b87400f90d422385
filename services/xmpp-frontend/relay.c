/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/relay.h"

#include "common/clock.h"
#include "common/resolver.h"
#include "proto/bytes.h"
#include "services/xmpp-frontend/guard.h"
#include "services/xmpp-frontend/skim.h"
#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum {
    TICK_MS = 20, /* while connecting */
    CONNECT_MS = 5000,
    READ_SIZE = 32 * 1024,
    READS = 16,                    /* of them, then others have their turn */
    LIBSTROPHE_READ = 4096,        /* bytes that it reads at once */
    UNSENT_MAX = 16 * 1024 * 1024, /* bytes for a server that does not read */
    USER_TIMEOUT_MS = 25000,
};

enum state { CLOSED, RESOLVING, CONNECTING, OPEN };

struct relay {
    zloop_t *loop;
    struct relay_events events;
    resolver_t *resolver;
    enum state state;
    int tick;                   /* timer, while not OPEN or CLOSED */
    int64_t due_ms;             /* when connecting has taken too long */
    struct addrinfo *addresses; /* of the server */
    struct addrinfo *next;      /* the one to try next */
    int server;                 /* socket to the server, or -1 */
    short server_events;        /* what zloop watches it for */
    int listener;               /* where libstrophe connects, or -1 */
    int expected;               /* libstrophe's end of … */
    int client;                 /* … its connection to us, or -1 */
    guard_t *guard;
    bool skims;
    struct bytes unsent;
    const char *why; /* the last attempt failed */
};

static int on_server(zloop_t *loop, zmq_pollitem_t *item, void *arg);
static int on_listener(zloop_t *loop, zmq_pollitem_t *item, void *arg);
static int on_client(zloop_t *loop, zmq_pollitem_t *item, void *arg);

/* ---- sockets ---- */

static void watch(relay_t *self, int fd, short events, zloop_fn *handler)
{
    zmq_pollitem_t item = {.fd = fd, .events = events};

    zloop_poller(self->loop, &item, handler, self);
    zloop_poller_set_tolerant(self->loop, &item);
}

static void close_socket(relay_t *self, int *fd)
{
    zmq_pollitem_t item = {.fd = *fd};

    if (*fd >= 0) {
        zloop_poller_end(self->loop, &item);
        close(*fd);
        *fd = -1;
    }
}

/* zloop cannot change what it watches for. */
static void watch_server(relay_t *self, short events)
{
    zmq_pollitem_t item = {.fd = self->server};

    if (self->server_events != events) {
        zloop_poller_end(self->loop, &item);
        watch(self, self->server, events, on_server);
        self->server_events = events;
    }
}

static void set_options(int fd)
{
    static const struct {
        int level, name, value;
    } OPTIONS[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, 30},
        {IPPROTO_TCP, TCP_KEEPINTVL, 10},
        {IPPROTO_TCP, TCP_KEEPCNT, 3},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS},
    };

    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        setsockopt(fd, OPTIONS[i].level, OPTIONS[i].name, &OPTIONS[i].value,
                   sizeof OPTIONS[i].value);
    }
}

static int listen_on_loopback(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 &&
        (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
         listen(fd, 1) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

typedef int name_fn(int fd, struct sockaddr *address, socklen_t *size);

/* The port of this end (getsockname) or of the other (getpeername). */
static unsigned short port_of(int fd, name_fn *name)
{
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;

    name(fd, (struct sockaddr *)&address, &size);
    return ntohs(address.sin_port);
}

unsigned short relay_port(const relay_t *self)
{
    return port_of(self->listener, getsockname);
}

void relay_expect(relay_t *self, int fd)
{
    self->expected = fd;
}

/* ---- closing ---- */

static void free_addresses(relay_t *self)
{
    if (self->addresses != NULL) {
        freeaddrinfo(self->addresses);
        self->addresses = NULL;
    }
    self->next = NULL;
}

static void stop_tick(relay_t *self)
{
    if (self->tick != 0) {
        zloop_timer_end(self->loop, self->tick);
        self->tick = 0;
    }
}

static void close_all(relay_t *self)
{
    stop_tick(self);
    close_socket(self, &self->server);
    close_socket(self, &self->listener);
    close_socket(self, &self->client);
    free_addresses(self);
    guard_destroy(&self->guard);
    self->unsent.size = 0;
    self->state = CLOSED;
}

void relay_close(relay_t *self, const char *why)
{
    if (self->state != CLOSED) {
        close_all(self);
        self->events.on_closed(self->events.arg, why);
    }
}

/* ---- to the server ---- */

void relay_write(relay_t *self, const char *bytes, size_t size)
{
    if (self->state == OPEN) {
        bytes_append(&self->unsent, bytes, size);
    }
}

void relay_flush(relay_t *self)
{
    if (self->state != OPEN || self->unsent.size == 0) {
        return;
    }
    ssize_t sent =
        send(self->server, self->unsent.data, self->unsent.size, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
        relay_close(self, strerror(errno));
        return;
    }
    if (sent > 0) {
        bytes_remove(&self->unsent, (size_t)sent);
    }
    if (self->unsent.size > UNSENT_MAX) {
        relay_close(self, "the server does not read");
        return;
    }
    watch_server(self,
                 self->unsent.size > 0 ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
}

/* libstrophe itself says little: the stream's header, the handshake, the end
 * of the stream. */
static int on_client(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    relay_t *self = arg;
    char bytes[4096];
    ssize_t size = recv(self->client, bytes, sizeof bytes, MSG_DONTWAIT);

    (void)loop;
    (void)item;
    if (size > 0) {
        relay_write(self, bytes, (size_t)size);
        relay_flush(self);
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        relay_close(self, "ended by this side");
    }
    return 0;
}

static int on_listener(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    relay_t *self = arg;
    int fd = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)loop;
    (void)item;
    if (fd >= 0 &&
        port_of(fd, getpeername) != port_of(self->expected, getsockname)) {
        close(fd);
    } else if (fd >= 0) {
        self->client = fd;
        close_socket(self, &self->listener);
        set_options(fd);
        watch(self, fd, ZMQ_POLLIN, on_client);
        self->events.on_accepted(self->events.arg);
    }
    return 0;
}

/* ---- from the server ---- */

/* To libstrophe, in pieces that it reads at once when it is told: it is in this
 * process, so waiting for it would be waiting for ourselves. */
static void pass(relay_t *self, const char *bytes, size_t size)
{
    while (size > 0 && self->state == OPEN) {
        size_t piece = size < LIBSTROPHE_READ ? size : LIBSTROPHE_READ;
        ssize_t sent =
            send(self->client, bytes, piece, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            relay_close(self, "ended by this side");
            return;
        }
        if (sent > 0) {
            bytes += sent;
            size -= (size_t)sent;
        }
        self->events.on_bytes(self->events.arg);
    }
}

static void take(relay_t *self, const struct guard_item *item)
{
    switch (item->kind) {
    case GUARD_BYTES:
        pass(self, item->bytes, item->size);
        break;
    case GUARD_STANZA:
        self->events.on_stanza(self->events.arg, item->stanza);
        break;
    case GUARD_DROPPED:
        self->events.on_dropped(self->events.arg, item->why);
        break;
    case GUARD_BROKEN:
        relay_close(self, item->why);
        break;
    }
}

/* Whatever becomes of an item, the connection may be closed by it. */
static void guard_all(relay_t *self, const char *bytes, size_t size)
{
    struct guard_item item;

    guard_feed(self->guard, bytes, size);
    while (self->state == OPEN && guard_next(self->guard, &item)) {
        take(self, &item);
    }
}

/* The guard gets it in pieces, so that there is a look at each stanza. */
static void skim_all(relay_t *self, const char *bytes, size_t size)
{
    while (size > 0 && self->state == OPEN) {
        size_t done =
            guard_is_between(self->guard)
                ? self->events.on_unread(self->events.arg, bytes, size)
                : 0;
        if (done == 0) {
            done = skim_to_next(bytes, size);
            guard_all(self, bytes, done);
        }
        bytes += done;
        size -= done;
    }
}

void relay_skim(relay_t *self, bool skims)
{
    self->skims = skims;
}

/* Returns whether there may be more. */
static bool read_some(relay_t *self)
{
    char bytes[READ_SIZE];
    ssize_t size = recv(self->server, bytes, sizeof bytes, MSG_DONTWAIT);

    if (size > 0) {
        (self->skims ? skim_all : guard_all)(self, bytes, (size_t)size);
    } else if (size == 0) {
        relay_close(self, "closed by the server");
    } else if (errno != EAGAIN && errno != EINTR) {
        relay_close(self, strerror(errno));
    }
    return size == READ_SIZE && self->state == OPEN;
}

/* What waits in the kernel is seen by nobody who could turn it away. */
static void read_server(relay_t *self)
{
    int reads = 0;

    while (reads < READS && read_some(self)) {
        reads++;
    }
    self->events.on_batch_end(self->events.arg);
}

/* ---- connecting ---- */

static void try_next(relay_t *self);

static void open_up(relay_t *self)
{
    self->listener = listen_on_loopback();
    if (self->listener < 0) {
        relay_close(self, strerror(errno));
        return;
    }
    stop_tick(self);
    free_addresses(self);
    self->state = OPEN;
    self->guard = guard_new();
    watch(self, self->listener, ZMQ_POLLIN, on_listener);
    watch_server(self, ZMQ_POLLIN);
    self->events.on_open(self->events.arg);
}

static void finish_connecting(relay_t *self)
{
    int error = 0;
    socklen_t size = sizeof error;

    getsockopt(self->server, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        self->why = strerror(error);
        close_socket(self, &self->server);
        try_next(self);
    } else {
        open_up(self);
    }
}

static int on_server(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    relay_t *self = arg;

    (void)loop;
    if (self->state == CONNECTING) {
        finish_connecting(self);
        return 0;
    }
    if (item->revents & ZMQ_POLLOUT) {
        relay_flush(self);
    }
    /* Nothing is read for a libstrophe that has not connected yet. */
    if (self->state == OPEN && self->client >= 0 &&
        (item->revents & (ZMQ_POLLIN | ZMQ_POLLERR))) {
        read_server(self);
    }
    return 0;
}

static void try_next(relay_t *self)
{
    struct addrinfo *address = self->next;

    if (address == NULL) {
        relay_close(self, self->why);
        return;
    }
    self->next = address->ai_next;
    self->server = socket(address->ai_family,
                          SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (self->server < 0) {
        self->why = strerror(errno);
        try_next(self);
        return;
    }
    set_options(self->server);
    self->state = CONNECTING;
    if (connect(self->server, address->ai_addr, address->ai_addrlen) != 0 &&
        errno != EINPROGRESS) {
        self->why = strerror(errno);
        close(self->server);
        self->server = -1;
        try_next(self);
        return;
    }
    self->server_events = ZMQ_POLLOUT;
    watch(self, self->server, ZMQ_POLLOUT, on_server);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    relay_t *self = arg;
    const char *why = NULL;

    (void)loop;
    (void)timer_id;
    if (clock_mono_ms() >= self->due_ms) {
        relay_close(self, "connecting took too long");
        return 0;
    }
    if (self->state != RESOLVING) {
        return 0;
    }
    switch (resolver_fetch(self->resolver, &self->addresses, &why)) {
    case RESOLVER_IDLE:
        resolver_ask(self->resolver);
        break;
    case RESOLVER_ASKING:
        break;
    case RESOLVER_FAILED:
        relay_close(self, why);
        break;
    case RESOLVER_DONE:
        self->next = self->addresses;
        try_next(self);
        break;
    }
    return 0;
}

void relay_open(relay_t *self)
{
    assert(self->state == CLOSED);
    self->state = RESOLVING;
    self->why = "the name has no address";
    self->due_ms = clock_mono_ms() + CONNECT_MS;
    self->tick = zloop_timer(self->loop, TICK_MS, 0, on_tick, self);
    resolver_ask(self->resolver);
    on_tick(self->loop, 0, self);
}

/* ---- life ---- */

relay_t *relay_new(zloop_t *loop, const char *host, int port,
                   const struct relay_events *events)
{
    relay_t *self = zmalloc(sizeof *self);
    char service[16];

    assert(self);
    self->loop = loop;
    self->events = *events;
    self->server = self->listener = self->client = -1;
    snprintf(service, sizeof service, "%d", port);
    self->resolver = resolver_new(host, service);
    return self;
}

void relay_destroy(relay_t **self_p)
{
    relay_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    close_all(self);
    resolver_destroy(&self->resolver);
    bytes_free(&self->unsent);
    free(self);
    *self_p = NULL;
}

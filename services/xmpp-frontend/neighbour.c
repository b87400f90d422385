/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/neighbour.h"

#include "common/clock.h"
#include "common/discovery.h"
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { TICK_MS = 50, PATIENCE_MS = 1500, PLACES_MAX = 2 * PROTO_LIST_MAX };

/* An address at which somebody may listen. */
struct place {
    char endpoint[300];
    int fd; /* connecting, or -1: nobody does */
};

struct neighbour {
    zloop_t *loop;
    discovery_t *discovery;
    char inbox[300];        /* our own, as one can connect to it */
    struct name_list names; /* it and bus.frontends */
    bool looked_up;
    size_t count;
    struct place places[PLACES_MAX];
    int timer;
    int64_t deadline_ms;
    void (*on_done)(void *arg, const char *endpoint); /* NULL once called */
    void *arg;
};

/* ---- connecting ---- */

/* Returns the socket, or -1 when it is known to lead nowhere. */
static int begin(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family,
                    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd >= 0 && connect(fd, address, size) != 0 && errno != EINPROGRESS) {
        close(fd);
        return -1;
    }
    return fd;
}

static int begin_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return begin((const struct sockaddr *)&address, sizeof address);
}

/* "192.0.2.7:5750", "[2001:db8::7]:5750" */
static int begin_tcp(const char *text)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST};
    const char *colon = strrchr(text, ':');
    struct addrinfo *found;
    char host[256];
    int fd = -1;

    if (colon == NULL || (size_t)(colon - text) >= sizeof host) {
        return -1;
    }
    bool v6 = text[0] == '[';
    snprintf(host, sizeof host, "%.*s", (int)(colon - text) - (v6 ? 2 : 0),
             text + (v6 ? 1 : 0));
    if (getaddrinfo(host, colon + 1, &hints, &found) == 0) {
        fd = begin(found->ai_addr, found->ai_addrlen);
        freeaddrinfo(found);
    }
    return fd;
}

static int begin_at(const char *endpoint)
{
    const char *rest = strstr(endpoint, "://");

    if (rest == NULL) {
        return -1;
    }
    rest += strlen("://");
    return strncmp(endpoint, "ipc://", 6) == 0 ? begin_unix(rest)
                                               : begin_tcp(rest);
}

static bool is_known(const neighbour_t *self, const char *endpoint)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->places[i].endpoint, endpoint) == 0) {
            return true;
        }
    }
    return false;
}

static void on_endpoints(void *arg, const zlistx_t *endpoints)
{
    neighbour_t *self = arg;
    zlistx_t *list = (zlistx_t *)(uintptr_t)endpoints; /* its cursor moves */

    self->looked_up = true;
    for (char *e = zlistx_first(list); e != NULL; e = zlistx_next(list)) {
        if (self->count < PLACES_MAX && !is_known(self, e)) {
            struct place *place = &self->places[self->count++];
            snprintf(place->endpoint, sizeof place->endpoint, "%s", e);
            place->fd = begin_at(e);
        }
    }
}

/* ---- looking ---- */

static void forget(struct place *place)
{
    if (place->fd >= 0) {
        close(place->fd);
        place->fd = -1;
    }
}

/* Who is on a bus with keys counts those who come and leave without one
 * (bus.stranger); but not who does not even speak ZMTP. */
static void leave(struct place *place)
{
    static const char NO_ZMTP[] = "wakebus: is somebody there?\r\n";

    (void)send(place->fd, NO_ZMTP, strlen(NO_ZMTP), MSG_NOSIGNAL);
    forget(place);
}

/* Has he answered? Who refuses is forgotten. */
static bool listens(struct place *place)
{
    struct pollfd item = {.fd = place->fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof error;

    if (place->fd < 0 || poll(&item, 1, 0) != 1) {
        return false;
    }
    if (getsockopt(place->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0 ||
        error != 0) {
        forget(place);
        return false;
    }
    leave(place);
    return true;
}

static void report(neighbour_t *self, const char *endpoint)
{
    void (*on_done)(void *, const char *) = self->on_done;

    self->on_done = NULL;
    on_done(self->arg, endpoint);
}

/* All names get the time to be looked up: one that is known at once says
 * nothing about the others. */
static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    neighbour_t *self = arg;
    bool waits = !self->looked_up || self->count < self->names.count;

    (void)loop;
    (void)timer_id;
    for (size_t i = 0; self->on_done != NULL && i < self->count; i++) {
        if (listens(&self->places[i])) {
            report(self, self->places[i].endpoint);
        }
        waits = waits || self->places[i].fd >= 0;
    }
    if (self->on_done != NULL &&
        (!waits || clock_mono_ms() >= self->deadline_ms)) {
        report(self, NULL);
    }
    return 0;
}

/* ---- life ---- */

/* With an asterisk for its host it is everywhere on this one. */
static void set_inbox(neighbour_t *self, const char *bind)
{
    static const char ALL[] = "tcp://*:";

    if (strncmp(bind, ALL, strlen(ALL)) == 0) {
        snprintf(self->inbox, sizeof self->inbox, "tcp://127.0.0.1:%s",
                 bind + strlen(ALL));
    } else {
        snprintf(self->inbox, sizeof self->inbox, "%s", bind);
    }
}

static void set_names(neighbour_t *self, const struct settings *settings)
{
    const struct name_list *frontends = &settings->bus.frontends;

    set_inbox(self, settings->bus.bind);
    self->names.items[self->names.count++] = self->inbox;
    for (size_t i = 0; i < frontends->count; i++) {
        if (self->names.count < PROTO_LIST_MAX &&
            strcmp(frontends->items[i], self->inbox) != 0) {
            self->names.items[self->names.count++] = frontends->items[i];
        }
    }
}

neighbour_t *neighbour_new(zloop_t *loop, const struct settings *settings,
                           void (*on_done)(void *arg, const char *endpoint),
                           void *arg)
{
    neighbour_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->deadline_ms = clock_mono_ms() + PATIENCE_MS;
    self->on_done = on_done;
    self->arg = arg;
    set_names(self, settings);
    self->discovery = discovery_new(loop, &self->names, on_endpoints, self);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void neighbour_destroy(neighbour_t **self_p)
{
    neighbour_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    discovery_destroy(&self->discovery);
    for (size_t i = 0; i < self->count; i++) {
        forget(&self->places[i]);
    }
    free(self);
    *self_p = NULL;
}

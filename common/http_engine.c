/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_engine.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    TICK_MS = 100,
    EVENTS_MAX = 64, /* handled before the loop's other events get a turn */
};

struct http_engine {
    zloop_t *loop;
    int epoll_fd;
    struct http_watch waker; /* eventfd: somebody asked for a turn */
    bool woken;
    int tick;
    struct http_member *members;
};

/* ---- turns ---- */

static void on_wake(void *arg, int fd, uint32_t events)
{
    http_engine_t *self = arg;
    uint64_t count;

    (void)events;
    self->woken = read(fd, &count, sizeof count) != sizeof count;
    for (struct http_member *m = self->members; m != NULL; m = m->next) {
        if (m->awake) {
            m->awake = false;
            m->on_turn(m->arg);
        }
    }
}

void http_engine_wake(http_engine_t *self, struct http_member *member)
{
    uint64_t one = 1;

    member->awake = true;
    if (!self->woken) {
        self->woken = write(self->waker.fd, &one, sizeof one) == sizeof one;
    }
}

static int on_tick(zloop_t *loop, int timer, void *arg)
{
    const http_engine_t *self = arg;

    (void)loop;
    (void)timer;
    for (struct http_member *m = self->members; m != NULL; m = m->next) {
        m->on_tick(m->arg);
    }
    return 0;
}

void http_engine_join(http_engine_t *self, struct http_member *member)
{
    member->next = self->members;
    self->members = member;
}

void http_engine_leave(http_engine_t *self, struct http_member *member)
{
    struct http_member **at = &self->members;

    while (*at != member) {
        at = &(*at)->next;
    }
    *at = member->next;
}

/* ---- descriptors ---- */

static void control(http_engine_t *self, int operation,
                    struct http_watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};

    int done = epoll_ctl(self->epoll_fd, operation, watch->fd, &event);
    assert(done == 0);
    (void)done;
}

void http_engine_watch(http_engine_t *self, struct http_watch *watch,
                       uint32_t events)
{
    control(self, EPOLL_CTL_ADD, watch, events);
}

void http_engine_rewatch(http_engine_t *self, struct http_watch *watch,
                         uint32_t events)
{
    control(self, EPOLL_CTL_MOD, watch, events);
}

void http_engine_unwatch(http_engine_t *self, const struct http_watch *watch)
{
    /* A descriptor that its owner has closed already is gone by itself. */
    epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

/* One event at a time: handling one may end what another points to. */
static int on_events(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    http_engine_t *self = arg;
    struct epoll_event event;

    (void)loop;
    (void)item;
    for (int i = 0; i < EVENTS_MAX; i++) {
        if (epoll_wait(self->epoll_fd, &event, 1, 0) != 1) {
            break;
        }
        const struct http_watch *watch = event.data.ptr;
        watch->on_event(watch->arg, watch->fd, event.events);
    }
    return 0;
}

/* ---- life ---- */

http_engine_t *http_engine_new(zloop_t *loop)
{
    http_engine_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->loop = loop;
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    int waker = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    assert(self->epoll_fd >= 0 && waker >= 0);
    self->waker = (struct http_watch){waker, on_wake, self};
    http_engine_watch(self, &self->waker, EPOLLIN);
    zmq_pollitem_t item = {.fd = self->epoll_fd, .events = ZMQ_POLLIN};
    zloop_poller(loop, &item, on_events, self);
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void http_engine_destroy(http_engine_t **self_p)
{
    http_engine_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    assert(self->members == NULL);
    zmq_pollitem_t item = {.fd = self->epoll_fd};
    zloop_poller_end(self->loop, &item);
    zloop_timer_end(self->loop, self->tick);
    close(self->epoll_fd);
    close(self->waker.fd);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_multi.h"

#include "common/clock.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* A socket of libcurl's. */
struct wire {
    struct wire *next;
    struct http_watch watch;
    uint32_t watched; /* EPOLLIN and EPOLLOUT, as the kernel knows it … */
    uint32_t wanted;  /* … and as libcurl wants it */
};

struct http_multi {
    http_engine_t *engine;
    CURLM *curl;
    void (*on_event)(void *arg);
    void *arg;
    struct wire *wires;
    bool in_turn;
    struct http_watch timer; /* timerfd */
    int64_t armed_us;        /* when it ends; 0: it does not */
    int64_t wanted_us;       /* when libcurl wants to be called; 0: never */
    bool due;                /* libcurl wants to be called at once */
};

/* ---- sockets ---- */

static void hold_back(int fd, int on)
{
    setsockopt(fd, IPPROTO_TCP, TCP_CORK, &on, sizeof on);
}

static void begin_turn(http_multi_t *self)
{
    if (!self->in_turn) {
        self->in_turn = true;
        for (struct wire *w = self->wires; w != NULL; w = w->next) {
            hold_back(w->watch.fd, 1);
        }
    }
}

static void on_wire(void *arg, int fd, uint32_t events)
{
    http_multi_t *self = arg;
    int what = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
               ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
               ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    int running;

    begin_turn(self);
    curl_multi_socket_action(self->curl, fd, what, &running);
    self->on_event(self->arg);
}

static void add_wire(http_multi_t *self, int fd, uint32_t events)
{
    struct wire *wire = calloc(1, sizeof *wire);

    assert(wire != NULL);
    *wire = (struct wire){.next = self->wires,
                          .watch = {fd, on_wire, self},
                          .watched = events,
                          .wanted = events};
    self->wires = wire;
    curl_multi_assign(self->curl, fd, wire);
    http_engine_watch(self->engine, &wire->watch, events);
    if (self->in_turn) {
        hold_back(fd, 1);
    }
}

static void drop_wire(http_multi_t *self, struct wire *wire)
{
    struct wire **at = &self->wires;

    while (*at != wire) {
        at = &(*at)->next;
    }
    *at = wire->next;
    hold_back(wire->watch.fd, 0); /* it may only be idle, not closed */
    curl_multi_assign(self->curl, wire->watch.fd, NULL);
    http_engine_unwatch(self->engine, &wire->watch);
    free(wire);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *multi_arg,
                     void *wire_arg)
{
    http_multi_t *self = multi_arg;
    struct wire *wire = wire_arg;
    uint32_t events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
                      ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);

    (void)easy;
    if (what != CURL_POLL_REMOVE && wire == NULL) {
        add_wire(self, fd, events);
    } else if (what != CURL_POLL_REMOVE) {
        wire->wanted = events;
    } else if (wire != NULL) {
        drop_wire(self, wire);
    }
    return 0;
}

/* ---- the timer ---- */

static void arm(http_multi_t *self, int64_t in_us)
{
    const struct itimerspec when = {
        .it_value = {.tv_sec = in_us / 1000000,
                     .tv_nsec = in_us % 1000000 * 1000}};

    timerfd_settime(self->timer.fd, 0, &when, NULL);
    self->armed_us = clock_mono_us() + in_us;
}

static int on_timer(CURLM *curl, long timeout_ms, void *arg)
{
    http_multi_t *self = arg;

    (void)curl;
    /* "At once" is by far the most frequent, and a kernel timer for it costs a
     * third of the throughput. */
    self->due = timeout_ms == 0;
    self->wanted_us =
        timeout_ms > 0 ? clock_mono_us() + (int64_t)timeout_ms * 1000 : 0;
    return 0;
}

static void on_timer_event(void *arg, int fd, uint32_t events)
{
    http_multi_t *self = arg;
    uint64_t count;

    (void)events;
    if (read(fd, &count, sizeof count) <= 0) {
        return;
    }
    self->armed_us = 0;
    if (self->wanted_us != 0 && self->wanted_us <= clock_mono_us()) {
        self->due = true;
    }
    self->on_event(self->arg);
}

/* One that ends too early is left: it is moved when it ends, which is seldom,
 * and not with each request. */
static void settle_timer(http_multi_t *self)
{
    int64_t in_us = self->wanted_us - clock_mono_us();

    if (self->wanted_us != 0 &&
        (self->armed_us == 0 || self->armed_us > self->wanted_us)) {
        arm(self, in_us > 0 ? in_us : 1);
    }
}

/* ---- turns ---- */

void http_multi_end(http_multi_t *self)
{
    if (!self->in_turn) {
        return;
    }
    self->in_turn = false;
    for (struct wire *w = self->wires; w != NULL; w = w->next) {
        hold_back(w->watch.fd, 0);
        if (w->watched != w->wanted) {
            w->watched = w->wanted;
            http_engine_rewatch(self->engine, &w->watch, w->watched);
        }
    }
    settle_timer(self);
}

bool http_multi_is_due(const http_multi_t *self)
{
    return self->due;
}

void http_multi_run(http_multi_t *self)
{
    int running;

    begin_turn(self);
    if (self->due) {
        self->due = false;
        curl_multi_socket_action(self->curl, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

/* ---- life ---- */

CURLM *http_multi_curl(http_multi_t *self)
{
    return self->curl;
}

http_multi_t *http_multi_new(http_engine_t *engine, void (*on_event)(void *arg),
                             void *arg)
{
    http_multi_t *self = calloc(1, sizeof *self);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);

    assert(self != NULL && timer >= 0);
    self->engine = engine;
    self->on_event = on_event;
    self->arg = arg;
    self->curl = curl_multi_init();
    assert(self->curl != NULL);
    curl_multi_setopt(self->curl, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(self->curl, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt(self->curl, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(self->curl, CURLMOPT_TIMERDATA, self);
    self->timer = (struct http_watch){timer, on_timer_event, self};
    http_engine_watch(engine, &self->timer, EPOLLIN);
    return self;
}

void http_multi_destroy(http_multi_t **self_p)
{
    http_multi_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    curl_multi_cleanup(self->curl);
    http_engine_unwatch(self->engine, &self->timer);
    close(self->timer.fd);
    free(self);
    *self_p = NULL;
}

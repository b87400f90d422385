/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_ENGINE_H
#define COMMON_HTTP_ENGINE_H

/* Between the loop and the HTTP clients of a process. A zloop builds its list
 * of descriptors anew at each change and is at its best with a few; libcurl
 * changes what it waits for several times in each request. So all descriptors
 * of all clients are in one epoll, which is one descriptor to the loop. */

#include <czmq.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct http_engine http_engine_t;

/* Never NULL. */
http_engine_t *http_engine_new(zloop_t *loop);
/* All clients must have been destroyed. */
void http_engine_destroy(http_engine_t **self_p);

/* ---- for http_client.c ---- */

/* A descriptor that is waited for. Its owner keeps it; it may end it, and
 * others, from any handler. */
struct http_watch {
    int fd;
    void (*on_event)(void *arg, int fd, uint32_t events); /* EPOLL… bits */
    void *arg;
};

void http_engine_watch(http_engine_t *self, struct http_watch *watch,
                       uint32_t events);
void http_engine_rewatch(http_engine_t *self, struct http_watch *watch,
                         uint32_t events);
void http_engine_unwatch(http_engine_t *self, const struct http_watch *watch);

/* A client: called soon after it asked for it, and ten times a second. */
struct http_member {
    void (*on_turn)(void *arg);
    void (*on_tick)(void *arg);
    void *arg;
    bool awake; /* asked for a turn */
    struct http_member *next;
};

void http_engine_join(http_engine_t *self, struct http_member *member);
void http_engine_leave(http_engine_t *self, struct http_member *member);

/* Ask for a turn, from anywhere; many calls make one turn. */
void http_engine_wake(http_engine_t *self, struct http_member *member);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_H
#define COMMON_BUS_H

/* ZeroMQ sockets as the bus needs them; the only place that makes any.
 * ZeroMQ's defaults block the loop when a peer is slow, drop what is queued at
 * exit and take messages of any length: see bus.c for what is set and why. */

#include <czmq.h>
#include <stddef.h>

/* Bind a PULL at `endpoint`, which may leave the port open ("tcp://…:*"); the
 * real one is in zsock_endpoint. NULL with errno set when it cannot. */
zsock_t *bus_bind_pull(const char *endpoint);

/* A PUSH that connects to `endpoint` now and whenever it can. NULL when the
 * endpoint makes no sense. */
zsock_t *bus_connect_push(const char *endpoint);

/* Returns 0 when ZeroMQ has taken the frame, -1 when its queue is full. */
int bus_send(zsock_t *push, const char *frame);

/* Read what has arrived, at most 64 frames, so that other events get a turn.
 * Messages of several frames are refused with a line in the log. */
void bus_drain(zsock_t *pull, void (*on_frame)(void *arg, const void *frame,
                                               size_t size),
               void *arg);

/* Watch a socket's connection. `on_change` is called from the loop with true
 * when the peer can be reached and false when it no longer can. */
typedef struct bus_watch bus_watch_t;
bus_watch_t *bus_watch_new(zloop_t *loop, zsock_t *socket,
                           void (*on_change)(void *arg, bool up), void *arg);
/* Must come before the socket's own destruction. */
void bus_watch_destroy(bus_watch_t **self_p);

#endif

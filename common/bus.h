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

/* Read what has arrived, at most 64 frames, so that other events get a turn.
 * Messages of several frames are refused with a line in the log. */
void bus_drain(zsock_t *pull,
               void (*on_frame)(void *arg, const void *frame, size_t size),
               void *arg);

/* A PUSH that connects to `endpoint` now, and again whenever it was lost.
 * `on_change` is called from the loop with true when the peer can be reached
 * and with false when it no longer can; it may destroy the pipe. NULL when the
 * endpoint makes no sense. */
typedef struct bus_pipe bus_pipe_t;
bus_pipe_t *bus_pipe_new(zloop_t *loop, const char *endpoint,
                         void (*on_change)(void *arg, bool up), void *arg);

/* What was sent and is still queued goes out, or is discarded. */
void bus_pipe_destroy(bus_pipe_t **self_p);
void bus_pipe_discard(bus_pipe_t **self_p);

/* Returns 0 when ZeroMQ has taken the frame, -1 when its queue is full. */
int bus_pipe_send(bus_pipe_t *self, const char *frame);

#endif

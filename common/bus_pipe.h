/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_PIPE_H
#define COMMON_BUS_PIPE_H

/* A PUSH with one peer, of which we know whether it can be reached. */

#include "common/bus.h"

typedef struct bus_pipe bus_pipe_t;

/* Connects to `endpoint` now, and again whenever it was lost. On a bus with
 * keys the peer must have the key `server_key`, which is copied; with NULL, any
 * key of a frontend, and they are tried in turn. `on_change` is called from
 * the loop with true when the peer can be reached and with false when it no
 * longer can; it may destroy the pipe. NULL with errno set when the
 * endpoint makes no sense, or, EMFILE, when there is no descriptor left. */
bus_pipe_t *bus_pipe_new(bus_t *bus, const char *endpoint,
                         const char *server_key,
                         void (*on_change)(void *arg, bool up), void *arg);

/* What was sent and is still queued goes out, or is discarded. */
void bus_pipe_destroy(bus_pipe_t **self_p);
void bus_pipe_discard(bus_pipe_t **self_p);

/* How far its connection has come by now. */
enum bus_reach {
    BUS_ABSENT,  /* nobody listens there */
    BUS_SILENT,  /* somebody does, and does not speak as our processes do */
    BUS_REFUSED, /* the keys do not fit: see bus_pipe_refusal */
    BUS_OPEN,    /* the peer can be reached */
};
enum bus_reach bus_pipe_reach(const bus_pipe_t *self);

/* Why the peer did not let us in when it was last tried, or NULL: it did, or
 * was not reached. */
const char *bus_pipe_refusal(const bus_pipe_t *self);

/* Returns 0 when ZeroMQ has taken the frame, -1 when its queue is full. */
int bus_pipe_send(bus_pipe_t *self, const char *frame);

#endif

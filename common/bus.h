/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_H
#define COMMON_BUS_H

/* What all sockets of the bus have in common; bus_pull.h and bus_pipe.h are
 * the two kinds, bus_greeting.h helps the latter, and nobody else makes any.
 * ZeroMQ's defaults block the loop when a peer is slow, drop what is queued at
 * exit and take messages of any length: see bus.c for what is set and why.
 *
 * With keys every socket speaks CURVE, whatever its endpoint, and lets in only
 * who is authorized for it. Without, the bus is open to whoever reaches its
 * endpoints, which must then be on this host. */

#include "common/keyring.h"
#include "common/metrics.h"
#include "proto/codec.h"
#include <czmq.h>
#include <stddef.h>

typedef struct bus bus_t;

/* `keys` may be NULL: an open bus. They must live as long. Never NULL. */
bus_t *bus_new(zloop_t *loop, keyring_t *keys);
/* All its sockets must have been destroyed. */
void bus_destroy(bus_t **self_p);

/* A message, and who sent it. */
struct bus_frame {
    const void *data;
    size_t size;
    const char *key;  /* the sender's public key, or NULL on an open bus … */
    const char *role; /* … and the role that it is authorized for */
};

/* Say in the log, but not ten thousand times, that a frame was refused. `type`
 * is its message's, or NULL. */
void bus_refuse(bus_t *self, const struct bus_frame *frame, const char *type,
                const struct proto_err *err);

/* Whom and what it has refused. */
void bus_metrics(const bus_t *self, metrics_t *page);

/* ---- for the two kinds of sockets ---- */

/* These are ZeroMQ's own sockets, not CZMQ's: a peer may have used up all our
 * descriptors when one is to be made, and CZMQ would end the process then. */

/* With our options and our key. NULL with errno set when there is no
 * descriptor left. */
void *bus_socket_new(const bus_t *self, int type);
/* Null-safe; sets the pointer to NULL. */
void bus_socket_close(void **socket_p);

/* Read from a socket in the loop, until it is no longer wanted. */
void bus_watch(bus_t *self, void *socket, zloop_fn *handler, void *arg);
void bus_unwatch(bus_t *self, void *socket);

/* Where ZeroMQ tells of these events of a socket that is not yet bound or
 * connected. NULL with errno set when there is no descriptor left. */
void *bus_monitor(void *socket, int events);
/* Returns 0 with the number of the next event, or -1 when there is none. */
int bus_monitor_next(void *monitor, uint16_t *event);

zloop_t *bus_loop(const bus_t *self);
keyring_t *bus_keys(const bus_t *self); /* NULL: an open bus */

/* Somebody without a key of ours wanted to connect: count it, and say it in
 * the log, but not ten thousand times. */
void bus_refuse_stranger(bus_t *self);

/* Shall a line about this fault be written now? Returns how many times it has
 * happened since the last one, or 0: not yet. */
int64_t bus_note(bus_t *self, const char *fault);

/* The same for what comes and goes (repeats.h). */
int64_t bus_note_change(bus_t *self, const char *change);

#endif

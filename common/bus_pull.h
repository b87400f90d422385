/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_PULL_H
#define COMMON_BUS_PULL_H

/* A PULL that many peers may send to: a frontend's inbox, a worker's jobs. */

#include "common/bus.h"
#include "common/zap.h"

typedef struct bus_pull bus_pull_t;

struct bus_pull_events {
    /* Valid in the call. Messages of several frames, and those of senders
     * whose key was taken away since they came in, are refused with a line in
     * the log. */
    void (*on_frame)(void *arg, const struct bus_frame *frame);
    /* All that came in one go, at most 64 frames, was given; it may destroy
     * the pull. */
    void (*on_batch_end)(void *arg);
    void *arg;
};

/* Bind at `endpoint`, which may leave the port open ("tcp://…:*"). On a bus
 * with keys only those whose role `domain` names (see zap.h) can connect. NULL
 * with errno set when it cannot bind; EMFILE: there is no descriptor left. */
bus_pull_t *bus_pull_new(bus_t *bus, const char *endpoint, const char *domain,
                         const struct bus_pull_events *events);
void bus_pull_destroy(bus_pull_t **self_p);

/* Where it is bound, with the port; `size` 256 is enough. */
void bus_pull_endpoint(const bus_pull_t *self, char *out, size_t size);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DISPATCH_STATE_H
#define XMPP_FRONTEND_DISPATCH_STATE_H

/* What dispatch knows, for dispatch.c, dispatch_inbox.c and dispatch_peers.c
 * only. */

#include "common/bus_pipe.h"
#include "common/bus_pull.h"
#include "proto/worker.h"
#include "services/xmpp-frontend/dispatch.h"
#include "services/xmpp-frontend/worker_tally.h"

enum {
    PEERS_MAX = 150, /* at five descriptors each; libstrophe's select() and
                        so the whole process must stay below 1024 */
};

struct dispatch {
    zloop_t *loop;
    const struct settings *settings;
    struct needs needs;
    ledger_t *ledger;
    struct dispatch_events events;
    bus_t *bus;
    bus_pull_t *inbox;
    zhashx_t *peers; /* struct peer * by the worker's id */
    int timer;
    int64_t ticked_ms;  /* when on_tick ran last */
    int64_t lenient_ms; /* until then nobody is lost for being silent */
    struct worker_tally tally;
    size_t missing; /* results, since the log told of them */
};

/* A worker as the bus sees it. */
struct peer {
    dispatch_t *dispatch;
    char *id;
    char *role;
    char *key; /* its public key; NULL on an open bus */
    bus_pipe_t *jobs;
    ledger_worker_t *worker; /* its account in the ledger */
    bool is_operator;        /* wakebusctl, which does no jobs */
    bool told;               /* the log tells of it, not only at debug */
    bool finished;           /* fin was sent: nothing may follow it */
    int64_t joined_ms;
    int64_t closed_ms; /* when it closed its pipe after that, or 0 */
};

/* ---- dispatch_peers.c ---- */

/* A peer for who says hello in this frame, or NULL when it cannot be had: the
 * reason is in the log. */
struct peer *peer_new(dispatch_t *self, const struct hello *hello,
                      const struct bus_frame *frame);

/* For zhashx_set_destructor. */
void peer_destroy(struct peer **peer_p);

/* It is gone, because of `why`: others do what it had. */
void peer_lose(struct peer *peer, const char *why);

/* Tell it that it gets no more jobs, on the pipe that they came by. */
void peer_let_go(struct peer *peer);

/* ---- dispatch_inbox.c ---- */

/* Returns 0, or -1: the reason is in the log. */
int dispatch_bind(dispatch_t *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_WORKER_STATE_H
#define COMMON_WORKER_STATE_H

/* What a worker knows, for worker.c and worker_link.c only. */

#include "common/bus_pipe.h"
#include "common/bus_pull.h"
#include "common/discovery.h"
#include "common/worker.h"

struct worker {
    zloop_t *loop;
    struct worker_conf conf;
    char id[17];     /* hex, new with each start */
    unsigned serial; /* of the next link */
    int timer;       /* of hello and bye */
    bus_t *bus;
    discovery_t *discovery; /* finds the frontends */
    zlistx_t *links;        /* struct worker_link *, one a frontend */
    worker_job_fn *on_job;
    void *arg;                     /* of on_job */
    uint64_t taken;                /* jobs so far */
    bool draining;                 /* worker_drain was called */
    void (*on_drained)(void *arg); /* NULL once called */
    void *drained_arg;
};

/* The pair of pipes with one frontend. */
struct worker_link {
    worker_t *worker;
    char *endpoint;     /* the frontend's inbox */
    char *jobs_address; /* what it is told to connect to */
    bus_pipe_t *inbox;  /* hello, bye, results */
    bus_pull_t *jobs;
    bool up;            /* the inbox can be reached */
    bool told_up;       /* and the log says so, not only at debug */
    bool leaving;       /* says bye in place of hello */
    bool finished;      /* the fin has come */
    int64_t hello_ms;   /* when it was said last */
    int64_t leaving_ms; /* since when; later if it came up since */
    bool reading;       /* inside a batch: must not be destroyed */
    size_t open_jobs;   /* not yet answered */
};

/* NULL when there is no way now, which the log says. */
struct worker_link *worker_link_new(worker_t *worker, const char *endpoint);
/* What is queued still goes out. */
void worker_link_destroy(struct worker_link **self_p);

/* Takes `frame`, which is not NULL. */
void worker_link_say(struct worker_link *self, char *frame);

/* Or bye, once it leaves. */
void worker_link_say_hello(struct worker_link *self);

/* Nothing new goes there any more. */
void worker_link_leave(struct worker_link *self);

/* One that leaves ends when nothing more can come and nothing is owed. */
void worker_link_end_if_done(struct worker_link *self);

/* Can the frontend be told something that it did not ask for? */
bool worker_link_takes_news(const struct worker_link *self);

/* Of worker.c: the link has ended. Destroys it. */
void worker_remove(worker_t *self, struct worker_link *link);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_WORKER_H
#define COMMON_WORKER_H

/* A worker's side of the bus: what the registry and all senders share.
 *
 * With every frontend the worker has one pair of pipes: it connects a PUSH to
 * the frontend's inbox and binds a PULL of its own for jobs. It says hello
 * once a second, hands the jobs to its handler, and at the end says bye and
 * waits for the frontend's fin, the last message on the pipe. */

#include "common/keyring.h"
#include "common/metrics.h"
#include "proto/codec.h"
#include <czmq.h>

typedef struct worker worker_t;

/* One job that was taken and not yet answered. */
typedef struct job job_t;

/* Called for each job. `m` is valid only during the call. The handler owns
 * `job` and must answer it exactly once, now or later. */
typedef void worker_job_fn(void *arg, job_t *job, const struct msg *m);

struct worker_conf {
    const char *role;                  /* for hello, e.g. "registry" */
    int64_t credit;                    /* jobs at once, over all frontends */
    struct name_list apps;             /* senders: the apps they serve */
    const struct name_list *frontends; /* inboxes: "tcp://frontend:5750" */
    const char *advertise;             /* own address for jobs, or "auto" */
    keyring_t *keys;                   /* NULL: all are on this host */
};

/* `conf` is read now and not kept, its strings are. Never NULL. Frontends that
 * cannot be reached yet are tried for ever; names are resolved again and
 * again, and every address that a name has is a frontend. */
worker_t *worker_new(zloop_t *loop, const struct worker_conf *conf,
                     worker_job_fn *on_job, void *arg);
/* Jobs that are still open must have been answered. */
void worker_destroy(worker_t **self_p);

/* Leave: say bye, take what comes before the fin, and call `on_drained` once
 * when every frontend has said fin (or cannot be reached) and the last job is
 * answered. */
void worker_drain(worker_t *self, void (*on_drained)(void *arg), void *arg);

/* From now on it takes so many jobs at once; the frontends are told. */
void worker_set_credit(worker_t *self, int64_t credit);

/* From now on it serves these; the frontends are told. Strings as with
 * worker_new. */
void worker_set_apps(worker_t *self, const struct name_list *apps);

/* Say something to one of the frontends, to each in turn. `frame` is freed
 * here. Returns 0, or -1 when none can be reached now. */
int worker_tell(worker_t *self, char *frame);

/* One of them, that is known from bus.frontends. */
struct worker_frontend {
    const char *endpoint; /* of its inbox; valid until the loop goes on */
    bool up;              /* it can be told something now */
    const char *refusal;  /* why it did not let us in, or NULL; a constant */
};

/* At most `max` of them, in no order. Returns how many there are. */
size_t worker_frontends(const worker_t *self, struct worker_frontend *out,
                        size_t max);

/* Say something to this frontend, which will then know the worker, however long
 * its loop has not run. `frame` is freed here. Returns 0, or -1 when it cannot
 * be reached now. */
int worker_tell_to(worker_t *self, const char *endpoint, char *frame);

/* Can any frontend be told something now? */
bool worker_is_linked(const worker_t *self);

/* Its frontends, and what it has to do for them. */
void worker_metrics(const worker_t *self, metrics_t *page);

/* The id by which frontends know this worker. */
const char *worker_id(const worker_t *self);

/* The id of the job's message: use it in logs. */
const char *job_id(const job_t *job);

/* What the worker's handler is called with. */
void *job_owner(const job_t *job);

/* Answer and let go. `frame` is a result encoded with job_id(), never NULL;
 * it is freed here. */
void job_answer(job_t **job_p, char *frame);

/* Let go without an answer: for a message of a type that this worker does not
 * know, which no frontend of this version sends. */
void job_drop(job_t **job_p);

#endif

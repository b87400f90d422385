/* SPDX-License-Identifier: BSD-3-Clause */
/* One frontend of a worker: what it is told, the jobs it gives, and the end. */
#include "common/worker_state.h"

#include "common/clock.h"
#include "common/job_pipe.h"
#include "common/log.h"
#include "proto/worker.h"
#include <assert.h>
#include <string.h>

enum {
    FIN_MS = 3000, /* a frontend that has just come knows nothing of us, and
                      never says fin */
};

struct job {
    struct worker_link *link;
    char id[PROTO_ID_MAX + 1];
};

/* ---- telling ---- */

/* Whatever the worker says is made of its own valid strings, or of settings
 * with bounds: it can always be encoded. */
void worker_link_say(struct worker_link *link, char *frame)
{
    int64_t times;

    assert(frame);
    if (bus_pipe_send(link->inbox, frame) != 0 &&
        (times = bus_note(link->worker->bus, "queue full")) > 0) {
        log_warn("bus.queue_full", TEXT("frontend", link->endpoint),
                 TIMES(times),
                 TEXT("remedy", "the frontend does not read: see whether it "
                                "hangs, and its log"));
    }
    free(frame);
}

void worker_link_say_hello(struct worker_link *link)
{
    worker_t *worker = link->worker;
    struct proto_err err;

    if (!link->up || link->finished) {
        return;
    }
    link->hello_ms = clock_mono_ms();
    if (link->leaving) {
        struct bye bye = {worker->id};
        worker_link_say(link, bye_encode(&bye, worker->id, &err));
        return;
    }
    int64_t share = worker->conf.credit / (int64_t)zlistx_size(worker->links);
    struct hello hello = {.role = worker->conf.role,
                          .worker = worker->id,
                          .jobs = link->jobs_address,
                          .credit = share > 0 ? share : 1,
                          .apps = worker->conf.apps};
    worker_link_say(link, hello_encode(&hello, worker->id, &err));
}

bool worker_link_takes_news(const struct worker_link *link)
{
    return link->up && !link->leaving;
}

/* ---- the end ---- */

void worker_link_leave(struct worker_link *link)
{
    if (!link->leaving) {
        link->leaving = true;
        link->leaving_ms = clock_mono_ms();
    }
}

/* A link that leaves ends when nothing more can come and nothing is owed. */
void worker_link_end_if_done(struct worker_link *link)
{
    worker_t *worker = link->worker;

    if (!link->leaving || link->reading || link->open_jobs > 0 ||
        (link->up && !link->finished &&
         clock_mono_ms() - link->leaving_ms < FIN_MS)) {
        return;
    }
    worker_remove(worker, link);
}

/* ---- it comes and goes ---- */

static void report_change(struct worker_link *link)
{
    if (link->up) {
        int64_t times = bus_note_change(link->worker->bus, link->endpoint);
        link->told_up = times > 0;
        LOG_AT(link->told_up ? LEVEL_INFO : LEVEL_DEBUG, "frontend.up",
               TEXT("frontend", link->endpoint), TIMES(times));
    } else {
        LOG_AT(link->told_up ? LEVEL_WARN : LEVEL_DEBUG, "frontend.down",
               TEXT("frontend", link->endpoint),
               NUM("open_jobs", link->open_jobs));
    }
}

static void on_link_change(void *arg, bool up)
{
    struct worker_link *link = arg;

    if (up == link->up) {
        return;
    }
    link->up = up;
    link->leaving_ms = clock_mono_ms();
    report_change(link);
    if (up) {
        worker_link_say_hello(link);
    } else {
        worker_link_end_if_done(link);
    }
}

/* ---- jobs ---- */

static void take_job(struct worker_link *link, const struct msg *m)
{
    job_t *job = zmalloc(sizeof *job);

    assert(job);
    job->link = link;
    snprintf(job->id, sizeof job->id, "%s", m->id);
    link->open_jobs++;
    link->worker->taken++;
    link->worker->on_job(link->worker->arg, job, m);
}

static void on_frame(void *arg, const struct bus_frame *frame)
{
    struct worker_link *link = arg;
    struct proto_err err;
    struct msg m;

    link->reading = true; /* a handler may answer its job at once */
    if (msg_open(&m, frame->data, frame->size, &err) != 0) {
        bus_refuse(link->worker->bus, frame, NULL, &err);
        return;
    }
    if (msg_is(&m, FIN)) {
        link->finished = link->leaving;
    } else {
        take_job(link, &m);
    }
    msg_close(&m);
}

static void on_batch_end(void *arg)
{
    struct worker_link *link = arg;

    link->reading = false;
    worker_link_end_if_done(link);
}

const char *job_id(const job_t *job)
{
    return job->id;
}

void *job_owner(const job_t *job)
{
    return job->link->worker->arg;
}

void job_answer(job_t **job_p, char *frame)
{
    worker_link_say((*job_p)->link, frame);
    job_drop(job_p);
}

void job_drop(job_t **job_p)
{
    struct worker_link *link = (*job_p)->link;

    link->open_jobs--;
    free(*job_p);
    *job_p = NULL;
    worker_link_end_if_done(link);
}

/* ---- life ---- */

/* Returns 0, or -1 when there is no way now. */
static int bind_jobs(struct worker_link *link)
{
    const worker_t *worker = link->worker;
    const struct bus_pull_events events = {on_frame, on_batch_end, link};
    const struct job_pipe_place place = {link->endpoint, worker->conf.advertise,
                                         worker->conf.keys != NULL, worker->id,
                                         worker->serial};

    link->jobs =
        job_pipe_bind(worker->bus, &place, &events, &link->jobs_address);
    return link->jobs != NULL ? 0 : -1;
}

static void report_unreachable(worker_t *self, const char *endpoint)
{
    const char *why = strerror(errno);
    char fault[300];

    snprintf(fault, sizeof fault, "unreachable %s", endpoint);
    int64_t times = bus_note(self->bus, fault);
    if (times > 0) {
        log_warn("frontend.unreachable", TEXT("frontend", endpoint),
                 TEXT("why", why), TIMES(times),
                 TEXT("remedy", "check bus.frontends and bus.advertise; it is "
                                "tried again"));
    }
}

struct worker_link *worker_link_new(worker_t *worker, const char *endpoint)
{
    struct worker_link *link = zmalloc(sizeof *link);

    assert(link);
    link->worker = worker;
    link->endpoint = strdup(endpoint);
    worker->serial++;
    if (bind_jobs(link) != 0 ||
        (link->inbox = bus_pipe_new(worker->bus, endpoint, NULL, on_link_change,
                                    link)) == NULL) {
        report_unreachable(worker, endpoint);
        worker_link_destroy(&link);
        return NULL;
    }
    log_debug("frontend.found", TEXT("frontend", endpoint),
              TEXT("jobs", link->jobs_address));
    return link;
}

void worker_link_destroy(struct worker_link **link_p)
{
    struct worker_link *link = *link_p;

    bus_pull_destroy(&link->jobs);
    bus_pipe_destroy(&link->inbox); /* what is queued still goes out */
    free(link->jobs_address);
    free(link->endpoint);
    free(link);
    *link_p = NULL;
}

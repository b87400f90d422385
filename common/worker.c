/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/worker.h"

#include "common/backoff.h"
#include "common/bus_pipe.h"
#include "common/clock.h"
#include "common/discovery.h"
#include "common/job_pipe.h"
#include "common/log.h"
#include "proto/worker.h"
#include <assert.h>
#include <string.h>

enum {
    HELLO_MS = 1000,
    FIN_MS = 3000, /* a frontend that has just come knows nothing of us, and
                      never says fin */
};

struct worker {
    zloop_t *loop;
    struct worker_conf conf;
    char id[17];     /* hex, new with each start */
    unsigned serial; /* of the next link */
    int timer;       /* of hello and bye */
    bus_t *bus;
    discovery_t *discovery; /* finds the frontends */
    zlistx_t *links;        /* struct link *, one a frontend */
    worker_job_fn *on_job;
    void *arg;                     /* of on_job */
    uint64_t taken;                /* jobs so far */
    bool draining;                 /* worker_drain was called */
    void (*on_drained)(void *arg); /* NULL once called */
    void *drained_arg;
};

/* The pair of pipes with one frontend. */
struct link {
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

struct job {
    struct link *link;
    char id[PROTO_ID_MAX + 1];
};

/* ---- one link ---- */

static void on_frame(void *arg, const struct bus_frame *frame);
static void on_batch_end(void *arg);

/* Returns 0, or -1 when there is no way now. */
static int bind_jobs(struct link *link)
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

/* Whatever the worker says is made of its own valid strings, or of settings
 * with bounds: it can always be encoded. */
static void say(struct link *link, char *frame)
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

static void say_hello_or_bye(struct link *link)
{
    worker_t *worker = link->worker;
    struct proto_err err;

    if (!link->up || link->finished) {
        return;
    }
    link->hello_ms = clock_mono_ms();
    if (link->leaving) {
        struct bye bye = {worker->id};
        say(link, bye_encode(&bye, worker->id, &err));
        return;
    }
    int64_t share = worker->conf.credit / (int64_t)zlistx_size(worker->links);
    struct hello hello = {.role = worker->conf.role,
                          .worker = worker->id,
                          .jobs = link->jobs_address,
                          .credit = share > 0 ? share : 1,
                          .apps = worker->conf.apps};
    say(link, hello_encode(&hello, worker->id, &err));
}

static void link_destroy(struct link **link_p)
{
    struct link *link = *link_p;

    bus_pull_destroy(&link->jobs);
    bus_pipe_destroy(&link->inbox); /* what is queued still goes out */
    free(link->jobs_address);
    free(link->endpoint);
    free(link);
    *link_p = NULL;
}

static void report_if_drained(worker_t *self)
{
    if (self->draining && zlistx_size(self->links) == 0 &&
        self->on_drained != NULL) {
        void (*on_drained)(void *) = self->on_drained;
        self->on_drained = NULL;
        on_drained(self->drained_arg);
    }
}

/* A link that leaves ends when nothing more can come and nothing is owed. */
static void end_if_done(struct link *link)
{
    worker_t *worker = link->worker;

    if (!link->leaving || link->reading || link->open_jobs > 0 ||
        (link->up && !link->finished &&
         clock_mono_ms() - link->leaving_ms < FIN_MS)) {
        return;
    }
    zlistx_delete(worker->links, zlistx_find(worker->links, link));
    report_if_drained(worker);
}

static void report_change(struct link *link)
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
    struct link *link = arg;

    if (up == link->up) {
        return;
    }
    link->up = up;
    link->leaving_ms = clock_mono_ms();
    report_change(link);
    if (up) {
        say_hello_or_bye(link);
    } else {
        end_if_done(link);
    }
}

/* ---- jobs ---- */

static void take_job(struct link *link, const struct msg *m)
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
    struct link *link = arg;
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
    struct link *link = arg;

    link->reading = false;
    end_if_done(link);
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
    say((*job_p)->link, frame);
    job_drop(job_p);
}

void job_drop(job_t **job_p)
{
    struct link *link = (*job_p)->link;

    link->open_jobs--;
    free(*job_p);
    *job_p = NULL;
    end_if_done(link);
}

/* ---- all links ---- */

static bool takes_news(const struct link *link)
{
    return link->up && !link->leaving;
}

/* Leaves the list's cursor there. */
static struct link *next_to_tell(const worker_t *self)
{
    struct link *link = zlistx_first(self->links);

    while (link != NULL && !takes_news(link)) {
        link = zlistx_next(self->links);
    }
    return link;
}

bool worker_is_linked(const worker_t *self)
{
    return next_to_tell(self) != NULL;
}

static const struct metric FRONTENDS = {
    "wakebus_worker_frontends",
    METRIC_GAUGE,
    "Frontends that can be told something now.",
    {NULL}};
static const struct metric CREDIT = {
    "wakebus_worker_own_credit",
    METRIC_GAUGE,
    "Jobs that this worker takes at once, over all frontends.",
    {NULL}};
static const struct metric OPEN_JOBS = {
    "wakebus_worker_open_jobs",
    METRIC_GAUGE,
    "Jobs that this worker has and has not answered.",
    {NULL}};
static const struct metric TAKEN = {"wakebus_worker_jobs_taken_total",
                                    METRIC_COUNTER,
                                    "Jobs that this worker was given.",
                                    {NULL}};

void worker_metrics(const worker_t *self, metrics_t *page)
{
    size_t frontends = 0;
    size_t open_jobs = 0;

    for (const struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        frontends += takes_news(link) ? 1 : 0;
        open_jobs += link->open_jobs;
    }
    metrics_add(page, &FRONTENDS, NULL, (double)frontends);
    metrics_add(page, &CREDIT, NULL, (double)self->conf.credit);
    metrics_add(page, &OPEN_JOBS, NULL, (double)open_jobs);
    metrics_add(page, &TAKEN, NULL, (double)self->taken);
    bus_metrics(self->bus, page);
}

const char *worker_id(const worker_t *self)
{
    return self->id;
}

/* The list's own order is the order of turns: who was told goes to its end. */
int worker_tell(worker_t *self, char *frame)
{
    struct link *link = next_to_tell(self);

    if (link == NULL) {
        free(frame);
        return -1;
    }
    zlistx_move_end(self->links, zlistx_cursor(self->links));
    say(link, frame);
    return 0;
}

static struct link *find_link(const worker_t *self, const char *endpoint)
{
    for (struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        if (strcmp(link->endpoint, endpoint) == 0) {
            return link;
        }
    }
    return NULL;
}

size_t worker_frontends(const worker_t *self, struct worker_frontend *out,
                        size_t max)
{
    size_t count = 0;

    for (const struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        if (count < max) {
            out[count] =
                (struct worker_frontend){link->endpoint, takes_news(link),
                                         bus_pipe_refusal(link->inbox)};
        }
        count++;
    }
    return count;
}

int worker_tell_to(worker_t *self, const char *endpoint, char *frame)
{
    struct link *link = find_link(self, endpoint);

    if (link == NULL || !takes_news(link)) {
        free(frame);
        return -1;
    }
    if (clock_mono_ms() - link->hello_ms >= HELLO_MS) {
        say_hello_or_bye(link);
    }
    say(link, frame);
    return 0;
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

static void open_link(worker_t *self, const char *endpoint)
{
    struct link *link = zmalloc(sizeof *link);

    assert(link);
    link->worker = self;
    link->endpoint = strdup(endpoint);
    self->serial++;
    if (bind_jobs(link) != 0 ||
        (link->inbox = bus_pipe_new(self->bus, endpoint, NULL, on_link_change,
                                    link)) == NULL) {
        report_unreachable(self, endpoint);
        link_destroy(&link);
        return;
    }
    zlistx_add_end(self->links, link);
    log_debug("frontend.found", TEXT("frontend", endpoint),
              TEXT("jobs", link->jobs_address));
}

static void leave(struct link *link)
{
    if (!link->leaving) {
        link->leaving = true;
        link->leaving_ms = clock_mono_ms();
    }
}

static void on_endpoints(void *arg, const zlistx_t *found)
{
    worker_t *self = arg;
    zlistx_t *endpoints = (zlistx_t *)(uintptr_t)found; /* a cursor moves */

    if (self->draining) {
        return;
    }
    for (const char *e = zlistx_first(endpoints); e != NULL;
         e = zlistx_next(endpoints)) {
        struct link *link = find_link(self, e);
        if (link == NULL) {
            open_link(self, e);
        } else if (link->leaving && !link->finished) {
            link->leaving = false; /* it came back before we had left */
        }
    }
    for (struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        if (zlistx_find(endpoints, link->endpoint) == NULL) {
            leave(link);
        }
    }
}

/* A copy of the list is walked, because links leave the real one. */
static void end_those_done(worker_t *self)
{
    zlistx_t *links = zlistx_dup(self->links);

    zlistx_set_destructor(links, NULL);
    for (struct link *link = zlistx_first(links); link != NULL;
         link = zlistx_next(links)) {
        end_if_done(link);
    }
    zlistx_destroy(&links);
}

static int on_hello_timer(zloop_t *loop, int timer_id, void *arg)
{
    worker_t *self = arg;

    (void)loop;
    (void)timer_id;
    for (struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        say_hello_or_bye(link);
    }
    end_those_done(self);
    return 0;
}

void worker_set_credit(worker_t *self, int64_t credit)
{
    self->conf.credit = credit;
    on_hello_timer(self->loop, 0, self);
}

void worker_set_apps(worker_t *self, const struct name_list *apps)
{
    self->conf.apps = *apps;
    on_hello_timer(self->loop, 0, self);
}

worker_t *worker_new(zloop_t *loop, const struct worker_conf *conf,
                     worker_job_fn *on_job, void *arg)
{
    worker_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->conf = *conf;
    self->on_job = on_job;
    self->arg = arg;
    snprintf(self->id, sizeof self->id, "%08x%08x", random_u32(), random_u32());
    self->bus = bus_new(loop, conf->keys);
    self->links = zlistx_new();
    assert(self->links);
    zlistx_set_destructor(self->links, (zlistx_destructor_fn *)link_destroy);
    self->timer = zloop_timer(loop, HELLO_MS, 0, on_hello_timer, self);
    self->discovery = discovery_new(loop, conf->frontends, on_endpoints, self);
    return self;
}

void worker_destroy(worker_t **self_p)
{
    worker_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    discovery_destroy(&self->discovery);
    zloop_timer_end(self->loop, self->timer);
    zlistx_destroy(&self->links);
    bus_destroy(&self->bus);
    free(self);
    *self_p = NULL;
}

/* Tell each frontend, then end the links that owe nothing. */
void worker_drain(worker_t *self, void (*on_drained)(void *arg), void *arg)
{
    self->draining = true;
    self->on_drained = on_drained;
    self->drained_arg = arg;
    for (struct link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        leave(link);
        say_hello_or_bye(link);
    }
    end_those_done(self);
    report_if_drained(self);
}

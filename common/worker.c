/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/worker_state.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "proto/worker.h"
#include <assert.h>
#include <string.h>

enum { HELLO_MS = 1000 };

static void report_if_drained(worker_t *self)
{
    if (self->draining && zlistx_size(self->links) == 0 &&
        self->on_drained != NULL) {
        void (*on_drained)(void *) = self->on_drained;
        self->on_drained = NULL;
        on_drained(self->drained_arg);
    }
}

void worker_remove(worker_t *self, struct worker_link *link)
{
    zlistx_delete(self->links, zlistx_find(self->links, link));
    report_if_drained(self);
}

/* ---- telling frontends ---- */

/* Leaves the list's cursor there. */
static struct worker_link *next_to_tell(const worker_t *self)
{
    struct worker_link *link = zlistx_first(self->links);

    while (link != NULL && !worker_link_takes_news(link)) {
        link = zlistx_next(self->links);
    }
    return link;
}

bool worker_is_linked(const worker_t *self)
{
    return next_to_tell(self) != NULL;
}

const char *worker_id(const worker_t *self)
{
    return self->id;
}

/* The list's own order is the order of turns: who was told goes to its end. */
int worker_tell(worker_t *self, char *frame)
{
    struct worker_link *link = next_to_tell(self);

    if (link == NULL) {
        free(frame);
        return -1;
    }
    zlistx_move_end(self->links, zlistx_cursor(self->links));
    worker_link_say(link, frame);
    return 0;
}

static struct worker_link *find_link(const worker_t *self, const char *endpoint)
{
    for (struct worker_link *link = zlistx_first(self->links); link != NULL;
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

    for (const struct worker_link *link = zlistx_first(self->links);
         link != NULL; link = zlistx_next(self->links)) {
        if (count < max) {
            out[count] = (struct worker_frontend){
                link->endpoint, worker_link_takes_news(link),
                bus_pipe_refusal(link->inbox)};
        }
        count++;
    }
    return count;
}

int worker_tell_to(worker_t *self, const char *endpoint, char *frame)
{
    struct worker_link *link = find_link(self, endpoint);

    if (link == NULL || !worker_link_takes_news(link)) {
        free(frame);
        return -1;
    }
    if (clock_mono_ms() - link->hello_ms >= HELLO_MS) {
        worker_link_say_hello(link);
    }
    worker_link_say(link, frame);
    return 0;
}

/* ---- which frontends there are ---- */

static void open_link(worker_t *self, const char *endpoint)
{
    struct worker_link *link = worker_link_new(self, endpoint);

    if (link != NULL) {
        zlistx_add_end(self->links, link);
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
        struct worker_link *link = find_link(self, e);
        if (link == NULL) {
            open_link(self, e);
        } else if (link->leaving && !link->finished) {
            link->leaving = false; /* it came back before we had left */
        }
    }
    for (struct worker_link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        if (zlistx_find(endpoints, link->endpoint) == NULL) {
            worker_link_leave(link);
        }
    }
}

/* A copy of the list is walked, because links leave the real one. */
static void end_those_done(worker_t *self)
{
    zlistx_t *links = zlistx_dup(self->links);

    zlistx_set_destructor(links, NULL);
    for (struct worker_link *link = zlistx_first(links); link != NULL;
         link = zlistx_next(links)) {
        worker_link_end_if_done(link);
    }
    zlistx_destroy(&links);
}

static int on_hello_timer(zloop_t *loop, int timer_id, void *arg)
{
    worker_t *self = arg;

    (void)loop;
    (void)timer_id;
    for (struct worker_link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        worker_link_say_hello(link);
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

/* ---- metrics ---- */

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

    for (const struct worker_link *link = zlistx_first(self->links);
         link != NULL; link = zlistx_next(self->links)) {
        frontends += worker_link_takes_news(link) ? 1 : 0;
        open_jobs += link->open_jobs;
    }
    metrics_add(page, &FRONTENDS, NULL, (double)frontends);
    metrics_add(page, &CREDIT, NULL, (double)self->conf.credit);
    metrics_add(page, &OPEN_JOBS, NULL, (double)open_jobs);
    metrics_add(page, &TAKEN, NULL, (double)self->taken);
    bus_metrics(self->bus, page);
}

/* ---- life ---- */

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
    zlistx_set_destructor(self->links,
                          (zlistx_destructor_fn *)worker_link_destroy);
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
    for (struct worker_link *link = zlistx_first(self->links); link != NULL;
         link = zlistx_next(self->links)) {
        worker_link_leave(link);
        worker_link_say_hello(link);
    }
    end_those_done(self);
    report_if_drained(self);
}

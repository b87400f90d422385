/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/delivery.h"

#include "common/channels.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "common/replay.h"
#include "common/worker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CREDIT = 256,         /* pushes at once … */
    CREDIT_COLD = 8,      /* … and before the first got through */
    WAY_BACK_PART = 20,   /* of the time is for the verdict to get back */
    TICK_MS = 100,        /* those that wait for access are looked at */
    RETRY_MAX_S = 604800, /* what push.result can carry */
};

/* One job that is not answered yet. */
struct push {
    struct push *next;
    struct push *previous;
    delivery_t *owner;
    struct channel *channel;
    struct route *route;
    job_t *job;
    struct call call;
    int64_t taken_ms;
    int64_t deadline_ms;
    int64_t sent_us; /* the last request */
    struct tries tries;
    bool waits;          /* for access */
    char *authorization; /* the header that was sent, or NULL */
    const char *headers[CALL_HEADERS_MAX + 1]; /* borrowed from these two */
    http_client_t *client;                     /* where it was sent */
};

struct delivery {
    zloop_t *loop;
    const struct dialect *dialect;
    const struct settings *settings; /* in force; held for the worker */
    worker_t *worker;                /* NULL before the first settings */
    bool is_warm;                    /* a push got through */
    struct channels channels;
    struct push *pushes;          /* the open ones, in no order */
    struct provider_tally strays; /* for apps that are not served here */
    repeats_t *repeats;
    int tick;
};

/* ---- the end of a push ---- */

/* A fault that the log tells of is to be seen to end there. */
static void note_told(delivery_t *self, const char *app, bool fault)
{
    struct channel *channel = channels_find(&self->channels, app);

    if (channel != NULL && channel->told_fault && !fault) {
        log_info("push.recovered", TEXT("app", app));
    }
    if (channel != NULL) {
        channel->told_fault = fault;
    }
}

static void log_judgement(delivery_t *self, const char *job, const char *app,
                          const struct judgement *judgement, int64_t took_ms)
{
    const char *verdict = verdict_name(judgement->verdict);
    char key[160];

    log_debug("push.done", TEXT("id", job), TEXT("app", app),
              TEXT("verdict", verdict), TEXT("reason", judgement->reason),
              NUM("ms", took_ms));
    if (judgement->verdict == PUSH_SENT) {
        note_told(self, app, false);
    }
    if (judgement->remedy == NULL) {
        return;
    }
    snprintf(key, sizeof key, "%s %s %s", app, verdict, judgement->reason);
    int64_t times = repeats_note(self->repeats, key, clock_mono_ms());
    if (times > 0) {
        note_told(self, app, true);
        bool ours = judgement->verdict == PUSH_MISCONFIGURED;
        LOG_AT(ours ? LEVEL_ERROR : LEVEL_WARN, "push.fault", TEXT("id", job),
               TEXT("app", app), TEXT("verdict", verdict),
               TEXT("reason", judgement->reason), TIMES(times),
               TEXT("remedy", judgement->remedy));
    }
}

static void answer(delivery_t *self, job_t *job, const char *app,
                   const struct judgement *judgement, int64_t took_ms)
{
    struct push_result result = {.verdict = judgement->verdict,
                                 .reason = judgement->reason};
    struct proto_err err;

    if (judgement->verdict == PUSH_GONE && judgement->since_ms > 0) {
        result.since_ms = judgement->since_ms;
    }
    if (judgement->verdict == PUSH_LATER) {
        /* Only what the provider asked for: the registry has its own idea. */
        result.retry_after_s = judgement->retry_after_s < RETRY_MAX_S
                                   ? judgement->retry_after_s
                                   : RETRY_MAX_S;
    }
    log_judgement(self, job_id(job), app, judgement, took_ms);
    char *frame = push_result_encode(&result, job_id(job), &err);
    assert(frame != NULL); /* every member is within its bounds */
    job_answer(&job, frame);
}

static void conclude(struct push *push, const struct judgement *judgement)
{
    delivery_t *self = push->owner;

    if (push->previous != NULL) {
        push->previous->next = push->next;
    } else {
        self->pushes = push->next;
    }
    if (push->next != NULL) {
        push->next->previous = push->previous;
    }
    push->channel->tally.results[judgement->verdict]++;
    push->channel->tally.in_flight--;
    push->route->open--;
    answer(self, push->job, push->channel->name, judgement,
           clock_mono_ms() - push->taken_ms);
    call_clear(&push->call);
    free(push->authorization);
    free(push);
}

static void conclude_failed(struct push *push, enum http_failure failure)
{
    struct judgement judgement;

    replay_judge_failure(failure, &judgement);
    conclude(push, &judgement);
}

/* ---- requests ---- */

static void attempt(struct push *push);

/* Connections and access tokens take a while at first. A sender that has just
 * come would be the least loaded of all, and the pushes given to it would wait
 * where others could have sent them. */
static void warm_up(delivery_t *self)
{
    if (!self->is_warm) {
        self->is_warm = true;
        worker_set_credit(self->worker, CREDIT);
    }
}

static void on_response(void *arg, const struct http_response *response)
{
    struct push *push = arg;
    const struct dialect *dialect = push->owner->dialect;
    int64_t now_ms = clock_mono_ms();
    struct judgement judgement = {0};

    provider_tally_response(&push->channel->tally, response,
                            clock_mono_us() - push->sent_us);
    if (response->failure != HTTP_ANSWERED) {
        replay_judge_failure(response->failure, &judgement);
        log_debug("push.unanswered", TEXT("id", job_id(push->job)),
                  TEXT("app", push->channel->name),
                  TEXT("reason", judgement.reason), TEXT("why", response->why));
    } else {
        dialect->judge(response, &judgement);
    }
    if (judgement.again == AGAIN_RECONNECTED || judgement.again == AGAIN_BOTH) {
        http_client_renew(push->client, response->connection);
    }
    if (judgement.again == AGAIN_AUTHORISED || judgement.again == AGAIN_BOTH) {
        dialect->refused(push->route->account, push->authorization);
    }
    if (replay_is_due(&judgement, &push->tries, push->deadline_ms - now_ms)) {
        push->tries.reauthorised = push->tries.reauthorised ||
                                   judgement.again == AGAIN_AUTHORISED ||
                                   judgement.again == AGAIN_BOTH;
        attempt(push);
        return;
    }
    standing_note(&push->route->standing, &judgement, now_ms);
    if (judgement.verdict == PUSH_SENT) {
        warm_up(push->owner);
    }
    conclude(push, &judgement);
}

static void send_push(struct push *push, const char *authorization,
                      int64_t left_ms)
{
    size_t n = 0;

    free(push->authorization);
    push->authorization = NULL;
    if (authorization != NULL) {
        /* A copy, as another one may come while this request waits. */
        push->authorization = strdup(authorization);
        assert(push->authorization != NULL);
        push->headers[n++] = push->authorization;
    }
    for (size_t i = 0; push->call.headers[i] != NULL; i++) {
        push->headers[n++] = push->call.headers[i];
    }
    push->headers[n] = NULL;
    push->tries.count++;
    push->sent_us = clock_mono_us();
    push->client = route_client(push->route);
    struct http_request request = {.path = push->call.path,
                                   .headers = push->headers,
                                   .body = push->call.body,
                                   .timeout_ms = left_ms};
    http_client_send(push->client, &request, on_response, push);
}

static void attempt(struct push *push)
{
    int64_t left_ms = push->deadline_ms - clock_mono_ms();
    const char *authorization = NULL;
    struct judgement judgement = {0};

    push->waits = false;
    if (left_ms <= 0) {
        conclude_failed(push, HTTP_TIMEOUT);
        return;
    }
    switch (push->owner->dialect->access(push->route->account, &authorization,
                                         &judgement)) {
    case ACCESS_READY:
        send_push(push, authorization, left_ms);
        break;
    case ACCESS_WAIT:
        push->waits = true;
        break;
    case ACCESS_DENIED:
        conclude(push, &judgement);
        break;
    }
}

/* ---- jobs ---- */

static struct push *push_new(delivery_t *self, struct channel *channel,
                             job_t *job, int64_t budget_ms)
{
    struct push *push = calloc(1, sizeof *push);

    assert(push != NULL);
    push->owner = self;
    push->channel = channel;
    push->route = channel->route;
    push->route->open++;
    push->job = job;
    push->taken_ms = clock_mono_ms();
    push->deadline_ms = push->taken_ms + budget_ms - budget_ms / WAY_BACK_PART;
    push->next = self->pushes;
    if (push->next != NULL) {
        push->next->previous = push;
    }
    self->pushes = push;
    channel->tally.in_flight++;
    return push;
}

static void take(delivery_t *self, job_t *job,
                 const struct push_request *request)
{
    struct channel *channel = channels_find(&self->channels, request->app);
    struct judgement judgement = {0};

    if (channel == NULL || channel->route == NULL) {
        self->strays.taken++;
        self->strays.results[PUSH_MISCONFIGURED]++;
        judgement.verdict = PUSH_MISCONFIGURED;
        judgement.remedy = "give this sender the configuration file that the "
                           "frontend has";
        judgement_set_reason(&judgement, "unknown-app");
        answer(self, job, request->app, &judgement, 0);
        return;
    }
    channel->tally.taken++;
    if (!standing_admits(&channel->route->standing, clock_mono_ms(),
                         &judgement)) {
        channel->tally.results[judgement.verdict]++;
        answer(self, job, channel->name, &judgement, 0);
        return;
    }
    struct push *push = push_new(self, channel, job, request->budget_ms);
    if (self->dialect->compose(push->route->account, request, job_id(job),
                               clock_unix_ms(), &push->call, &judgement) != 0) {
        standing_note(&channel->route->standing, &judgement, clock_mono_ms());
        conclude(push, &judgement);
        return;
    }
    channel->tally.contents[push->call.forwarding]++;
    attempt(push);
}

static void report_refused(delivery_t *self, const struct msg *m,
                           const struct proto_err *err)
{
    int64_t times = repeats_note(self->repeats, err->field, clock_mono_ms());

    if (times > 0) {
        log_error("job.refused", TEXT("id", m->id), TEXT("type", m->type),
                  TEXT("field", err->field), TEXT("why", err->why),
                  TIMES(times),
                  TEXT("remedy", "run all processes in the same version"));
    }
}

static void on_job(void *arg, job_t *job, const struct msg *m)
{
    delivery_t *self = arg;
    struct push_request request;
    struct proto_err err;
    struct judgement judgement = {.verdict = PUSH_REFUSED};

    if (push_request_decode(&request, m, &err) == 0) {
        take(self, job, &request);
        return;
    }
    report_refused(self, m, &err);
    judgement_set_reason(&judgement, err.field);
    self->strays.taken++;
    self->strays.results[PUSH_REFUSED]++;
    answer(self, job, NULL, &judgement, 0);
}

/* Also ends those that wait for access and have no time left. */
static int on_tick(zloop_t *loop, int timer, void *arg)
{
    delivery_t *self = arg;
    int64_t now_ms = clock_mono_ms();
    struct push *next;

    (void)loop;
    (void)timer;
    for (struct push *push = self->pushes; push != NULL; push = next) {
        next = push->next;
        if (push->waits && push->deadline_ms <= now_ms) {
            conclude_failed(push, HTTP_TIMEOUT);
        }
    }
    channels_sweep(&self->channels);
    return 0;
}

void delivery_resume(delivery_t *self, const void *account)
{
    struct push *next;

    for (struct push *push = self->pushes; push != NULL; push = next) {
        next = push->next;
        if (push->waits && push->route->account == account) {
            attempt(push);
        }
    }
}

/* ---- life ---- */

delivery_t *delivery_new(zloop_t *loop, http_engine_t *engine,
                         const struct dialect *dialect, void *sender)
{
    delivery_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->loop = loop;
    self->channels.conf = (struct route_conf){engine, dialect, sender};
    self->dialect = dialect;
    self->repeats = repeats_new();
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void delivery_destroy(delivery_t **self_p)
{
    delivery_t *self = *self_p;
    struct push *next;

    if (self == NULL) {
        return;
    }
    for (struct push *push = self->pushes; push != NULL; push = next) {
        next = push->next;
        if (push->waits) {
            conclude_failed(push, HTTP_CLOSED);
        }
    }
    channels_clear(&self->channels);
    assert(self->pushes == NULL);
    worker_destroy(&self->worker);
    settings_release(&self->settings);
    zloop_timer_end(self->loop, self->tick);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

/* ---- what is served ---- */

static void tell_frontends(delivery_t *self)
{
    const struct settings *settings = self->settings;
    struct worker_conf conf = {
        .role = self->dialect->role,
        .credit = CREDIT_COLD,
        .apps = settings_apps_of(settings, self->dialect->backend),
        .frontends = &settings->bus.frontends,
        .advertise = settings->bus.advertise,
        .keys = settings->bus.keys,
    };

    if (self->worker == NULL) {
        self->worker = worker_new(self->loop, &conf, on_job, self);
    } else {
        worker_set_apps(self->worker, &conf.apps);
    }
}

void delivery_use(delivery_t *self, const struct settings *settings)
{
    const struct settings *before = self->settings;

    self->settings = settings_hold(settings);
    channels_serve(&self->channels, settings);
    tell_frontends(self);
    settings_release(&before);
}

void delivery_health(const delivery_t *self, struct health *health)
{
    health_add(health, "bus", worker_is_linked(self->worker),
               "start a frontend, and name its inbox in bus.frontends");
}

void delivery_metrics(const delivery_t *self, metrics_t *page)
{
    provider_tally_metrics(&self->strays, "", "", page);
    channels_metrics(&self->channels, page);
    worker_metrics(self->worker, page);
}

void delivery_drain(delivery_t *self, void (*on_drained)(void *arg), void *arg)
{
    worker_drain(self->worker, on_drained, arg);
}

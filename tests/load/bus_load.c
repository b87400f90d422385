/* SPDX-License-Identifier: BSD-3-Clause */

/* A frontend that does nothing but give one worker as many jobs as it takes:
 * to see how much a sender can do when nothing else is in its way. Waits for
 * a worker, gives it push.requests by the schedule, and prints a line of JSON.
 */

#include "common/clock.h"
#include "proto/push.h"
#include "proto/worker.h"
#include "tests/load/outcome.h"
#include "tests/load/schedule.h"
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <zmq.h>

enum {
    WAIT_MS = 10000,        /* for the worker to come, and to be warm */
    CREDIT_WARM = 100,      /* a sender takes few jobs before the first got
                               through */
    PATIENCE_US = 20000000, /* for results, when all is sent */
    BUDGET_MS = 8000,
    ID_DIGITS = 16,
};

struct feeder {
    void *context;
    void *inbox;
    void *jobs;     /* NULL before a worker came */
    int64_t credit; /* of the worker */
    char *frame;    /* a push.request … */
    char *frame_id; /* … and where its id stands in it */
    size_t frame_size;
    uint64_t next_id;
    struct outcome outcome;
};

/* ---- jobs ---- */

static void make_frame(struct feeder *self, const char *app, const char *token)
{
    static const char ID[] = "0000000000000000"; /* ID_DIGITS */
    struct proto_err err;

    const struct push_request request = {
        .app = app,
        .token = token,
        .device = "ec164939a8485ee6b7f7871071a11c7bb18aead5",
        .priority = PRIORITY_HIGH,
        .budget_ms = BUDGET_MS};
    self->frame = push_request_encode(&request, ID, &err);
    assert(self->frame != NULL);
    self->frame_size = strlen(self->frame);
    self->frame_id = strstr(self->frame, ID);
    assert(self->frame_id != NULL);
}

static void give_job(struct feeder *self, int64_t due_us)
{
    char id[ID_DIGITS + 1];

    snprintf(id, sizeof id, "%016" PRIu64,
             outcome_send(&self->outcome, due_us) %
                 UINT64_C(10000000000000000));
    memcpy(self->frame_id, id, ID_DIGITS);
    zmq_send(self->jobs, self->frame, self->frame_size, 0);
}

/* ---- what the worker says ---- */

static void take_hello(struct feeder *self, const struct msg *m)
{
    struct hello hello;
    struct proto_err err;

    if (hello_decode(&hello, m, &err) != 0) {
        return;
    }
    self->credit = hello.credit;
    if (self->jobs == NULL) {
        self->jobs = zmq_socket(self->context, ZMQ_PUSH);
        assert(self->jobs != NULL);
        zmq_connect(self->jobs, hello.jobs);
    }
}

static void take_result(struct feeder *self, const struct msg *m)
{
    struct push_result result;
    struct proto_err err;
    int64_t now_us = clock_mono_us();
    uint64_t id = strtoull(m->id, NULL, 10);

    if (push_result_decode(&result, m, &err) != 0) {
        outcome_error(&self->outcome, id, "push.result", err.field, now_us);
    } else if (result.verdict != PUSH_SENT) {
        outcome_error(&self->outcome, id, "push.result",
                      result.reason != NULL ? result.reason : "", now_us);
    } else {
        outcome_result(&self->outcome, id, now_us);
    }
}

static void take_frames(struct feeder *self)
{
    char bytes[PROTO_FRAME_MAX];
    struct proto_err err;
    struct msg m;
    int size;

    while ((size = zmq_recv(self->inbox, bytes, sizeof bytes, ZMQ_DONTWAIT)) >=
           0) {
        if (msg_open(&m, bytes, (size_t)size, &err) != 0) {
            continue;
        }
        if (msg_is(&m, HELLO)) {
            take_hello(self, &m);
        } else if (msg_is(&m, PUSH_RESULT)) {
            take_result(self, &m);
        }
        msg_close(&m);
    }
}

static void wait_for_frames(struct feeder *self, int64_t pause_us)
{
    zmq_pollitem_t item = {.socket = self->inbox, .events = ZMQ_POLLIN};

    zmq_poll(&item, 1, (long)(pause_us / 1000));
    take_frames(self);
}

/* ---- runs ---- */

/* Pushes one at a time until the worker says that it takes many. Returns 0, or
 * -1 when none came or it does not. */
static int warm_up(struct feeder *self)
{
    int64_t give_up_ms = clock_mono_ms() + WAIT_MS;

    outcome_begin(&self->outcome, 1, clock_mono_us(), 0);
    while (self->credit < CREDIT_WARM || outcome_open(&self->outcome) > 0) {
        if (clock_mono_ms() > give_up_ms) {
            fputs("bus_load: no worker came, or its pushes do not get "
                  "through\n",
                  stderr);
            return -1;
        }
        if (self->jobs != NULL && self->credit < CREDIT_WARM &&
            outcome_open(&self->outcome) == 0) {
            give_job(self, clock_mono_us());
        }
        wait_for_frames(self, 10000);
    }
    self->next_id = 1 + self->outcome.sent;
    outcome_free(&self->outcome);
    return 0;
}

static void run(struct feeder *self, struct schedule *schedule)
{
    int64_t now_us = clock_mono_us();
    int64_t quiet_us = now_us;
    int64_t due_us;

    schedule_begin(schedule, now_us);
    outcome_begin(&self->outcome, self->next_id, now_us,
                  schedule_seconds(schedule));
    while ((!schedule_is_over(schedule) || outcome_open(&self->outcome) > 0) &&
           now_us - quiet_us < PATIENCE_US) {
        size_t open = outcome_open(&self->outcome);
        while ((int64_t)open < self->credit &&
               schedule_next(schedule, now_us, open, &due_us)) {
            give_job(self, due_us);
            open++;
            quiet_us = now_us;
        }
        int64_t pause_us = schedule_pause_us(schedule, now_us);
        wait_for_frames(self,
                        pause_us >= 0 && pause_us < 100000 ? pause_us : 100000);
        now_us = clock_mono_us();
    }
    outcome_end(&self->outcome, now_us);
}

static void print(const struct outcome *outcome)
{
    json_t *report = outcome_report(outcome);

    json_dumpf(report, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(report);
}

/* Returns an exit status. */
static int measure(struct feeder *self, const char *endpoint,
                   struct schedule *schedule)
{
    self->inbox = zmq_socket(self->context, ZMQ_PULL);
    if (zmq_bind(self->inbox, endpoint) != 0) {
        fprintf(stderr, "bus_load: %s: %s\n", endpoint, zmq_strerror(errno));
        return EX_UNAVAILABLE;
    }
    if (warm_up(self) != 0) {
        return EX_UNAVAILABLE;
    }
    run(self, schedule);
    print(&self->outcome);
    return EX_OK;
}

int main(int argc, char **argv)
{
    static struct feeder feeder;
    struct schedule schedule;

    if (argc != 6 ||
        schedule_read(&schedule, strcmp(argv[4], "rate") == 0, argv[5]) != 0) {
        fputs("Usage: bus_load ENDPOINT APP TOKEN window|rate STEPS\n", stderr);
        return EX_USAGE;
    }
    prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
    feeder.context = zmq_ctx_new();
    make_frame(&feeder, argv[2], argv[3]);
    int status = measure(&feeder, argv[1], &schedule);
    outcome_free(&feeder.outcome);
    free(feeder.frame);
    if (feeder.jobs != NULL) {
        zmq_close(feeder.jobs);
    }
    zmq_close(feeder.inbox);
    zmq_ctx_term(feeder.context);
    return status;
}

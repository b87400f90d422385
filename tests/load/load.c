/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/load.h"

#include "common/clock.h"
#include "tests/load/outcome.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    REGISTER_WINDOW = 128,  /* registrations on the way at once */
    PATIENCE_US = 20000000, /* for answers, when all is sent */
};

enum run { NONE, REGISTERING, PUBLISHING };

struct load {
    const struct addresses *who;
    component_t *component;
    unsigned losses; /* of the component, when the run began */
    struct devices fcm;
    struct devices apns;
    enum run run;
    struct devices *now; /* whose turn it is; in a mixed run it changes */
    bool is_mixed;
    struct schedule schedule; /* PUBLISHING */
    struct outcome outcome;
    uint64_t next_id;
    int64_t quiet_us; /* when something was last sent or answered */
};

/* ---- to begin ---- */

static struct devices *devices_of(load_t *self, const char *service)
{
    return strcmp(service, "fcm") == 0    ? &self->fcm
           : strcmp(service, "apns") == 0 ? &self->apns
                                          : NULL;
}

static void begin(load_t *self, enum run run, double seconds, int64_t now_us)
{
    outcome_free(&self->outcome);
    outcome_begin(&self->outcome, self->next_id, now_us, seconds);
    self->losses = component_losses(self->component);
    self->quiet_us = now_us;
    self->run = run;
}

const char *load_register(load_t *self, const char *service, uint64_t count,
                          int64_t now_us)
{
    struct devices *devices = devices_of(self, service);

    if (devices == NULL || count == 0) {
        return "no such service, or no devices";
    }
    devices_make(devices, count);
    self->now = devices;
    self->is_mixed = false;
    begin(self, REGISTERING, 0, now_us);
    return NULL;
}

const char *load_pretend(load_t *self, const char *service, uint64_t count)
{
    struct devices *devices = devices_of(self, service);

    if (devices == NULL || count == 0) {
        return "no such service, or no devices";
    }
    devices_make(devices, count);
    for (uint64_t i = 0; i < count; i++) {
        devices_set(devices, i, "anybodysnode", "anybodyssecretofbase64==");
    }
    return NULL;
}

const char *load_publish(load_t *self, const char *service,
                         const struct schedule *schedule, int64_t now_us)
{
    self->is_mixed = strcmp(service, "mixed") == 0;
    self->now = self->is_mixed ? &self->fcm : devices_of(self, service);
    if (self->now == NULL || self->now->count == 0 ||
        (self->is_mixed && self->apns.count == 0)) {
        return "nothing is registered there";
    }
    self->schedule = *schedule;
    schedule_begin(&self->schedule, now_us);
    begin(self, PUBLISHING, schedule_seconds(schedule), now_us);
    return NULL;
}

/* ---- to send ---- */

static bool next_request(load_t *self, int64_t now_us, int64_t *due_us)
{
    size_t open = outcome_open(&self->outcome);

    switch (self->run) {
    case NONE:
        return false;
    case REGISTERING:
        *due_us = now_us;
        return open < REGISTER_WINDOW && self->outcome.sent < self->now->count;
    case PUBLISHING:
        return schedule_next(&self->schedule, now_us, open, due_us);
    }
    return false;
}

static void send_request(load_t *self, int64_t due_us)
{
    char stanza[REQUEST_ROOM];
    struct devices *devices = self->now;
    uint64_t number = self->outcome.sent;
    uint64_t id = outcome_send(&self->outcome, due_us);
    size_t size;

    if (self->run == REGISTERING) {
        size = request_register(stanza, self->who, id, devices->service,
                                devices->base + number);
    } else {
        const struct device *device = devices_any(devices);
        size = request_publish(stanza, self->who, id, device->node,
                               device->secret);
    }
    component_write(self->component, stanza, size);
    if (self->is_mixed) {
        self->now = devices == &self->fcm ? &self->apns : &self->fcm;
    }
}

/* What it cannot write yet stays due: the time that it waits here counts. */
void load_pump(load_t *self, int64_t now_us)
{
    int64_t due_us;

    while (component_is_up(self->component) &&
           component_has_room(self->component) &&
           next_request(self, now_us, &due_us)) {
        send_request(self, due_us);
        self->quiet_us = now_us;
    }
    component_flush(self->component);
}

int64_t load_pause_us(const load_t *self, int64_t now_us)
{
    int64_t pause_us = self->run == PUBLISHING && self->schedule.is_open
                           ? schedule_pause_us(&self->schedule, now_us)
                           : -1;

    if (!component_has_room(self->component)) {
        pause_us = -1; /* the component will tell */
    }
    return pause_us;
}

/* ---- what comes back ---- */

static void note_registered(const load_t *self, uint64_t id,
                            const struct answer *answer)
{
    uint64_t number = id - self->outcome.first_id;

    if (devices_set(self->now, number, answer->node, answer->secret) != 0) {
        fprintf(stderr, "a registration without node or secret\n");
        abort();
    }
}

void load_on_answer(void *arg, const struct answer *answer)
{
    load_t *self = arg;
    int64_t now_us = clock_mono_us();
    uint64_t id = strtoull(answer->id, NULL, 10);
    bool is_result = strcmp(answer->type, "result") == 0;

    self->quiet_us = now_us;
    if (!is_result) {
        outcome_error(&self->outcome, id, answer->error_type, answer->condition,
                      now_us);
    } else if (outcome_result(&self->outcome, id, now_us) == 0 &&
               self->run == REGISTERING) {
        note_registered(self, id, answer);
    }
}

static bool is_all_sent(const load_t *self)
{
    return self->run == REGISTERING ? self->outcome.sent == self->now->count
                                    : schedule_is_over(&self->schedule);
}

/* A closed loop that is not answered never sends all. */
static bool is_hopeless(const load_t *self, int64_t now_us)
{
    return now_us - self->quiet_us > PATIENCE_US;
}

json_t *load_harvest(load_t *self, int64_t now_us)
{
    bool is_done = is_all_sent(self) && outcome_open(&self->outcome) == 0;

    if (self->run == NONE || (!is_done && !is_hopeless(self, now_us))) {
        return NULL;
    }
    if (self->run == REGISTERING && self->outcome.results < self->now->count) {
        devices_free(self->now); /* nobody may publish to those */
    }
    self->run = NONE;
    self->next_id += self->outcome.sent;
    outcome_end(&self->outcome, now_us);
    json_t *report = outcome_report(&self->outcome);
    json_object_set_new(
        report, "links_lost",
        json_integer(component_losses(self->component) - self->losses));
    return report;
}

/* ---- life ---- */

load_t *load_new(const struct addresses *who)
{
    load_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->who = who;
    self->next_id = 1;
    self->fcm = (struct devices){.service = "fcm"};
    self->apns = (struct devices){.service = "apns", .base = UINT64_C(1) << 32};
    return self;
}

void load_destroy(load_t **self_p)
{
    load_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    devices_free(&self->fcm);
    devices_free(&self->apns);
    outcome_free(&self->outcome);
    free(self);
    *self_p = NULL;
}

void load_use(load_t *self, component_t *component)
{
    self->component = component;
}

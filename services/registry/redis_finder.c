/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_finder.h"

#include "services/registry/redis_wire.h"
#include <assert.h>
#include <stdbool.h>

struct redis_finder {
    const struct redis_url *url;
    struct redis_finder_events events;
    redis_wire_t *wires[REDIS_PLACES_MAX]; /* one to each sentinel */
    size_t current;                        /* the one that is asked */
    size_t asked;                          /* in this search */
    bool searching;
    struct redis_place found; /* host "" until one has told */
    const struct redis_fault *fault;
};

/* What the first sentinel said that said anything is worth most. */
static void note_fault(redis_finder_t *self, const struct redis_fault *fault)
{
    if (self->fault == &REDIS_NO_SENTINEL) {
        self->fault = fault;
    }
}

static void on_refused(void *arg, const char *error, redis_answer_fn *whose)
{
    redis_finder_t *self = arg;

    (void)whose;
    note_fault(self, redis_fault_of(error));
}

/* A sentinel that wants no password refuses one: that is no fault. */
static void on_auth(void *arg, const struct redis_answer *answer)
{
    redis_finder_t *self = arg;

    if (answer == NULL && self->fault == &REDIS_STRANGE) {
        self->fault = &REDIS_NO_SENTINEL;
    }
}

static void read_place(redis_finder_t *self, const char *host, const char *port)
{
    long number = strtol(port, NULL, 10);

    if (host[0] != '\0' && strlen(host) < sizeof self->found.host &&
        number >= 1 && number <= 65535) {
        snprintf(self->found.host, sizeof self->found.host, "%s", host);
        self->found.port = (int)number;
    }
}

static void on_told(void *arg, const struct redis_answer *answer)
{
    redis_finder_t *self = arg;

    if (answer != NULL && answer->count == 2 && answer->items[0] != NULL &&
        answer->items[1] != NULL) {
        read_place(self, answer->items[0], answer->items[1]);
    } else if (answer != NULL) {
        note_fault(self, &REDIS_NO_MASTER);
    }
    redis_wire_close(self->wires[self->current]);
}

static void on_open(void *arg)
{
    redis_finder_t *self = arg;
    const struct redis_url *url = self->url;
    redis_wire_t *wire = self->wires[self->current];
    const char *auth[] = {"AUTH", url->user, url->password};
    const char *ask[] = {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", url->master};

    if (url->user[0] != '\0') {
        redis_wire_send(wire, auth, 3, on_auth, self);
    } else if (url->password[0] != '\0') {
        auth[1] = url->password;
        redis_wire_send(wire, auth, 2, on_auth, self);
    }
    redis_wire_send(wire, ask, 3, on_told, self);
}

static void ask_next(redis_finder_t *self)
{
    self->current = (self->current + 1) % self->url->place_count;
    self->asked++;
    redis_wire_open(self->wires[self->current],
                    &self->url->places[self->current]);
}

static void on_closed(void *arg, const struct redis_fault *fault,
                      const char *detail)
{
    redis_finder_t *self = arg;

    (void)fault;
    (void)detail; /* of one sentinel; there are others */
    if (self->found.host[0] != '\0') {
        self->searching = false;
        self->events.on_found(self->events.arg, &self->found);
    } else if (self->asked < self->url->place_count) {
        ask_next(self);
    } else {
        self->searching = false;
        self->events.on_failed(self->events.arg, self->fault);
    }
}

void redis_finder_start(redis_finder_t *self)
{
    if (!self->searching) {
        self->searching = true;
        self->asked = 0;
        self->found = (struct redis_place){0};
        self->fault = &REDIS_NO_SENTINEL;
        ask_next(self);
    }
}

redis_finder_t *redis_finder_new(zloop_t *loop, const struct redis_url *url,
                                 const struct redis_finder_events *events)
{
    redis_finder_t *self = calloc(1, sizeof *self);
    struct redis_wire_events wire = {on_open, on_refused, on_closed, self};

    assert(self && url->place_count > 0);
    self->url = url;
    self->events = *events;
    self->current = url->place_count - 1;
    for (size_t i = 0; i < url->place_count; i++) {
        self->wires[i] = redis_wire_new(loop, FINDER_PATIENCE_MS, &wire);
    }
    return self;
}

void redis_finder_destroy(redis_finder_t **self_p)
{
    redis_finder_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->url->place_count; i++) {
        redis_wire_destroy(&self->wires[i]);
    }
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/bus_probe.h"

#include "common/clock.h"
#include "common/discovery.h"
#include <assert.h>
#include <errno.h>
#include <string.h>

enum { TICK_MS = 50 };

/* One address of a name. */
struct place {
    struct place *next;
    char *endpoint;
    bus_pipe_t *pipe; /* NULL: it could not even be tried */
    int error;        /* then why, as in errno */
};

/* One of the names. */
struct name {
    bus_probe_t *probe;
    const char *endpoint; /* as configured */
    discovery_t *discovery;
    struct place *places; /* none: it has no address */
};

struct bus_probe {
    zloop_t *loop;
    bus_t *bus;
    int timer;
    int64_t deadline_ms;
    bool done;
    size_t count;
    struct name names[PROTO_LIST_MAX];
    void (*on_done)(void *arg);
    void *arg;
};

/* ---- finding and trying ---- */

static void on_change(void *arg, bool up)
{
    (void)arg; /* on_tick looks */
    (void)up;
}

static bool has_place(const struct name *name, const char *endpoint)
{
    const struct place *place = name->places;

    while (place != NULL && strcmp(place->endpoint, endpoint) != 0) {
        place = place->next;
    }
    return place != NULL;
}

static void add_place(struct name *name, const char *endpoint)
{
    struct place *place = zmalloc(sizeof *place);

    assert(place);
    place->endpoint = strdup(endpoint);
    assert(place->endpoint);
    place->pipe =
        bus_pipe_new(name->probe->bus, endpoint, NULL, on_change, place);
    place->error = place->pipe == NULL ? errno : 0;
    place->next = name->places;
    name->places = place;
}

static void on_endpoints(void *arg, const zlistx_t *endpoints)
{
    struct name *name = arg;
    zlistx_t *list = (zlistx_t *)(uintptr_t)endpoints; /* its cursor moves */

    for (char *e = zlistx_first(list); e != NULL; e = zlistx_next(list)) {
        if (!has_place(name, e)) {
            add_place(name, e);
        }
    }
}

/* Somebody who is absent may still come up, and one that has refused our key
 * will go on with that; another of several keys may fit. */
static bool is_settled(const struct place *place)
{
    return place->pipe == NULL || bus_pipe_reach(place->pipe) == BUS_OPEN;
}

static bool all_settled(const bus_probe_t *self)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct place *place = self->names[i].places;
        if (place == NULL) {
            return false;
        }
        for (; place != NULL; place = place->next) {
            if (!is_settled(place)) {
                return false;
            }
        }
    }
    return true;
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    bus_probe_t *self = arg;

    (void)loop;
    (void)timer_id;
    if (!self->done &&
        (all_settled(self) || clock_mono_ms() >= self->deadline_ms)) {
        self->done = true;
        self->on_done(self->arg);
    }
    return 0;
}

/* ---- telling ---- */

static const char START_ONE[] =
    "start a frontend whose bus.bind this is, or correct bus.frontends";
static const char KEYS[] =
    "the public key of each side must be in the other's "
    "bus.curve_authorized_dir: wakebusctl keygen makes them";
static const char NO_FRONTEND[] =
    "correct bus.frontends: what listens there is no frontend of Wakebus, or "
    "it hangs";
static const char NAMES[] = "correct bus.frontends, or the DNS";

static void tell_place(const struct place *place, checkup_t *checkup)
{
    const char *at = place->endpoint;

    if (place->pipe == NULL) {
        checkup_note(checkup, "bus", FINDING_FAULT, NAMES, "%s: %s", at,
                     strerror(place->error));
        return;
    }
    switch (bus_pipe_reach(place->pipe)) {
    case BUS_OPEN:
        checkup_note(checkup, "bus", FINDING_OK, NULL, "%s lets us in", at);
        break;
    case BUS_REFUSED:
        checkup_note(checkup, "bus", FINDING_FAULT, KEYS, "%s: %s", at,
                     bus_pipe_refusal(place->pipe));
        break;
    case BUS_SILENT:
        checkup_note(checkup, "bus", FINDING_FAULT, NO_FRONTEND,
                     "%s takes connections, but does not answer", at);
        break;
    case BUS_ABSENT:
        checkup_note(checkup, "bus", FINDING_FAULT, START_ONE,
                     "%s: nobody listens there", at);
        break;
    }
}

void bus_probe_tell(const bus_probe_t *self, checkup_t *checkup)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct name *name = &self->names[i];
        if (name->places == NULL) {
            checkup_note(checkup, "bus", FINDING_FAULT, NAMES,
                         "%s has no address", name->endpoint);
        }
        for (const struct place *place = name->places; place != NULL;
             place = place->next) {
            tell_place(place, checkup);
        }
    }
}

/* ---- life ---- */

static void open_name(bus_probe_t *self, struct name *name,
                      const char *endpoint)
{
    const struct name_list only = {1, {endpoint}};

    name->probe = self;
    name->endpoint = endpoint;
    name->discovery = discovery_new(self->loop, &only, on_endpoints, name);
}

bus_probe_t *bus_probe_new(zloop_t *loop, keyring_t *keys,
                           const struct name_list *names,
                           void (*on_done)(void *arg), void *arg)
{
    bus_probe_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->bus = bus_new(loop, keys);
    self->deadline_ms = clock_mono_ms() + BUS_PROBE_MS;
    self->on_done = on_done;
    self->arg = arg;
    self->count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        open_name(self, &self->names[i], names->items[i]);
    }
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void bus_probe_destroy(bus_probe_t **self_p)
{
    bus_probe_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    for (size_t i = 0; i < self->count; i++) {
        discovery_destroy(&self->names[i].discovery);
        while (self->names[i].places != NULL) {
            struct place *place = self->names[i].places;
            self->names[i].places = place->next;
            if (place->pipe != NULL) {
                bus_pipe_discard(&place->pipe);
            }
            free(place->endpoint);
            free(place);
        }
    }
    bus_destroy(&self->bus);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/discovery.h"

#include "common/log.h"
#include "common/resolver.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 200,     /* how often answers of the resolver are looked for */
    REFRESH_TICKS = 25 /* names are resolved again after so many ticks */
};

/* One configured endpoint. */
struct source {
    const char *endpoint; /* as configured */
    char port[16];        /* behind its last colon */
    resolver_t *resolver; /* NULL: nothing to resolve, as with ipc */
    bool failed;          /* last time; so that it is logged once */
    zlistx_t *endpoints;  /* what it stands for now */
};

struct discovery {
    zloop_t *loop;
    int timer;
    int ticks;
    size_t count;
    struct source sources[PROTO_LIST_MAX];
    void (*on_endpoints)(void *arg, const zlistx_t *endpoints);
    void *arg;
};

static zlistx_t *new_strings(void)
{
    zlistx_t *list = zlistx_new();

    assert(list);
    zlistx_set_duplicator(list, (zlistx_duplicator_fn *)strdup);
    zlistx_set_destructor(list, (zlistx_destructor_fn *)zstr_free);
    zlistx_set_comparator(list, (zlistx_comparator_fn *)strcmp);
    return list;
}

/* "tcp://name:port" and "tcp://[::1]:port"; all else stands for itself. */
static void split(struct source *source)
{
    const char *host = source->endpoint + strlen("tcp://");
    const char *colon = strrchr(source->endpoint, ':');
    char name[256];

    if (strncmp(source->endpoint, "tcp://", strlen("tcp://")) != 0 ||
        colon < host || colon - host >= (ptrdiff_t)sizeof name) {
        zlistx_add_end(source->endpoints, (void *)(uintptr_t)source->endpoint);
        return;
    }
    size_t size = (size_t)(colon - host);
    if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
        host++;
        size -= 2;
    }
    memcpy(name, host, size);
    name[size] = '\0';
    snprintf(source->port, sizeof source->port, "%s", colon + 1);
    source->resolver = resolver_new(name, source->port);
}

static void take_addresses(struct source *source, const struct addrinfo *all)
{
    zlistx_purge(source->endpoints);
    for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
        char host[64];
        char endpoint[128];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, host, sizeof host, NULL, 0,
                        NI_NUMERICHOST) != 0) {
            continue;
        }
        snprintf(endpoint, sizeof endpoint,
                 a->ai_family == AF_INET6 ? "tcp://[%s]:%s" : "tcp://%s:%s",
                 host, source->port);
        if (zlistx_find(source->endpoints, endpoint) == NULL) {
            zlistx_add_end(source->endpoints, endpoint);
        }
    }
}

/* Returns whether an answer was there. */
static bool collect(struct source *source)
{
    struct addrinfo *addresses;
    const char *why;

    switch (resolver_fetch(source->resolver, &addresses, &why)) {
    case RESOLVER_IDLE:
    case RESOLVER_ASKING:
        return false;
    case RESOLVER_FAILED:
        if (!source->failed) {
            log_warn("bus.unresolved", TEXT("frontend", source->endpoint),
                     TEXT("why", why),
                     TEXT("remedy", "check bus.frontends and the DNS; it is "
                                    "tried again all the time"));
        }
        source->failed = true;
        return false;
    case RESOLVER_DONE:
        break;
    }
    source->failed = false;
    take_addresses(source, addresses);
    freeaddrinfo(addresses);
    return true;
}

static void announce(discovery_t *self)
{
    zlistx_t *all = new_strings();

    for (size_t i = 0; i < self->count; i++) {
        zlistx_t *known = self->sources[i].endpoints;
        for (char *e = zlistx_first(known); e != NULL; e = zlistx_next(known)) {
            if (zlistx_find(all, e) == NULL) {
                zlistx_add_end(all, e);
            }
        }
    }
    self->on_endpoints(self->arg, all);
    zlistx_destroy(&all);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    discovery_t *self = arg;
    bool changed = self->ticks == 0;

    (void)loop;
    (void)timer_id;
    for (size_t i = 0; i < self->count; i++) {
        struct source *source = &self->sources[i];
        if (source->resolver == NULL) {
            continue;
        }
        if (self->ticks % REFRESH_TICKS == 0) {
            resolver_ask(source->resolver);
        }
        changed = collect(source) || changed;
    }
    self->ticks++;
    if (changed) {
        announce(self);
    }
    return 0;
}

discovery_t *discovery_new(zloop_t *loop, const struct name_list *names,
                           void (*on_endpoints)(void *arg,
                                                const zlistx_t *endpoints),
                           void *arg)
{
    discovery_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->on_endpoints = on_endpoints;
    self->arg = arg;
    self->count = names->count;
    for (size_t i = 0; i < names->count; i++) {
        struct source *source = &self->sources[i];
        source->endpoint = names->items[i];
        source->endpoints = new_strings();
        split(source);
    }
    on_tick(loop, 0, self);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void discovery_destroy(discovery_t **self_p)
{
    discovery_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    for (size_t i = 0; i < self->count; i++) {
        resolver_destroy(&self->sources[i].resolver);
        zlistx_destroy(&self->sources[i].endpoints);
    }
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/discovery.h"

#include "common/log.h"
#include <assert.h>
#include <netdb.h>
#include <string.h>

enum {
    TICK_MS = 200,     /* how often answers of the resolver are looked for */
    REFRESH_TICKS = 25 /* names are resolved again after so many ticks */
};

/* One configured endpoint. */
struct source {
    const char *endpoint;   /* as configured */
    char host[256];         /* empty: ipc, nothing to resolve */
    char port[16];          /* */
    struct addrinfo hints;  /* glibc reads it while the query runs */
    struct gaicb query;     /* for getaddrinfo_a */
    bool asking;            /* the query is with the resolver */
    bool failed;            /* last time; so that it is logged once */
    zlistx_t *endpoints;    /* what it stands for now */
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

/* "tcp://name:port" and "tcp://[::1]:port"; all else needs no resolver. */
static void split(struct source *source)
{
    const char *host = source->endpoint + strlen("tcp://");
    const char *colon = strrchr(source->endpoint, ':');

    if (strncmp(source->endpoint, "tcp://", strlen("tcp://")) != 0 ||
        colon < host) {
        return;
    }
    size_t size = (size_t)(colon - host);
    if (size >= 2 && host[0] == '[' && host[size - 1] == ']') {
        host++;
        size -= 2;
    }
    if (size < sizeof source->host) {
        memcpy(source->host, host, size);
        snprintf(source->port, sizeof source->port, "%s", colon + 1);
    }
}

static void ask(struct source *source)
{
    struct gaicb *queries[] = {&source->query};

    source->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM};
    source->query = (struct gaicb){.ar_name = source->host,
                                   .ar_service = source->port,
                                   .ar_request = &source->hints};
    source->asking = getaddrinfo_a(GAI_NOWAIT, queries, 1, NULL) == 0;
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
    int status = source->asking ? gai_error(&source->query) : EAI_INPROGRESS;

    if (status == EAI_INPROGRESS) {
        return false;
    }
    source->asking = false;
    if (status != 0) {
        if (!source->failed) {
            log_warn("bus.unresolved", TEXT("frontend", source->endpoint),
                     TEXT("why", gai_strerror(status)),
                     TEXT("remedy", "check bus.frontends and the DNS; it is "
                                    "tried again all the time"));
        }
        source->failed = true;
        return false;
    }
    source->failed = false;
    take_addresses(source, source->query.ar_result);
    freeaddrinfo(source->query.ar_result);
    return true;
}

/* A numeric address needs no resolver and no tick to wait for one. */
static void take_numeric(struct source *source)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST};
    struct addrinfo *address = NULL;

    if (getaddrinfo(source->host, source->port, &hints, &address) == 0) {
        take_addresses(source, address);
        freeaddrinfo(address);
        source->host[0] = '\0';
    }
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
        changed = collect(source) || changed;
        if (self->ticks % REFRESH_TICKS == 0 && source->host[0] != '\0' &&
            !source->asking) {
            ask(source);
        }
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
        if (source->host[0] != '\0') {
            take_numeric(source);
        } else {
            zlistx_add_end(source->endpoints,
                           (void *)(uintptr_t)source->endpoint);
        }
    }
    on_tick(loop, 0, self);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

static void end_query(struct source *source)
{
    const struct gaicb *queries[] = {&source->query};

    if (!source->asking) {
        return;
    }
    /* The resolver's thread writes into the source until it is done. */
    gai_cancel(&source->query);
    while (gai_error(&source->query) == EAI_INPROGRESS) {
        gai_suspend(queries, 1, NULL);
    }
    if (gai_error(&source->query) == 0) {
        freeaddrinfo(source->query.ar_result);
    }
}

void discovery_destroy(discovery_t **self_p)
{
    discovery_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    for (size_t i = 0; i < self->count; i++) {
        end_query(&self->sources[i]);
        zlistx_destroy(&self->sources[i].endpoints);
    }
    free(self);
    *self_p = NULL;
}

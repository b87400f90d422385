/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dispatch.h"

#include "common/bus.h"
#include "common/clock.h"
#include "common/log.h"
#include "proto/worker.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 500,
    SILENCE_MS = 3500, /* three hellos missed */
    PEERS_MAX = 150,   /* at five descriptors each; libstrophe's select() and
                          so the whole process must stay below 1024 */
};

struct dispatch {
    zloop_t *loop;
    const struct settings *settings;
    ledger_t *ledger;
    struct dispatch_events events;
    zsock_t *inbox;  /* PULL */
    zhashx_t *peers; /* struct peer * by the worker's id */
    int timer;
    int64_t ticked_ms;  /* when on_tick ran last */
    int64_t lenient_ms; /* until then nobody is lost for being silent */
    uint64_t late_results;
};

/* A worker as the bus sees it. */
struct peer {
    dispatch_t *dispatch;
    char *id;
    char *role;
    bus_pipe_t *jobs;
    ledger_worker_t *worker; /* its account in the ledger */
    bool finished;           /* fin was sent: nothing may follow it */
};

size_t need_of_app(const struct settings *settings, const struct app *app)
{
    return 1 + (size_t)(app - settings->apps);
}

/* ---- peers ---- */

static void peer_destroy(struct peer **peer_p)
{
    struct peer *peer = *peer_p;

    /* What is still in the pipe has been handed over: it must not arrive. */
    bus_pipe_discard(&peer->jobs);
    free(peer->role);
    free(peer->id);
    free(peer);
    *peer_p = NULL;
}

static void lose(struct peer *peer, const char *why)
{
    dispatch_t *self = peer->dispatch;
    size_t handed_over = ledger_lost(self->ledger, &peer->worker);

    if (peer->finished && handed_over == 0) {
        log_info("worker.left", TEXT("role", peer->role),
                 TEXT("worker", peer->id));
    } else {
        log_warn("worker.lost", TEXT("role", peer->role),
                 TEXT("worker", peer->id), TEXT("why", why),
                 NUM("handed_over", handed_over));
    }
    zhashx_delete(self->peers, peer->id); /* destroys the peer */
    dispatch_pump(self);
    self->events.on_batch_end(self->events.arg);
}

static void on_peer_change(void *arg, bool up)
{
    struct peer *peer = arg;

    if (!up) {
        lose(peer, "disconnected");
        return;
    }
    ledger_reachable(peer->worker);
    dispatch_pump(peer->dispatch);
}

static struct peer *add_peer(dispatch_t *self, const struct hello *hello)
{
    if (zhashx_size(self->peers) >= PEERS_MAX) {
        log_warn("worker.refused", TEXT("why", "too many workers"));
        return NULL;
    }
    struct peer *peer = zmalloc(sizeof *peer);
    assert(peer);
    peer->jobs = bus_pipe_new(self->loop, hello->jobs, on_peer_change, peer);
    if (peer->jobs == NULL) {
        log_warn("worker.refused", TEXT("field", "jobs"),
                 TEXT("why", "not an endpoint"));
        free(peer);
        return NULL;
    }
    peer->dispatch = self;
    peer->id = strdup(hello->worker);
    peer->role = strdup(hello->role);
    peer->worker = ledger_join(self->ledger, peer, clock_mono_ms());
    zhashx_insert(self->peers, peer->id, peer);
    log_info("worker.joined", TEXT("role", peer->role),
             TEXT("worker", peer->id), NUM("credit", hello->credit),
             NUM("apps", hello->apps.count));
    return peer;
}

static void read_needs(const dispatch_t *self, const struct hello *hello,
                       bool serves[LEDGER_NEEDS_MAX])
{
    memset(serves, 0, LEDGER_NEEDS_MAX * sizeof *serves);
    serves[NEED_REGISTRY] = strcmp(hello->role, "registry") == 0;
    for (size_t i = 0; i < hello->apps.count; i++) {
        const struct app *app =
            settings_app(self->settings, hello->apps.items[i]);
        if (app != NULL) {
            serves[need_of_app(self->settings, app)] = true;
        }
    }
}

/* ---- messages ---- */

static void refuse(const struct msg *m, const struct proto_err *err)
{
    log_warn("bus.refused", TEXT("type", m->type), TEXT("field", err->field),
             TEXT("why", err->why));
}

static void take_hello(dispatch_t *self, const struct msg *m)
{
    bool serves[LEDGER_NEEDS_MAX];
    struct hello hello;
    struct proto_err err;

    if (hello_decode(&hello, m, &err) != 0) {
        refuse(m, &err);
        return;
    }
    struct peer *peer = zhashx_lookup(self->peers, hello.worker);
    if (peer == NULL) {
        peer = add_peer(self, &hello);
    }
    if (peer != NULL && !peer->finished) {
        read_needs(self, &hello, serves);
        ledger_hello(peer->worker, hello.credit, serves, clock_mono_ms());
    }
}

static void take_bye(dispatch_t *self, const struct msg *m)
{
    struct bye bye;
    struct proto_err err;

    if (bye_decode(&bye, m, &err) != 0) {
        refuse(m, &err);
        return;
    }
    struct peer *peer = zhashx_lookup(self->peers, bye.worker);
    if (peer == NULL) {
        return; /* we never gave it anything, or it was lost already */
    }
    ledger_bye(peer->worker, clock_mono_ms());
    if (peer->finished) {
        return;
    }
    struct fin fin = {peer->id};
    char *frame = fin_encode(&fin, peer->id, &err);
    assert(frame);
    peer->finished = bus_pipe_send(peer->jobs, frame) == 0;
    free(frame);
    log_info("worker.leaving", TEXT("role", peer->role),
             TEXT("worker", peer->id));
}

static void take_due(dispatch_t *self, const struct msg *m)
{
    struct target_due due;
    struct proto_err err;

    if (target_due_decode(&due, m, &err) != 0) {
        refuse(m, &err);
        return;
    }
    self->events.on_due(self->events.arg, &due);
}

static void take_result(dispatch_t *self, const struct msg *m)
{
    entry_t *entry = ledger_settle(self->ledger, m->id);

    if (entry == NULL) {
        self->late_results++;
        log_debug("result.late", TEXT("id", m->id), TEXT("type", m->type));
        return;
    }
    self->events.on_result(self->events.arg, entry, m);
}

static void on_frame(void *arg, const void *frame, size_t size)
{
    dispatch_t *self = arg;
    struct proto_err err;
    struct msg m;

    if (msg_open(&m, frame, size, &err) != 0) {
        log_warn("bus.refused", TEXT("field", err.field), TEXT("why", err.why));
        return;
    }
    if (msg_is(&m, HELLO)) {
        take_hello(self, &m);
    } else if (msg_is(&m, BYE)) {
        take_bye(self, &m);
    } else if (msg_is(&m, TARGET_DUE)) {
        take_due(self, &m);
    } else {
        take_result(self, &m);
    }
    msg_close(&m);
}

static int on_inbox(zloop_t *loop, zsock_t *inbox, void *arg)
{
    dispatch_t *self = arg;

    (void)loop;
    bus_drain(inbox, on_frame, self);
    dispatch_pump(self);
    self->events.on_batch_end(self->events.arg);
    return 0;
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    dispatch_t *self = arg;
    ledger_worker_t *silent;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    /* Who has slept himself has not heard what was said meanwhile. */
    if (now_ms - self->ticked_ms > 2 * TICK_MS) {
        self->lenient_ms = now_ms + SILENCE_MS;
    }
    self->ticked_ms = now_ms;
    while (now_ms >= self->lenient_ms &&
           (silent = ledger_silent(self->ledger, now_ms - SILENCE_MS)) !=
               NULL) {
        lose(ledger_peer(silent), "silent");
    }
    size_t stale = ledger_sweep(self->ledger, now_ms);
    if (stale > 0) {
        log_warn("results.missing", NUM("count", stale));
        dispatch_pump(self);
    }
    return 0;
}

uint64_t dispatch_late_results(const dispatch_t *self)
{
    return self->late_results;
}

void dispatch_pump(dispatch_t *self)
{
    struct assignment next;

    while (ledger_assign(self->ledger, &next)) {
        struct peer *peer = ledger_peer(next.worker);
        char *frame =
            self->events.encode(self->events.arg, next.entry, next.id);
        if (frame == NULL) {
            ledger_settle(self->ledger, next.id); /* gives back the credit */
            continue;
        }
        /* The pipe holds more than any credit. If it is full all the same, the
         * worker does not read: the job goes on when it is lost, or the
         * deadline ends it. */
        if (bus_pipe_send(peer->jobs, frame) != 0) {
            log_warn("bus.queue_full", TEXT("worker", peer->id));
        }
        free(frame);
    }
}

dispatch_t *dispatch_new(zloop_t *loop, const struct settings *settings,
                         ledger_t *ledger, const struct dispatch_events *events)
{
    zsock_t *inbox = bus_bind_pull(settings->bus.bind);

    if (inbox == NULL) {
        log_error("bus.cannot_bind", TEXT("endpoint", settings->bus.bind),
                  TEXT("why", strerror(errno)),
                  TEXT("remedy", "change bus.bind, or end the process that "
                                 "has it"));
        return NULL;
    }
    dispatch_t *self = zmalloc(sizeof *self);
    assert(self);
    self->loop = loop;
    self->settings = settings;
    self->ledger = ledger;
    self->events = *events;
    self->inbox = inbox;
    self->peers = zhashx_new();
    zhashx_set_destructor(self->peers, (zhashx_destructor_fn *)peer_destroy);
    zloop_reader(loop, inbox, on_inbox, self);
    self->ticked_ms = clock_mono_ms();
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void dispatch_destroy(dispatch_t **self_p)
{
    dispatch_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    zloop_reader_end(self->loop, self->inbox);
    zsock_destroy(&self->inbox);
    zhashx_destroy(&self->peers);
    free(self);
    *self_p = NULL;
}

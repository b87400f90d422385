/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dispatch.h"

#include "common/bus_pipe.h"
#include "common/bus_pull.h"
#include "common/clock.h"
#include "common/keyring.h"
#include "common/log.h"
#include "proto/operator.h"
#include "proto/worker.h"
#include "services/xmpp-frontend/roles.h"
#include "services/xmpp-frontend/worker_tally.h"
#include "services/xmpp-frontend/workforce.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 500,
    SILENCE_MS = 3500, /* three hellos missed */
    RESULTS_MS = 2000, /* for the last results of one who has left */
    PEERS_MAX = 150,   /* at five descriptors each; libstrophe's select() and
                          so the whole process must stay below 1024 */
};

struct dispatch {
    zloop_t *loop;
    const struct settings *settings;
    struct needs needs;
    ledger_t *ledger;
    struct dispatch_events events;
    bus_t *bus;
    bus_pull_t *inbox;
    zhashx_t *peers; /* struct peer * by the worker's id */
    int timer;
    int64_t ticked_ms;  /* when on_tick ran last */
    int64_t lenient_ms; /* until then nobody is lost for being silent */
    struct worker_tally tally;
    size_t missing; /* results, since the log told of them */
};

/* A worker as the bus sees it. */
struct peer {
    dispatch_t *dispatch;
    char *id;
    char *role;
    char *key; /* its public key; NULL on an open bus */
    bus_pipe_t *jobs;
    ledger_worker_t *worker; /* its account in the ledger */
    bool is_operator;        /* wakebusctl, which does no jobs */
    bool told;               /* the log tells of it, not only at debug */
    bool finished;           /* fin was sent: nothing may follow it */
    int64_t joined_ms;
    int64_t closed_ms; /* when it closed its pipe after that, or 0 */
};

size_t dispatch_need(const dispatch_t *self, const struct app *app)
{
    return needs_of(&self->needs, app != NULL ? app->name : NULL);
}

static void on_app_gone(void *arg, size_t need)
{
    dispatch_t *self = arg;

    ledger_replace_need(self->ledger, need, NEED_NOBODY);
}

void dispatch_use(dispatch_t *self, const struct settings *settings)
{
    self->settings = settings;
    needs_use(&self->needs, settings, on_app_gone, self);
}

/* ---- peers ---- */

static void peer_destroy(struct peer **peer_p)
{
    struct peer *peer = *peer_p;

    /* What is still in the pipe has been handed over: it must not arrive. */
    bus_pipe_discard(&peer->jobs);
    free(peer->key);
    free(peer->role);
    free(peer->id);
    free(peer);
    *peer_p = NULL;
}

static void report_end(const struct peer *peer, const char *why,
                       size_t handed_over)
{
    if (peer->is_operator) {
        log_debug("operator.left", TEXT("worker", peer->id));
    } else if (peer->finished && handed_over == 0) {
        LOG_AT(peer->told ? LEVEL_INFO : LEVEL_DEBUG, "worker.left",
               TEXT("role", peer->role), TEXT("worker", peer->id));
    } else {
        LOG_AT(peer->told ? LEVEL_WARN : LEVEL_DEBUG, "worker.lost",
               TEXT("role", peer->role), TEXT("worker", peer->id),
               TEXT("why", why), NUM("handed_over", handed_over));
    }
}

static void lose(struct peer *peer, const char *why)
{
    dispatch_t *self = peer->dispatch;
    size_t handed_over = ledger_lost(self->ledger, &peer->worker);

    self->tally.handed_over += handed_over;
    self->tally.lost +=
        (peer->finished && handed_over == 0) || peer->is_operator ? 0 : 1;
    report_end(peer, why, handed_over);
    zhashx_delete(self->peers, peer->id); /* destroys the peer */
    dispatch_pump(self);
    self->events.on_batch_end(self->events.arg);
}

static void on_peer_change(void *arg, bool up)
{
    struct peer *peer = arg;

    if (!up && peer->finished && ledger_load(peer->worker) > 0) {
        /* It has answered all, on another connection than this one. */
        peer->closed_ms = clock_mono_ms();
        return;
    }
    if (!up) {
        lose(peer, "disconnected");
        return;
    }
    ledger_reachable(peer->worker);
    dispatch_pump(peer->dispatch);
}

static bool is_useful(const dispatch_t *self, const struct hello *hello)
{
    bool serves[LEDGER_NEEDS_MAX];

    needs_served(&self->needs, self->settings, hello, serves);
    return memchr(serves, true, sizeof serves) != NULL;
}

/* `field`: of its hello, or NULL. */
static void report_refused(dispatch_t *self, const char *field, const char *why,
                           const char *remedy)
{
    int64_t times = bus_note(self->bus, why);

    if (times > 0) {
        log_warn("worker.refused", TEXT("field", field), TEXT("why", why),
                 TIMES(times), TEXT("remedy", remedy));
    }
}

/* What is of no use here has one count, whatever it calls itself; of operators
 * their requests tell. */
static void report_joined(struct peer *peer, const struct hello *hello)
{
    if (peer->is_operator) {
        log_debug("operator.joined", TEXT("worker", peer->id));
        return;
    }
    bool useful = is_useful(peer->dispatch, hello);
    int64_t times =
        bus_note_change(peer->dispatch->bus, useful ? hello->role : "useless");

    peer->told = times > 0;
    LOG_AT(peer->told ? LEVEL_INFO : LEVEL_DEBUG, "worker.joined",
           TEXT("role", peer->role), TEXT("worker", peer->id),
           NUM("credit", hello->credit), NUM("apps", hello->apps.count),
           TIMES(times));
}

static struct peer *add_peer(dispatch_t *self, const struct hello *hello,
                             const struct bus_frame *frame)
{
    if (zhashx_size(self->peers) >= PEERS_MAX) {
        report_refused(self, NULL, "too many workers",
                       "run fewer of them, or another frontend");
        return NULL;
    }
    struct peer *peer = zmalloc(sizeof *peer);
    assert(peer);
    /* Whoever said hello with a key must have it where he takes jobs. */
    peer->jobs =
        bus_pipe_new(self->bus, hello->jobs, frame->key, on_peer_change, peer);
    if (peer->jobs == NULL) {
        if (errno == EMFILE) {
            report_refused(self, NULL, "no descriptor left",
                           "raise the limit of open files (ulimit -n)");
        } else {
            report_refused(self, "jobs", "not an endpoint",
                           "check bus.advertise of the workers");
        }
        free(peer);
        return NULL;
    }
    peer->dispatch = self;
    peer->id = strdup(hello->worker);
    peer->role = strdup(hello->role);
    peer->is_operator = strcmp(hello->role, ROLE_OPERATOR) == 0;
    peer->key = frame->key != NULL ? strdup(frame->key) : NULL;
    peer->joined_ms = clock_mono_ms();
    peer->worker = ledger_join(self->ledger, peer, peer->joined_ms);
    zhashx_insert(self->peers, peer->id, peer);
    self->tally.joined += peer->is_operator ? 0 : 1;
    report_joined(peer, hello);
    return peer;
}

/* ---- messages ---- */

/* Is it who he was when he said hello? On an open bus nobody can tell. */
static bool is_from(const struct peer *peer, const struct bus_frame *frame)
{
    return frame->key == NULL || strcmp(peer->key, frame->key) == 0;
}

/* May the sender of this frame speak as `role`? */
static bool has_role(const struct bus_frame *frame, const char *role)
{
    return frame->role == NULL || strcmp(frame->role, role) == 0;
}

static const struct proto_err NOT_ITS_ROLE = {"role", "its key has another"};
static const struct proto_err NOT_ITS_WORKER = {"worker", "another key's"};
static const struct proto_err NO_OPERATOR = {"asker", "no wakebusctl"};
static const struct proto_err NOT_ITS_JOB = {"id", "a job of another's"};

/* Returns NULL when it was taken, or why not. */
static const struct proto_err *take_hello(dispatch_t *self, const struct msg *m,
                                          const struct bus_frame *frame,
                                          struct proto_err *err)
{
    bool serves[LEDGER_NEEDS_MAX];
    struct hello hello;

    if (hello_decode(&hello, m, err) != 0) {
        return err;
    }
    if (!has_role(frame, hello.role)) {
        return &NOT_ITS_ROLE;
    }
    struct peer *peer = zhashx_lookup(self->peers, hello.worker);
    if (peer == NULL) {
        peer = add_peer(self, &hello, frame);
    } else if (!is_from(peer, frame)) {
        return &NOT_ITS_WORKER;
    }
    if (peer != NULL && !peer->finished) {
        needs_served(&self->needs, self->settings, &hello, serves);
        ledger_hello(peer->worker, hello.credit, serves, clock_mono_ms());
    }
    return NULL;
}

static void let_go(struct peer *peer)
{
    struct proto_err err;
    struct fin fin = {peer->id};
    char *frame = fin_encode(&fin, peer->id, &err);

    assert(frame);
    peer->finished = bus_pipe_send(peer->jobs, frame) == 0;
    free(frame);
    log_debug("worker.leaving", TEXT("role", peer->role),
              TEXT("worker", peer->id));
}

static const struct proto_err *take_bye(dispatch_t *self, const struct msg *m,
                                        const struct bus_frame *frame,
                                        struct proto_err *err)
{
    struct bye bye;

    if (bye_decode(&bye, m, err) != 0) {
        return err;
    }
    struct peer *peer = zhashx_lookup(self->peers, bye.worker);
    if (peer == NULL) {
        return NULL; /* we never gave it anything, or it was lost already */
    }
    if (!is_from(peer, frame)) {
        return &NOT_ITS_WORKER;
    }
    ledger_bye(peer->worker, clock_mono_ms());
    if (!peer->finished) {
        let_go(peer);
    }
    return NULL;
}

static const struct proto_err *take_due(dispatch_t *self, const struct msg *m,
                                        const struct bus_frame *frame,
                                        struct proto_err *err)
{
    struct target_due due;

    if (!has_role(frame, ROLE_REGISTRY)) {
        return &NOT_ITS_ROLE;
    }
    if (target_due_decode(&due, m, err) != 0) {
        return err;
    }
    self->events.on_due(self->events.arg, m->id, &due);
    return NULL;
}

/* Only whose hello was one of wakebusctl, which with keys its key allows. */
static const struct proto_err *take_operator(dispatch_t *self,
                                             const struct msg *m,
                                             const struct bus_frame *frame,
                                             struct proto_err *err)
{
    struct operator_request request;

    if (operator_request_decode(&request, m, err) != 0) {
        return err;
    }
    const struct peer *peer = zhashx_lookup(self->peers, request.asker);
    if (peer == NULL || !peer->is_operator) {
        return &NO_OPERATOR;
    }
    if (!is_from(peer, frame)) {
        return &NOT_ITS_WORKER;
    }
    self->events.on_operator(self->events.arg, &request, m);
    return NULL;
}

int dispatch_tell(dispatch_t *self, const char *asker, const char *frame)
{
    struct peer *peer = zhashx_lookup(self->peers, asker);

    return peer != NULL && !peer->finished ? bus_pipe_send(peer->jobs, frame)
                                           : -1;
}

static const struct proto_err *take_result(dispatch_t *self,
                                           const struct msg *m,
                                           const struct bus_frame *frame,
                                           struct proto_err *err)
{
    ledger_worker_t *holder = ledger_holder(self->ledger, m->id);

    (void)err;
    if (holder != NULL && !is_from(ledger_peer(holder), frame)) {
        return &NOT_ITS_JOB;
    }
    entry_t *entry = ledger_settle(self->ledger, m->id);
    if (entry == NULL) {
        self->tally.late_results++;
        log_debug("result.late", TEXT("id", m->id), TEXT("type", m->type));
    } else {
        const struct entry_owner *owner = entry_owner(entry);
        owner->on_result(owner->arg, entry, m);
    }
    return NULL;
}

typedef const struct proto_err *take_fn(dispatch_t *self, const struct msg *m,
                                        const struct bus_frame *frame,
                                        struct proto_err *err);

static take_fn *taker_of(const struct msg *m)
{
    static const struct {
        const char *type;
        take_fn *take;
    } TAKERS[] = {{HELLO, take_hello}, {BYE, take_bye}, {TARGET_DUE, take_due}};

    for (size_t i = 0; i < sizeof TAKERS / sizeof *TAKERS; i++) {
        if (msg_is(m, TAKERS[i].type)) {
            return TAKERS[i].take;
        }
    }
    return operator_is_request(m) ? take_operator : take_result;
}

static void on_frame(void *arg, const struct bus_frame *frame)
{
    dispatch_t *self = arg;
    struct proto_err err;
    struct msg m;

    if (msg_open(&m, frame->data, frame->size, &err) != 0) {
        bus_refuse(self->bus, frame, NULL, &err);
        return;
    }
    const struct proto_err *fault = taker_of(&m)(self, &m, frame, &err);
    if (fault != NULL) {
        bus_refuse(self->bus, frame, m.type, fault);
    }
    msg_close(&m);
}

static void on_batch_end(void *arg)
{
    dispatch_t *self = arg;

    dispatch_pump(self);
    self->events.on_batch_end(self->events.arg);
}

/* One who has left, and whose results are there or will not come; or NULL. */
static struct peer *find_left(dispatch_t *self, int64_t now_ms)
{
    for (struct peer *peer = zhashx_first(self->peers); peer != NULL;
         peer = zhashx_next(self->peers)) {
        if (peer->closed_ms != 0 && (ledger_load(peer->worker) == 0 ||
                                     now_ms - peer->closed_ms >= RESULTS_MS)) {
            return peer;
        }
    }
    return NULL;
}

static void note_missing(dispatch_t *self, size_t count)
{
    self->missing += count;
    if (count > 0 && bus_note(self->bus, "results missing") > 0) {
        log_warn("results.missing", TIMES(self->missing),
                 TEXT("remedy", "if it goes on, restart the workers and see "
                                "their logs"));
        self->missing = 0;
    }
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    dispatch_t *self = arg;
    ledger_worker_t *silent;
    struct peer *left;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    /* Who has slept himself has not heard what was said meanwhile. */
    if (now_ms - self->ticked_ms > 2 * TICK_MS) {
        self->lenient_ms = now_ms + SILENCE_MS;
    }
    self->ticked_ms = now_ms;
    while ((left = find_left(self, now_ms)) != NULL) {
        lose(left, "disconnected");
    }
    while (now_ms >= self->lenient_ms &&
           (silent = ledger_silent(self->ledger, now_ms - SILENCE_MS)) !=
               NULL) {
        lose(ledger_peer(silent), "silent");
    }
    size_t stale = ledger_sweep(self->ledger, now_ms);
    self->tally.missing_results += stale;
    if (stale > 0) {
        note_missing(self, stale);
        dispatch_pump(self);
    }
    return 0;
}

/* ---- numbers ---- */

/* Those that do jobs. */
static void list_workers(const dispatch_t *self, struct operator_workers *out)
{
    int64_t now_ms = clock_mono_ms();

    _Static_assert((int)PEERS_MAX <= (int)OPERATOR_WORKERS_MAX, "all fit");
    out->count = 0;
    for (const struct peer *peer = zhashx_first(self->peers); peer != NULL;
         peer = zhashx_next(self->peers)) {
        if (!peer->is_operator) {
            out->items[out->count++] = (struct operator_worker){
                .role = peer->role,
                .worker = peer->id,
                .jobs = (int64_t)ledger_load(peer->worker),
                .credit = ledger_credit(peer->worker),
                .age_ms = now_ms - peer->joined_ms};
        }
    }
}

void dispatch_report(const dispatch_t *self, struct operator_status_result *out)
{
    struct operator_workers workers;
    const struct workforce all = {self->settings, &self->needs, self->ledger,
                                  &workers};

    list_workers(self, &workers);
    workforce_report(&all, out);
}

void dispatch_metrics(const dispatch_t *self, metrics_t *page)
{
    struct operator_workers workers;
    const struct workforce all = {self->settings, &self->needs, self->ledger,
                                  &workers};

    list_workers(self, &workers);
    workforce_metrics(&all, page);
    worker_tally_metrics(&self->tally, page);
    bus_metrics(self->bus, page);
}

uint64_t dispatch_late_results(const dispatch_t *self)
{
    return self->tally.late_results;
}

/* The pipe holds more than any credit. If it is full all the same, the worker
 * does not read: the job goes on when it is lost, or the deadline ends it. */
static void report_full(dispatch_t *self, const struct peer *peer)
{
    int64_t times = bus_note(self->bus, "queue full");

    if (times > 0) {
        log_warn("bus.queue_full", TEXT("worker", peer->id), TIMES(times),
                 TEXT("remedy", "the worker does not read: see whether it "
                                "hangs, and its log"));
    }
}

void dispatch_pump(dispatch_t *self)
{
    struct assignment next;

    while (ledger_assign(self->ledger, &next)) {
        struct peer *peer = ledger_peer(next.worker);
        const struct entry_owner *owner = entry_owner(next.entry);
        char *frame = owner->encode(owner->arg, next.entry, next.id);
        if (frame == NULL) {
            ledger_settle(self->ledger, next.id); /* gives back the credit */
            continue;
        }
        if (bus_pipe_send(peer->jobs, frame) != 0) {
            report_full(self, peer);
        }
        free(frame);
    }
}

static int bind_inbox(dispatch_t *self)
{
    const struct bus_pull_events events = {on_frame, on_batch_end, self};
    const char *endpoint = self->settings->bus.bind;

    self->inbox = bus_pull_new(self->bus, endpoint, ZAP_INBOX, &events);
    if (self->inbox == NULL) {
        log_error("bus.cannot_bind", TEXT("endpoint", endpoint),
                  TEXT("why", strerror(errno)),
                  TEXT("remedy", "change bus.bind, or end the process that "
                                 "has it"));
        return -1;
    }
    return 0;
}

dispatch_t *dispatch_new(zloop_t *loop, const struct settings *settings,
                         ledger_t *ledger, const struct dispatch_events *events)
{
    dispatch_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->ledger = ledger;
    dispatch_use(self, settings);
    self->events = *events;
    self->bus = bus_new(loop, settings->bus.keys);
    self->peers = zhashx_new();
    zhashx_set_destructor(self->peers, (zhashx_destructor_fn *)peer_destroy);
    self->ticked_ms = clock_mono_ms();
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    if (bind_inbox(self) != 0) {
        dispatch_destroy(&self);
    }
    return self;
}

void dispatch_destroy(dispatch_t **self_p)
{
    dispatch_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    bus_pull_destroy(&self->inbox);
    zhashx_destroy(&self->peers);
    bus_destroy(&self->bus);
    needs_release(&self->needs);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* What workers and operators say. */
#include "services/xmpp-frontend/dispatch_state.h"

#include "common/clock.h"
#include "common/keyring.h"
#include "common/log.h"
#include "services/xmpp-frontend/roles.h"
#include <string.h>

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
        peer = peer_new(self, &hello, frame);
    } else if (!is_from(peer, frame)) {
        return &NOT_ITS_WORKER;
    }
    if (peer != NULL && !peer->finished) {
        needs_served(&self->needs, self->settings, &hello, serves);
        ledger_hello(peer->worker, hello.credit, serves, clock_mono_ms());
    }
    return NULL;
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
        peer_let_go(peer);
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

int dispatch_bind(dispatch_t *self)
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

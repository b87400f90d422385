/* SPDX-License-Identifier: BSD-3-Clause */
/* The workers as the bus sees them: how each comes and goes. */
#include "services/xmpp-frontend/dispatch_state.h"

#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/roles.h"
#include <assert.h>
#include <string.h>

void peer_destroy(struct peer **peer_p)
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

void peer_lose(struct peer *peer, const char *why)
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
        peer_lose(peer, "disconnected");
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

struct peer *peer_new(dispatch_t *self, const struct hello *hello,
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

void peer_let_go(struct peer *peer)
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

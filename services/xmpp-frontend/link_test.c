/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/link_test.h"

#include "common/clock.h"
#include "services/xmpp-frontend/link.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/name_test.h"
#include "services/xmpp-frontend/neighbour.h"
#include "services/xmpp-frontend/reply.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 20,
    CONNECT_MS = 6000, /* for the connection, the stream and the handshake */
    PING_MS = 4000,
};

#define LINK "link"
#define PING "ping"
#define PING_ID "wakebus-self-test"

struct link_test {
    self_test_t *test;
    checkup_t *checkup;
    const struct settings *settings;
    name_test_t *name;
    neighbour_t *neighbour;
    link_t *link; /* NULL while it is not known whether we may have one */
    int timer;
    int64_t deadline_ms; /* of what is under way */
    int64_t pinged_ms;   /* 0: not yet */
    bool done;
};

/* ---- the end ---- */

static void on_closed(void *arg)
{
    const link_test_t *self = arg;

    self_test_end(self->test);
}

static void finish(link_test_t *self)
{
    self->done = true;
    if (self->link != NULL && link_is_up(self->link)) {
        link_close(self->link); /* on_closed follows */
    } else {
        self_test_end(self->test);
    }
}

static void skip(link_test_t *self, const char *why)
{
    checkup_note(self->checkup, PING, FINDING_SKIPPED, NULL, "%s", why);
    finish(self);
}

/* ---- stanzas ---- */

static void on_pong(link_test_t *self)
{
    int took_ms = (int)(clock_mono_ms() - self->pinged_ms);

    checkup_note(self->checkup, PING, FINDING_OK, NULL,
                 "through the XMPP server and back in %d ms", took_ms);
    finish(self);
}

/* Pings and the like are answered as always; what would be work is to be tried
 * again later, by the server or by the user's next message. */
static void answer(link_test_t *self, const struct iq *iq)
{
    struct request request;
    struct local_answer local;

    if (!local_iq_answer(iq, self->settings, clock_unix_ms(), &request,
                         &local)) {
        local.reply = reply_error(&iq->head, ANSWER_STOPPING, NULL);
    }
    if (local.reply != NULL) {
        link_send(self->link, local.reply);
    }
}

static void on_iq(void *arg, const struct iq *iq)
{
    link_test_t *self = arg;

    if (!self->done && iq->type == IQ_RESULT && iq->head.id != NULL &&
        strcmp(iq->head.id, PING_ID) == 0) {
        on_pong(self);
    } else {
        answer(self, iq);
    }
}

static void on_batch_end(void *arg)
{
    const link_test_t *self = arg;

    link_flush(self->link);
}

/* ---- time ---- */

static void ping(link_test_t *self)
{
    checkup_note(self->checkup, LINK, FINDING_OK, NULL, "%s:%d knows us as %s",
                 self->settings->xmpp.host, (int)self->settings->xmpp.port,
                 self->settings->xmpp.jid);
    self->pinged_ms = clock_mono_ms();
    self->deadline_ms = self->pinged_ms + PING_MS;
    link_send(self->link, reply_self_ping(self->settings->xmpp.jid, PING_ID));
    link_flush(self->link);
}

static void give_up_link(link_test_t *self, const char *why, const char *remedy)
{
    checkup_note(self->checkup, LINK, FINDING_FAULT, remedy, "%s:%d: %s",
                 self->settings->xmpp.host, (int)self->settings->xmpp.port,
                 why);
    skip(self, "no link");
}

static void give_up_ping(link_test_t *self)
{
    checkup_note(self->checkup, PING, FINDING_FAULT,
                 "see in the XMPP server's log where it sends what is for "
                 "xmpp.jid: that name must lead to this component",
                 "it does not come back");
    finish(self);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    link_test_t *self = arg;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    if (self->done || self->link == NULL) {
        return 0;
    }
    const struct link_past *past = link_past(self->link);
    if (self->pinged_ms == 0 && link_is_up(self->link)) {
        ping(self);
    } else if (self->pinged_ms == 0 && past->remedy != NULL) {
        give_up_link(self, past->why, past->remedy);
    } else if (self->pinged_ms == 0 && now_ms >= self->deadline_ms) {
        give_up_link(self, "no answer", "check xmpp.host and xmpp.port");
    } else if (self->pinged_ms != 0 &&
               (now_ms >= self->deadline_ms || !link_is_up(self->link))) {
        give_up_ping(self);
    }
    return 0;
}

/* ---- may we? ---- */

static void on_neighbour(void *arg, const char *endpoint)
{
    const struct link_events events = {.on_iq = on_iq,
                                       .on_batch_end = on_batch_end,
                                       .on_closed = on_closed,
                                       .arg = arg};
    link_test_t *self = arg;

    if (endpoint != NULL) {
        checkup_note(self->checkup, LINK, FINDING_SKIPPED, NULL,
                     "not tried, it might take the place of the one that the "
                     "frontend at %s has",
                     endpoint);
        skip(self, "a frontend is running");
        return;
    }
    self->deadline_ms = clock_mono_ms() + CONNECT_MS;
    self->link = link_new(self_test_loop(self->test), self->settings, &events);
}

/* ---- life ---- */

link_test_t *link_test_new(self_test_t *test)
{
    link_test_t *self = zmalloc(sizeof *self);
    zloop_t *loop = self_test_loop(test);

    assert(self);
    self->test = test;
    self->checkup = self_test_checkup(test);
    self->settings = self_test_settings(test);
    self->name = name_test_new(test);
    self_test_begin(test);
    checkup_expect(self->checkup, LINK);
    checkup_expect(self->checkup, PING);
    self->neighbour = neighbour_new(loop, self->settings, on_neighbour, self);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void link_test_destroy(link_test_t **self_p)
{
    link_test_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self_test_loop(self->test), self->timer);
    link_destroy(&self->link);
    neighbour_destroy(&self->neighbour);
    name_test_destroy(&self->name);
    free(self);
    *self_p = NULL;
}

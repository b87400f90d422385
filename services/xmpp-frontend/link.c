/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/link.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "services/xmpp-frontend/relay.h"
#include "services/xmpp-frontend/reply.h"
#include "services/xmpp-frontend/skim.h"
#include "services/xmpp-frontend/stream.h"
#include <assert.h>
#include <string.h>

enum {
    TICK_MS = 20,      /* while the stream opens or closes */
    TICK_UP_MS = 250,  /* for libstrophe's own timers */
    OPEN_MS = 10000,   /* for the stream and the handshake */
    CLOSE_MS = 8000,   /* for the server to read all that we have said */
    STABLE_MS = 60000, /* a link that lasted so long was no failed attempt */
};

/* Trouble of the network is over soon and trying costs nothing; what a person
 * must mend is tried less often. */
static const struct backoff SOON = {.base_ms = 250, .cap_ms = 800};
static const struct backoff SLOWLY = {.base_ms = 5000, .cap_ms = 60000};

enum link_state { WAITING, CONNECTING, OPENING, UP, CLOSED };

struct link {
    zloop_t *loop;
    const struct settings *settings;
    struct link_events events;
    relay_t *relay;
    stream_t *stream;
    int tick; /* timer */
    enum link_state state;
    bool closing;                  /* link_close was called */
    unsigned attempt;              /* failed ones in a row */
    const struct backoff *backoff; /* for the next one */
    int64_t due_ms;                /* when to try, or when to give up */
    int64_t pinged_ms;             /* last ping */
    unsigned pings;
    uint64_t connects; /* times it came up */
    uint64_t failures; /* times it could not */
    uint64_t dropped;  /* stanzas that were none to be read */
    struct link_past past;
    int64_t heard_ms;   /* last stanza of any kind */
    bool told_up;       /* the log says so, not only at debug */
    repeats_t *repeats; /* so that what goes on does not flood the log */
};

static int on_tick(zloop_t *loop, int timer_id, void *arg);

static void set_tick(link_t *self, size_t interval_ms)
{
    zloop_timer_end(self->loop, self->tick);
    self->tick = zloop_timer(self->loop, interval_ms, 0, on_tick, self);
}

/* ---- up and down ---- */

/* Two that take the component's name from each other are both up for a moment
 * each time: that does not make them try sooner. */
static void wait_to_connect(link_t *self, const struct backoff *backoff)
{
    int64_t now_ms = clock_mono_ms();
    bool was_stable =
        self->state == UP && now_ms - self->past.up_ms >= STABLE_MS;

    if (backoff != self->backoff || was_stable) {
        self->backoff = backoff;
        self->attempt = 0;
    }
    self->state = WAITING;
    self->due_ms =
        now_ms + backoff_delay_ms(backoff, self->attempt++, random_u32());
    set_tick(self, TICK_MS);
}

static const char CHECK_SERVER[] =
    "check that the XMPP server runs and listens for components there";

static void report_down(link_t *self, const char *why)
{
    if (self->state == UP) {
        LOG_AT(self->told_up ? LEVEL_WARN : LEVEL_DEBUG, "link.down",
               TEXT("why", why));
        return;
    }
    self->failures++;
    link_past_note(&self->past, why, NULL, CHECK_SERVER);
    int64_t times = repeats_note(self->repeats, why, clock_mono_ms());
    if (times > 0) {
        log_warn("link.cannot_connect", TEXT("host", self->settings->xmpp.host),
                 NUM("port", self->settings->xmpp.port), TEXT("why", why),
                 TIMES(times), TEXT("remedy", CHECK_SERVER));
    }
}

/* The relay has closed both sides. Whether it was the server or us. */
static void on_relay_closed(void *arg, const char *why)
{
    link_t *self = arg;

    if (self->closing) {
        self->state = CLOSED;
    } else if (self->state != WAITING) {
        report_down(self, why);
        wait_to_connect(self, &SOON);
    }
    stream_lost(self->stream);
}

static void on_stream_open(void *arg)
{
    link_t *self = arg;

    if (self->closing) {
        return; /* it comes too late to be used: the next tick ends it */
    }
    self->state = UP;
    self->connects++;
    self->past.remedy = NULL;
    self->past.up_ms = self->heard_ms = self->pinged_ms = clock_mono_ms();
    set_tick(self, TICK_UP_MS);
    int64_t times = repeats_note_change(self->repeats, "up", self->past.up_ms);
    self->told_up = times > 0;
    LOG_AT(self->told_up ? LEVEL_INFO : LEVEL_DEBUG, "link.up",
           TEXT("host", self->settings->xmpp.host),
           NUM("port", self->settings->xmpp.port), TIMES(times));
}

static void on_stream_end(void *arg, const struct stream_end *end)
{
    link_t *self = arg;

    if (end->refusal != NULL && !self->closing) {
        self->failures++;
        link_past_note(&self->past, end->refusal, end->text, end->remedy);
        log_error("link.refused", TEXT("why", end->refusal),
                  TEXT("text", end->text), TEXT("remedy", end->remedy));
        wait_to_connect(self, &SLOWLY);
    }
    relay_close(self->relay,
                end->text != NULL ? end->text : "the server ended the stream");
}

/* ---- connecting ---- */

static void on_relay_open(void *arg)
{
    link_t *self = arg;

    self->state = OPENING;
    self->due_ms = clock_mono_ms() + OPEN_MS;
    int fd = stream_connect(self->stream, relay_port(self->relay));
    if (fd < 0) {
        relay_close(self->relay, "libstrophe cannot connect");
        return;
    }
    relay_expect(self->relay, fd);
}

static void on_relay_accepted(void *arg)
{
    link_t *self = arg;

    stream_accepted(self->stream);
}

static void on_relay_bytes(void *arg)
{
    link_t *self = arg;

    stream_read(self->stream);
}

/* ---- stanzas ---- */

static void on_relay_stanza(void *arg, const struct element *stanza)
{
    link_t *self = arg;
    struct iq iq;

    if (self->state != UP) {
        return; /* no server does that: we are not known to it yet */
    }
    self->heard_ms = clock_mono_ms();
    if (element_is(stanza, "iq", NULL)) {
        stanza_read(&iq, stanza);
        self->events.on_iq(self->events.arg, &iq);
    }
}

static size_t on_relay_unread(void *arg, const char *bytes, size_t size)
{
    link_t *self = arg;
    struct skimmed push;

    if (self->state != UP || !skim_push(bytes, size, &push) ||
        !self->events.on_skimmed(self->events.arg, &push.head)) {
        return 0;
    }
    self->heard_ms = clock_mono_ms();
    return push.size;
}

static void on_relay_batch_end(void *arg)
{
    link_t *self = arg;

    self->events.on_batch_end(self->events.arg);
}

static void on_relay_dropped(void *arg, const char *why)
{
    link_t *self = arg;
    int64_t times = repeats_note(self->repeats, why, clock_mono_ms());

    self->dropped++;
    if (times > 0) {
        log_warn("stanza.dropped", TEXT("why", why), TIMES(times),
                 TEXT("remedy", "lower the XMPP server's limit for stanzas"));
    }
}

bool link_is_up(const link_t *self)
{
    return self->state == UP && !self->closing;
}

const struct link_past *link_past(const link_t *self)
{
    return &self->past;
}

static const struct metric LINK_UP = {
    "wakebus_xmpp_link_up",
    METRIC_GAUGE,
    "1 while the XMPP server takes this process as its component.",
    {NULL}};
static const struct metric CONNECTS = {
    "wakebus_xmpp_link_connects_total",
    METRIC_COUNTER,
    "Times the link to the XMPP server came up.",
    {NULL}};
static const struct metric FAILURES = {
    "wakebus_xmpp_link_failures_total",
    METRIC_COUNTER,
    "Attempts at the link that failed, or were refused.",
    {NULL}};
static const struct metric DROPPED = {
    "wakebus_xmpp_stanzas_dropped_total",
    METRIC_COUNTER,
    "Stanzas that are too large or too deep to be read.",
    {NULL}};

void link_metrics(const link_t *self, metrics_t *page)
{
    metrics_add(page, &LINK_UP, NULL, link_is_up(self));
    metrics_add(page, &CONNECTS, NULL, (double)self->connects);
    metrics_add(page, &FAILURES, NULL, (double)self->failures);
    metrics_add(page, &DROPPED, NULL, (double)self->dropped);
}

void link_skim(link_t *self, bool skims)
{
    relay_skim(self->relay, skims);
}

void link_send(link_t *self, char *stanza)
{
    if (link_is_up(self)) {
        relay_write(self->relay, stanza, strlen(stanza));
    }
    free(stanza);
}

void link_flush(link_t *self)
{
    relay_flush(self->relay);
}

/* ---- time ---- */

static void ping(link_t *self, int64_t now_ms)
{
    char id[32];

    snprintf(id, sizeof id, "wakebus-ping-%u", ++self->pings);
    link_send(self, reply_self_ping(self->settings->xmpp.jid, id));
    link_flush(self);
    self->pinged_ms = now_ms;
}

void link_prove(link_t *self)
{
    if (self->state == UP && self->pinged_ms <= self->heard_ms) {
        ping(self, clock_mono_ms());
    }
}

int64_t link_silent_ms(const link_t *self)
{
    return self->pinged_ms > self->heard_ms ? clock_mono_ms() - self->pinged_ms
                                            : 0;
}

/* A ping to ourselves goes through the server and back: it proves that the
 * server routes to us, without knowing anything about it. */
static void check_life(link_t *self, int64_t now_ms)
{
    int64_t interval_ms = self->settings->xmpp.ping_interval_s * 1000;
    int64_t timeout_ms = self->settings->xmpp.ping_timeout_s * 1000;

    if (self->pinged_ms > self->heard_ms) {
        if (now_ms - self->pinged_ms >= timeout_ms) {
            relay_close(self->relay, "no answer to a ping");
        }
    } else if (now_ms - self->pinged_ms >= interval_ms) {
        ping(self, now_ms);
    }
}

static void report_closed(link_t *self)
{
    void (*on_closed)(void *) = self->events.on_closed;

    self->events.on_closed = NULL;
    if (on_closed != NULL) {
        on_closed(self->events.arg);
    }
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    link_t *self = arg;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    stream_turn(self->stream);
    if (self->closing && (self->state != UP || now_ms >= self->due_ms)) {
        report_closed(self);
        return 0;
    }
    switch (self->state) {
    case WAITING:
        if (now_ms >= self->due_ms) {
            self->state = CONNECTING;
            relay_open(self->relay);
        }
        break;
    case OPENING:
        if (now_ms >= self->due_ms) {
            relay_close(self->relay, "the server does not answer");
        }
        break;
    case UP:
        check_life(self, now_ms);
        break;
    case CONNECTING:
    case CLOSED:
        break;
    }
    return 0;
}

/* ---- life ---- */

link_t *link_new(zloop_t *loop, const struct settings *settings,
                 const struct link_events *events)
{
    link_t *self = zmalloc(sizeof *self);

    assert(self);
    self->loop = loop;
    self->settings = settings;
    self->events = *events;
    self->backoff = &SOON;
    self->repeats = repeats_new();
    const struct relay_events relay = {.on_open = on_relay_open,
                                       .on_accepted = on_relay_accepted,
                                       .on_bytes = on_relay_bytes,
                                       .on_unread = on_relay_unread,
                                       .on_stanza = on_relay_stanza,
                                       .on_batch_end = on_relay_batch_end,
                                       .on_dropped = on_relay_dropped,
                                       .on_closed = on_relay_closed,
                                       .arg = self};
    self->relay =
        relay_new(loop, settings->xmpp.host, (int)settings->xmpp.port, &relay);
    const struct stream_events stream = {on_stream_open, on_stream_end, self};
    self->stream =
        stream_new(settings->xmpp.jid, settings->xmpp.secret, &stream);
    self->state = WAITING;
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    on_tick(loop, self->tick, self); /* now, and not with the first tick */
    return self;
}

void link_use(link_t *self, const struct settings *settings)
{
    self->settings = settings;
}

void link_destroy(link_t **self_p)
{
    link_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    self->closing = true;
    zloop_timer_end(self->loop, self->tick);
    relay_close(self->relay, "stopping");
    stream_destroy(&self->stream);
    relay_destroy(&self->relay);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

/* The end of the stream is said by us and not by libstrophe, which would close
 * the connection two seconds later in any case. Closed while the server still
 * writes, it is reset, and what the server had not read is lost with it; its
 * own end of the stream says that it has read all (RFC 6120, 4.4). */
void link_close(link_t *self)
{
    static const char END[] = "</stream:stream>";

    if (self->closing) {
        return;
    }
    if (self->state == UP) {
        relay_write(self->relay, END, strlen(END));
        link_flush(self);
    }
    self->closing = true;
    self->due_ms = clock_mono_ms() + CLOSE_MS;
    set_tick(self, TICK_MS);
}

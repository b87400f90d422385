/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/link.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/reply.h"
#include <assert.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <strophe.h>

enum {
    TICK_CONNECTING_MS = 20, /* libstrophe has no event for "TCP is up" */
    TICK_MS = 250,           /* its own timers when nothing arrives */
    PING_MS = 60000,
    PONG_MS = 25000,
    CLOSE_MS = 1000,
    KEEPIDLE_S = 30,
    KEEPINTVL_S = 10,
    KEEPCNT = 3,
    UNSENT_MAX = 16 * 1024 * 1024, /* bytes for a server that does not read */
};

/* Trouble of the network is over soon and trying costs nothing; what a person
 * must mend is tried less often. */
static const struct backoff SOON = {.base_ms = 250, .cap_ms = 1000};
static const struct backoff SLOWLY = {.base_ms = 5000, .cap_ms = 60000};

enum link_state { WAITING, CONNECTING, UP, CLOSED };

struct link {
    zloop_t *loop;
    const struct settings *settings;
    struct link_events events;
    xmpp_ctx_t *ctx;
    xmpp_conn_t *conn;
    int fd;              /* of the connection, or -1 */
    short polled;        /* what zloop watches it for, 0: not at all */
    int tick;            /* timer */
    enum link_state state;
    bool closing;        /* link_close was called */
    unsigned attempt;    /* failed ones in a row */
    const struct backoff *backoff; /* for the next one */
    int64_t due_ms;      /* WAITING: when to try; closing: when to give up */
    int64_t heard_ms;    /* last stanza of any kind */
    int64_t pinged_ms;   /* last ping */
    unsigned pings;
    char *unsent;        /* stanzas for the next flush */
    size_t unsent_size;
    size_t unsent_room;
};

/* libstrophe's callback for sockets gets no argument of ours, so it finds the
 * one link there is here. */
static link_t *only_link;

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event,
                          int error, xmpp_stream_error_t *stream_error,
                          void *arg);
static int on_tick(zloop_t *loop, int timer_id, void *arg);
static int on_socket(zloop_t *loop, zmq_pollitem_t *item, void *arg);

/* ---- the socket in the loop ---- */

static void watch(link_t *self, short events)
{
    zmq_pollitem_t item = {.fd = self->fd, .events = events};

    if (self->polled == events) {
        return;
    }
    if (self->polled != 0) {
        zloop_poller_end(self->loop, &item);
    }
    if (events != 0) {
        zloop_poller(self->loop, &item, on_socket, self);
        zloop_poller_set_tolerant(self->loop, &item);
    }
    self->polled = events;
}

static void set_tick(link_t *self, size_t interval_ms)
{
    zloop_timer_end(self->loop, self->tick);
    self->tick = zloop_timer(self->loop, interval_ms, 0, on_tick, self);
}

/* libstrophe tells its socket to nobody but this callback, once for every
 * address that it tries. */
static int remember_socket(xmpp_conn_t *conn, void *socket)
{
    link_t *self = only_link;
    static const struct {
        int level, name, value;
    } OPTIONS[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_NODELAY, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, KEEPIDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, KEEPINTVL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, KEEPCNT},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, PONG_MS},
    };

    (void)conn;
    watch(self, 0);
    self->fd = *(int *)socket;
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        setsockopt(self->fd, OPTIONS[i].level, OPTIONS[i].name,
                   &OPTIONS[i].value, sizeof OPTIONS[i].value);
    }
    return 0;
}

static int refuse_socket(xmpp_conn_t *conn, void *socket)
{
    (void)conn;
    (void)socket;
    return -1;
}

/* ---- connecting ---- */

static void wait_to_connect(link_t *self)
{
    self->state = WAITING;
    self->due_ms = clock_mono_ms() + backoff_delay_ms(self->backoff,
                                                      self->attempt++,
                                                      random_u32());
    self->backoff = &SOON;
    set_tick(self, TICK_CONNECTING_MS);
}

/* libstrophe gives up when the first address of a name fails, so each try
 * takes the next one. Returns 0, or -1 when the name cannot be resolved. */
static int pick_address(const link_t *self, char *out, socklen_t size)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    unsigned count = 0;

    int status = getaddrinfo(self->settings->xmpp.host, NULL, &hints, &all);
    if (status != 0) {
        log_warn("link.unresolved", TEXT("host", self->settings->xmpp.host),
                 TEXT("why", gai_strerror(status)),
                 TEXT("remedy", "check xmpp.host and the DNS"));
        return -1;
    }
    for (const struct addrinfo *a = all; a != NULL; a = a->ai_next) {
        count++;
    }
    const struct addrinfo *chosen = all;
    for (unsigned i = self->attempt % count; i > 0; i--) {
        chosen = chosen->ai_next;
    }
    status = getnameinfo(chosen->ai_addr, chosen->ai_addrlen, out, size, NULL,
                         0, NI_NUMERICHOST);
    freeaddrinfo(all);
    return status == 0 ? 0 : -1;
}

static void connect_now(link_t *self)
{
    char address[64];

    self->state = CONNECTING;
    xmpp_conn_set_sockopt_callback(self->conn, remember_socket);
    if (pick_address(self, address, sizeof address) != 0 ||
        xmpp_connect_component(self->conn, address,
                               (unsigned short)self->settings->xmpp.port,
                               on_connection, self) != XMPP_EOK) {
        wait_to_connect(self);
    }
}

/* Stream errors (RFC 6120, 4.9.3) that a person must mend, and how. */
static const struct refusal {
    xmpp_error_type_t type;
    const char *name;
    const char *remedy;
} REFUSALS[] = {
    {XMPP_SE_NOT_AUTHORIZED, "not-authorized",
     "xmpp.secret is not the one in the XMPP server"},
    {XMPP_SE_HOST_UNKNOWN, "host-unknown",
     "the XMPP server has no component with the name xmpp.jid"},
    {XMPP_SE_CONFLICT, "conflict",
     "another process is connected as xmpp.jid; with Prosody set "
     "component_conflict_resolve = \"kick_old\""},
};

static const struct refusal *refusal_of(const xmpp_stream_error_t *error)
{
    for (size_t i = 0; i < sizeof REFUSALS / sizeof *REFUSALS; i++) {
        if (error != NULL && error->type == REFUSALS[i].type) {
            return &REFUSALS[i];
        }
    }
    return NULL;
}

static void on_up(link_t *self)
{
    self->state = UP;
    self->attempt = 0;
    self->heard_ms = self->pinged_ms = clock_mono_ms();
    set_tick(self, TICK_MS);
    log_info("link.up", TEXT("host", self->settings->xmpp.host),
             NUM("port", self->settings->xmpp.port));
}

static void report_down(const link_t *self, int error,
                        const xmpp_stream_error_t *stream_error)
{
    const struct refusal *refusal = refusal_of(stream_error);

    if (refusal != NULL) {
        log_error("link.refused", TEXT("why", refusal->name),
                  TEXT("text", stream_error->text),
                  TEXT("remedy", refusal->remedy));
    } else if (stream_error != NULL) {
        log_warn("link.down", TEXT("why", "the server ended the stream"),
                 TEXT("text", stream_error->text));
    } else if (self->state == UP) {
        log_warn("link.down", TEXT("why", error != 0 ? strerror(error)
                                                     : "closed by the server"));
    } else if (self->attempt == 0 || self->attempt % 30 == 0) {
        log_warn("link.cannot_connect",
                 TEXT("host", self->settings->xmpp.host),
                 NUM("port", self->settings->xmpp.port),
                 NUM("attempts", self->attempt + 1),
                 TEXT("remedy", "check that the XMPP server runs and listens "
                                "for components there"));
    }
}

static void on_connection(xmpp_conn_t *conn, xmpp_conn_event_t event,
                          int error, xmpp_stream_error_t *stream_error,
                          void *arg)
{
    link_t *self = arg;

    (void)conn;
    if (event == XMPP_CONN_CONNECT) {
        on_up(self);
        return;
    }
    watch(self, 0);
    self->fd = -1;
    self->unsent_size = 0; /* what it was to answer is lost with the stream */
    if (self->closing) {
        self->state = CLOSED;
        return;
    }
    report_down(self, error, stream_error);
    if (refusal_of(stream_error) != NULL) {
        self->backoff = &SLOWLY;
    }
    wait_to_connect(self);
}

/* ---- stanzas ---- */

static int on_stanza(xmpp_conn_t *conn, xmpp_stanza_t *stanza, void *arg)
{
    link_t *self = arg;
    const char *name = xmpp_stanza_get_name(stanza);
    struct iq iq;

    (void)conn;
    self->heard_ms = clock_mono_ms();
    if (name != NULL && strcmp(name, "iq") == 0) {
        stanza_read(&iq, stanza);
        self->events.on_iq(self->events.arg, &iq);
    }
    return 1; /* stay installed */
}

/* End a connection whose peer does not react, without waiting for it: the next
 * read finds the end of the stream. */
static void drop(link_t *self)
{
    shutdown(self->fd, SHUT_RDWR);
    xmpp_run_once(self->ctx, 0);
}

static void reserve(link_t *self, size_t size)
{
    size_t room = self->unsent_room ? self->unsent_room : 4096;

    while (room < self->unsent_size + size) {
        room *= 2;
    }
    if (room != self->unsent_room) {
        self->unsent = realloc(self->unsent, room);
        assert(self->unsent);
        self->unsent_room = room;
    }
}

void link_send(link_t *self, char *stanza)
{
    size_t size = strlen(stanza);

    if (self->state == UP) {
        /* With the NUL: xmpp_send_raw looks for it in spite of its length. */
        reserve(self, size + 1);
        memcpy(self->unsent + self->unsent_size, stanza, size + 1);
        self->unsent_size += size;
    }
    free(stanza);
}

/* Give libstrophe all stanzas as one piece, for one write. While it could not
 * send the last piece the stanzas stay with us, where they can be counted. */
void link_flush(link_t *self)
{
    if (self->state != UP) {
        return;
    }
    if (self->unsent_size > 0 && xmpp_conn_send_queue_len(self->conn) == 0) {
        xmpp_send_raw(self->conn, self->unsent, self->unsent_size);
        self->unsent_size = 0;
        xmpp_run_once(self->ctx, 0);
    }
    if (self->state == UP && self->unsent_size > UNSENT_MAX) {
        log_error("link.stuck", TEXT("why", "the server does not read"),
                  TEXT("remedy", "the connection is opened anew"));
        drop(self);
    }
    if (self->state == UP) {
        watch(self, xmpp_conn_send_queue_len(self->conn) > 0
                        ? ZMQ_POLLIN | ZMQ_POLLOUT
                        : ZMQ_POLLIN);
    }
}

static void run(link_t *self)
{
    xmpp_run_once(self->ctx, 0);
    self->events.on_batch_end(self->events.arg);
    link_flush(self);
}

static int on_socket(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    run(arg);
    return 0;
}

/* ---- time ---- */

/* A ping to ourselves goes through the server and back: it proves that the
 * server routes to us, without knowing anything about it. */
static void check_life(link_t *self, int64_t now_ms)
{
    char id[32];

    if (self->pinged_ms > self->heard_ms &&
        now_ms - self->pinged_ms >= PONG_MS) {
        log_warn("link.dead", TEXT("why", "no answer to a ping"),
                 NUM("after_ms", now_ms - self->pinged_ms));
        drop(self);
        return;
    }
    if (now_ms - self->pinged_ms >= PING_MS) {
        snprintf(id, sizeof id, "wakebus-ping-%u", ++self->pings);
        link_send(self, reply_self_ping(self->settings->xmpp.jid, id));
        self->pinged_ms = now_ms;
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
    if (self->closing &&
        (self->state != UP || now_ms >= self->due_ms)) {
        report_closed(self);
        return 0;
    }
    switch (self->state) {
    case WAITING:
        if (now_ms >= self->due_ms) {
            connect_now(self);
        }
        break;
    case CONNECTING:
        if (xmpp_conn_is_connected(self->conn)) {
            watch(self, ZMQ_POLLIN);
        }
        run(self);
        break;
    case UP:
        check_life(self, now_ms);
        if (self->state == UP) {
            run(self);
        }
        break;
    case CLOSED:
        break;
    }
    return 0;
}

/* ---- life ---- */

/* libstrophe 0.12 to 0.14 allocates a part of the connection's state only in
 * xmpp_connect_client, and component mode then reads it through a NULL. An
 * attempt as a client that is refused before anything is sent makes it. */
static void allocate_stream_state(link_t *self)
{
    xmpp_conn_set_sockopt_callback(self->conn, refuse_socket);
    (void)xmpp_connect_client(self->conn, "127.0.0.1", 1, on_connection, self);
}

link_t *link_new(zloop_t *loop, const struct settings *settings,
                 const struct link_events *events)
{
    link_t *self = zmalloc(sizeof *self);

    assert(self && only_link == NULL);
    only_link = self;
    self->loop = loop;
    self->settings = settings;
    self->events = *events;
    self->fd = -1;
    self->backoff = &SOON;
    xmpp_initialize();
    self->ctx = xmpp_ctx_new(NULL, NULL);
    self->conn = xmpp_conn_new(self->ctx);
    assert(self->ctx && self->conn);
    xmpp_conn_set_jid(self->conn, settings->xmpp.jid);
    xmpp_conn_set_pass(self->conn, settings->xmpp.secret);
    self->tick = zloop_timer(loop, TICK_CONNECTING_MS, 0, on_tick, self);
    self->closing = true; /* so that the refusal is nothing to report */
    allocate_stream_state(self);
    self->closing = false;
    self->state = WAITING;
    xmpp_handler_add(self->conn, on_stanza, NULL, NULL, NULL, self);
    return self;
}

void link_destroy(link_t **self_p)
{
    link_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    self->closing = true;
    watch(self, 0);
    zloop_timer_end(self->loop, self->tick);
    xmpp_conn_release(self->conn);
    xmpp_ctx_free(self->ctx);
    xmpp_shutdown();
    only_link = NULL;
    free(self->unsent);
    free(self);
    *self_p = NULL;
}

void link_close(link_t *self)
{
    link_flush(self);
    self->closing = true;
    self->due_ms = clock_mono_ms() + CLOSE_MS;
    if (self->state == UP) {
        xmpp_disconnect(self->conn);
        xmpp_run_once(self->ctx, 0);
    }
    set_tick(self, TICK_CONNECTING_MS);
}

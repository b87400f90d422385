/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_wire.h"

#include "common/clock.h"
#include "services/registry/host_addresses.h"
#include "services/registry/redis_reply.h"
#include <assert.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    TICK_MS = 20,       /* while a name is looked up or the next address due */
    TICK_OPEN_MS = 250, /* how often the time limits are looked at */
};

enum state { CLOSED, RESOLVING, CONNECTING, FAILED, OPEN };

struct redis_wire {
    zloop_t *loop;
    int64_t patience_ms;
    struct redis_wire_events events;
    enum state state;
    int tick;                    /* timer; 0: none */
    host_addresses_t *addresses; /* to which this connects, one by one … */
    int port;                    /* … at this port */
    char why[128];               /* the last one did not do */
    int epoll;                   /* see watch_socket */
    uint32_t watched;            /* EPOLLIN and EPOLLOUT, as hiredis wants */
    redisAsyncContext *context;  /* NULL unless CONNECTING or OPEN */
    size_t outstanding;          /* commands on the way */
    int64_t progress_ms;         /* since when nothing has happened */
    bool wanted;                 /* the end of the connection */
    bool silent;                 /* the reason for it */
};

/* A command on the way; of the callbacks, the one it has. */
struct call {
    redis_wire_t *wire;
    redis_answer_fn *on_answer;
    redis_value_fn *on_value;
    void *arg;
};

static int on_tick(zloop_t *loop, int timer_id, void *arg);

/* 0 stops it. */
static void set_tick(redis_wire_t *self, size_t interval_ms)
{
    if (self->tick != 0) {
        zloop_timer_end(self->loop, self->tick);
        self->tick = 0;
    }
    if (interval_ms != 0) {
        self->tick = zloop_timer(self->loop, interval_ms, 0, on_tick, self);
    }
}

/* ---- hiredis on the loop ---- */

/* A zloop poller cannot change its events, and hiredis does so twice for each
 * command. So the loop polls an epoll set, which always stays the same, and
 * the socket is the only thing in that set. */
static void watch_socket(redis_wire_t *self, uint32_t watched)
{
    struct epoll_event event = {.events = watched};

    if (self->watched != watched) {
        self->watched = watched;
        epoll_ctl(self->epoll, EPOLL_CTL_MOD, self->context->c.fd, &event);
    }
}

static void add_read(void *arg)
{
    redis_wire_t *self = arg;
    watch_socket(self, self->watched | EPOLLIN);
}

static void del_read(void *arg)
{
    redis_wire_t *self = arg;
    watch_socket(self, self->watched & ~(uint32_t)EPOLLIN);
}

static void add_write(void *arg)
{
    redis_wire_t *self = arg;
    watch_socket(self, self->watched | EPOLLOUT);
}

static void del_write(void *arg)
{
    redis_wire_t *self = arg;
    watch_socket(self, self->watched & ~(uint32_t)EPOLLOUT);
}

/* hiredis aborts the process when something that nobody asked for comes and is
 * no error, as from a server that is no Redis and speaks first. */
static bool is_uncalled_for(const redis_wire_t *self)
{
    char first;

    return self->outstanding == 0 &&
           recv(self->context->c.fd, &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
           first != '-';
}

/* hiredis takes it for the end of a connection that there was. */
static int connect_error(const redis_wire_t *self)
{
    int error = 0;
    socklen_t size = sizeof error;

    return self->state == CONNECTING &&
                   getsockopt(self->context->c.fd, SOL_SOCKET, SO_ERROR, &error,
                              &size) == 0
               ? error
               : 0;
}

static void handle(redis_wire_t *self, uint32_t happened)
{
    int error = connect_error(self);

    if (error != 0) {
        snprintf(self->why, sizeof self->why, "%s", strerror(error));
        redisAsyncFree(self->context);
        return;
    }
    if (happened & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        if (is_uncalled_for(self)) {
            snprintf(self->why, sizeof self->why, "it is not a Redis");
            redisAsyncFree(self->context);
        } else {
            redisAsyncHandleRead(self->context); /* may end the connection */
        }
    }
    if ((happened & EPOLLOUT) && self->context != NULL) {
        redisAsyncHandleWrite(self->context);
    }
}

static int on_socket(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    redis_wire_t *self = arg;
    struct epoll_event event;
    bool was_open = self->state == OPEN;

    (void)loop;
    if (epoll_wait(item->fd, &event, 1, 0) != 1) {
        return 0;
    }
    handle(self, event.events);
    /* Only here, where hiredis no longer holds the context: in its own
     * callback a connection could not be ended. */
    if (!was_open && self->state == OPEN) {
        self->events.on_open(self->events.arg);
    }
    return 0;
}

/* ---- answers ---- */

static void end_call(const struct call *call, const struct redis_answer *answer,
                     const struct redis_value *value)
{
    if (call->on_value != NULL) {
        call->on_value(call->arg, value);
    } else {
        call->on_answer(call->arg, answer);
    }
}

static void refuse(const struct call *call, const char *error)
{
    const struct redis_wire_events *events = &call->wire->events;

    events->on_refused(events->arg, error, call->on_answer);
    end_call(call, NULL, NULL);
}

static void on_reply(redisAsyncContext *context, void *data, void *arg)
{
    const redisReply *reply = data;
    struct call call = *(struct call *)arg;
    struct redis_answer answer;

    (void)context;
    free(arg);
    call.wire->outstanding--;
    call.wire->progress_ms = clock_mono_ms();
    if (reply == NULL) { /* the connection ended */
        end_call(&call, NULL, NULL);
    } else if (reply->type == REDIS_REPLY_ERROR) {
        refuse(&call, reply->str);
    } else if (call.on_value != NULL) {
        struct redis_value value = redis_reply_copy(reply);
        call.on_value(call.arg, &value);
        redis_reply_drop(&value);
    } else if (redis_reply_read(reply, &answer) != 0) {
        refuse(&call, "");
    } else {
        call.on_answer(call.arg, &answer);
    }
}

static void send_call(redis_wire_t *self, const char *const *argv, size_t argc,
                      struct call call)
{
    const char *args[REDIS_ARGS_MAX]; /* hiredis takes them without a const */

    if (self->state != OPEN || self->outstanding >= REDIS_CALLS_MAX) {
        end_call(&call, NULL, NULL);
        return;
    }
    struct call *copy = malloc(sizeof *copy);
    assert(copy && argc <= REDIS_ARGS_MAX);
    *copy = call;
    memcpy(args, argv, argc * sizeof *args);
    if (redisAsyncCommandArgv(self->context, on_reply, copy, (int)argc, args,
                              NULL) != REDIS_OK) { /* it is about to end */
        free(copy);
        end_call(&call, NULL, NULL);
        return;
    }
    if (self->outstanding++ == 0) {
        self->progress_ms = clock_mono_ms();
    }
}

void redis_wire_send(redis_wire_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg)
{
    send_call(self, argv, argc,
              (struct call){.wire = self, .on_answer = on_answer, .arg = arg});
}

void redis_wire_ask(redis_wire_t *self, const char *const *argv, size_t argc,
                    redis_value_fn *on_value, void *arg)
{
    assert(on_value);
    send_call(self, argv, argc,
              (struct call){.wire = self, .on_value = on_value, .arg = arg});
}

/* ---- the end ---- */

static void report_closed(redis_wire_t *self, const struct redis_fault *fault,
                          const char *detail)
{
    self->state = CLOSED;
    set_tick(self, 0);
    host_addresses_forget(self->addresses);
    if (self->events.on_closed != NULL) {
        self->events.on_closed(self->events.arg, fault, detail);
    }
}

/* Before it is let in, Redis may say why it will not be, to nothing that it
 * was asked; hiredis gives that as the reason of the end. */
static void report_broken(redis_wire_t *self)
{
    const struct redis_fault *fault = redis_fault_of(self->why);

    if (fault == &REDIS_STRANGE) {
        report_closed(self, &REDIS_UNREACHABLE, self->why);
    } else {
        report_closed(self, fault, NULL);
    }
}

/* hiredis calls this at every end of a connection that had been begun, after
 * it has called back all that was on the way, and before it frees it. */
static void on_end(void *arg)
{
    redis_wire_t *self = arg;

    if (self->context->err != 0) {
        snprintf(self->why, sizeof self->why, "%s", self->context->errstr);
    }
    epoll_ctl(self->epoll, EPOLL_CTL_DEL, self->context->c.fd, NULL);
    self->watched = 0;
    self->context = NULL;
    if (self->silent) {
        report_closed(self, &REDIS_SILENT, NULL);
    } else if (self->wanted && self->why[0] == '\0') {
        report_closed(self, NULL, NULL);
    } else if (self->state == CONNECTING && !self->wanted) {
        self->state = FAILED; /* that address; the tick tries the next one */
        set_tick(self, TICK_MS);
    } else {
        report_broken(self);
    }
}

void redis_wire_close(redis_wire_t *self)
{
    if (self->state == CLOSED) {
        return;
    }
    self->wanted = true;
    if (self->context != NULL) {
        redisAsyncFree(self->context);
    } else {
        report_closed(self, NULL, NULL);
    }
}

void redis_wire_finish(redis_wire_t *self)
{
    if (self->state == OPEN) {
        self->wanted = true;
        redisAsyncDisconnect(self->context);
    } else {
        redis_wire_close(self);
    }
}

/* ---- connecting ---- */

static void on_connected(const redisAsyncContext *context, int status)
{
    redis_wire_t *self = context->ev.data;

    if (status == REDIS_OK) {
        self->state = OPEN;
        self->why[0] = '\0'; /* of an address before this one */
        self->progress_ms = clock_mono_ms();
        host_addresses_forget(self->addresses);
    }
}

/* Takes the context, which may hold no more than the reason for a failure. */
static void begin(redis_wire_t *self, redisAsyncContext *context)
{
    struct epoll_event none = {0};

    assert(context);
    if (context->err != 0) {
        snprintf(self->why, sizeof self->why, "%s", context->errstr);
        redisAsyncFree(context);
        self->state = FAILED;
        set_tick(self, TICK_MS);
        return;
    }
    self->state = CONNECTING;
    self->progress_ms = clock_mono_ms();
    set_tick(self, TICK_OPEN_MS);
    context->ev.data = self;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = on_end;
    epoll_ctl(self->epoll, EPOLL_CTL_ADD, context->c.fd, &none);
    self->context = context;
    redisAsyncSetConnectCallback(context, on_connected);
}

static void try_next(redis_wire_t *self)
{
    char address[HOST_ADDRESS_SIZE];

    if (host_addresses_next(self->addresses, address)) {
        begin(self, redisAsyncConnect(address, self->port));
    } else {
        report_broken(self);
    }
}

static void look_up(redis_wire_t *self)
{
    const char *why = NULL;

    switch (host_addresses_fetch(self->addresses, &why)) {
    case RESOLVER_IDLE:
    case RESOLVER_ASKING:
        break;
    case RESOLVER_FAILED:
        report_closed(self, &REDIS_UNREACHABLE, why);
        break;
    case RESOLVER_DONE:
        try_next(self);
        break;
    }
}

void redis_wire_open(redis_wire_t *self, const struct redis_place *place)
{
    assert(self->state == CLOSED);
    self->wanted = false;
    self->silent = false;
    self->why[0] = '\0';
    self->progress_ms = clock_mono_ms();
    if (place->path[0] != '\0') {
        begin(self, redisAsyncConnectUnix(place->path));
        return;
    }
    self->port = place->port;
    self->state = RESOLVING;
    set_tick(self, TICK_MS);
    host_addresses_ask(self->addresses, place->host);
    look_up(self);
}

static void give_up(redis_wire_t *self)
{
    if (self->state == RESOLVING) {
        report_closed(self, &REDIS_UNREACHABLE,
                      "looking up its name takes too long");
        return;
    }
    if (self->state == CONNECTING) {
        snprintf(self->why, sizeof self->why, "connecting takes too long");
    } else {
        self->silent = true;
    }
    redisAsyncFree(self->context);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    redis_wire_t *self = arg;
    bool waits = self->state != OPEN || self->outstanding > 0;

    (void)loop;
    (void)timer_id;
    if (self->state == FAILED) {
        try_next(self);
    } else if (waits &&
               clock_mono_ms() - self->progress_ms >= self->patience_ms) {
        give_up(self);
    } else if (self->state == RESOLVING) {
        look_up(self);
    }
    return 0;
}

/* ---- life ---- */

redis_wire_t *redis_wire_new(zloop_t *loop, int64_t patience_ms,
                             const struct redis_wire_events *events)
{
    redis_wire_t *self = calloc(1, sizeof *self);
    zmq_pollitem_t item = {.events = ZMQ_POLLIN};

    assert(self);
    self->loop = loop;
    self->patience_ms = patience_ms;
    self->events = *events;
    self->addresses = host_addresses_new();
    self->epoll = epoll_create1(EPOLL_CLOEXEC);
    assert(self->epoll >= 0);
    item.fd = self->epoll;
    zloop_poller(loop, &item, on_socket, self);
    return self;
}

void redis_wire_destroy(redis_wire_t **self_p)
{
    redis_wire_t *self = *self_p;
    zmq_pollitem_t item = {0};

    if (self == NULL) {
        return;
    }
    self->events.on_closed = NULL;
    redis_wire_close(self);
    host_addresses_destroy(&self->addresses);
    item.fd = self->epoll;
    zloop_poller_end(self->loop, &item);
    close(self->epoll);
    free(self);
    *self_p = NULL;
}

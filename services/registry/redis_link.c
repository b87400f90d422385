/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_link.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "services/registry/redis_fault.h"
#include <assert.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    TICK_MS = 250,    /* how often the time limits are looked at */
    IDLE_MS = 5000,   /* then a PING tells whether Redis is still there */
    STABLE_MS = 5000, /* a connection that lasted so long is no sign of
                         trouble when it ends */
    ARGS_MAX = 16,    /* texts in a command */
};

static const struct backoff BACKOFF = {.base_ms = 100, .cap_ms = 5000};

struct redis_link {
    zloop_t *loop;
    struct redis_url url;
    int events;                 /* epoll: see watch_socket */
    uint32_t watched;           /* EPOLLIN and EPOLLOUT, as hiredis wants */
    redisAsyncContext *context; /* NULL between two connections */
    bool ready;                 /* Redis has let us in */
    int64_t ready_ms;           /* since then */
    size_t outstanding;         /* commands on the way */
    int64_t progress_ms;        /* last answer, or first command after none */
    unsigned attempt;           /* of BACKOFF, for the next connection */
    int tick;                   /* timer */
    int retry;                  /* timer of the next connection */
    bool closing;               /* no next connection */
    repeats_t *repeats;         /* faults hit every command while they last */
};

/* A command on the way. */
struct call {
    redis_link_t *link;
    redis_answer_fn *on_answer;
    void *arg;
    const struct redis_fault *if_refused; /* when the error tells no more */
};

/* ---- what the operator has to know ---- */

static void complain(redis_link_t *self, const struct redis_fault *fault,
                     const char *detail)
{
    int64_t times = repeats_note(self->repeats, fault->state, clock_mono_ms());

    if (times > 0) {
        log_error("redis.fault", TEXT("server", self->url.label),
                  TEXT("state", fault->state), TEXT("detail", detail),
                  TEXT("remedy", fault->remedy), NUM("times", times));
    }
}

/* A replica that we still have from before a failover goes on answering, as a
 * replica: leave it, once what is on the way has arrived. */
static void renew(redis_link_t *self)
{
    if (self->ready && clock_mono_ms() - self->ready_ms >= STABLE_MS) {
        self->ready = false;
        self->attempt = 0;
        redisAsyncDisconnect(self->context);
    }
}

static void on_refused(redis_link_t *self, const char *error,
                       const struct redis_fault *otherwise)
{
    const struct redis_fault *fault = redis_fault_of(error);

    if (fault == &REDIS_STRANGE) {
        fault = otherwise;
    }
    complain(self, fault, NULL);
    if (fault->elsewhere) {
        renew(self);
    }
}

/* ---- hiredis on the loop ---- */

/* A zloop poller cannot change its events, and hiredis does so twice for each
 * command. So the loop polls an epoll set, which always stays the same, and
 * the socket is the only thing in that set. */
static void watch_socket(redis_link_t *self, uint32_t watched)
{
    struct epoll_event event = {.events = watched};

    if (self->watched != watched) {
        self->watched = watched;
        epoll_ctl(self->events, EPOLL_CTL_MOD, self->context->c.fd, &event);
    }
}

static void add_read(void *arg)
{
    redis_link_t *self = arg;
    watch_socket(self, self->watched | EPOLLIN);
}

static void del_read(void *arg)
{
    redis_link_t *self = arg;
    watch_socket(self, self->watched & ~(uint32_t)EPOLLIN);
}

static void add_write(void *arg)
{
    redis_link_t *self = arg;
    watch_socket(self, self->watched | EPOLLOUT);
}

static void del_write(void *arg)
{
    redis_link_t *self = arg;
    watch_socket(self, self->watched & ~(uint32_t)EPOLLOUT);
}

static int on_socket(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    redis_link_t *self = arg;
    struct epoll_event event;

    (void)loop;
    if (epoll_wait(item->fd, &event, 1, 0) != 1) {
        return 0;
    }
    if (event.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) {
        redisAsyncHandleRead(self->context); /* may end the connection */
    }
    if ((event.events & EPOLLOUT) && self->context != NULL) {
        redisAsyncHandleWrite(self->context);
    }
    return 0;
}

/* ---- answers ---- */

static bool is_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING ||
           reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_NIL;
}

/* Returns 0, or -1 when the reply is of a kind that none of our commands
 * has. hiredis has str NULL in a nil. */
static int read_reply(struct redis_answer *answer, const redisReply *reply)
{
    if (is_text(reply)) {
        *answer = (struct redis_answer){1, {reply->str}};
        return 0;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements > REDIS_ITEMS_MAX) {
        return -1;
    }
    answer->count = reply->elements;
    for (size_t i = 0; i < reply->elements; i++) {
        if (!is_text(reply->element[i])) {
            return -1;
        }
        answer->items[i] = reply->element[i]->str;
    }
    return 0;
}

static void on_reply(redisAsyncContext *context, void *data, void *arg)
{
    const redisReply *reply = data;
    struct call call = *(struct call *)arg;
    struct redis_answer answer;

    (void)context;
    free(arg);
    call.link->outstanding--;
    call.link->progress_ms = clock_mono_ms();
    if (reply == NULL) { /* the connection ended */
        call.on_answer(call.arg, NULL);
    } else if (reply->type == REDIS_REPLY_ERROR) {
        on_refused(call.link, reply->str, call.if_refused);
        call.on_answer(call.arg, NULL);
    } else if (read_reply(&answer, reply) != 0) {
        complain(call.link, &REDIS_STRANGE, NULL);
        call.on_answer(call.arg, NULL);
    } else {
        call.on_answer(call.arg, &answer);
    }
}

static void send_call(redis_link_t *self, const char *const *argv, size_t argc,
                      struct call how)
{
    const char *args[ARGS_MAX]; /* hiredis takes them without a const */
    struct call *call = malloc(sizeof *call);

    assert(call && argc <= ARGS_MAX);
    memcpy(args, argv, argc * sizeof *args);
    *call = how;
    if (self->outstanding == 0) {
        self->progress_ms = clock_mono_ms();
    }
    if (redisAsyncCommandArgv(self->context, on_reply, call, (int)argc, args,
                              NULL) != REDIS_OK) {
        free(call);
        how.on_answer(how.arg, NULL);
        return;
    }
    self->outstanding++;
}

void redis_link_send(redis_link_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg)
{
    if (!self->ready || self->outstanding >= REDIS_CALLS_MAX) {
        on_answer(arg, NULL);
        return;
    }
    send_call(self, argv, argc,
              (struct call){self, on_answer, arg, &REDIS_STRANGE});
}

/* ---- getting in ---- */

/* No command of ours may go out before Redis has let us in and the database is
 * the right one: a refused SELECT would leave us writing into database 0. */
static void on_step(void *arg, const struct redis_answer *answer)
{
    redis_link_t *self = arg;

    if (answer == NULL) {
        redisAsyncFree(self->context); /* once this callback has returned */
    }
}

static void on_let_in(void *arg, const struct redis_answer *answer)
{
    redis_link_t *self = arg;

    on_step(self, answer);
    if (answer != NULL) {
        self->ready = true;
        self->ready_ms = clock_mono_ms();
        log_info("redis.up", TEXT("server", self->url.label));
    }
}

static void knock(redis_link_t *self)
{
    const struct redis_url *url = &self->url;
    char database[8];

    if (url->user[0] != '\0') {
        const char *auth[] = {"AUTH", url->user, url->password};
        send_call(self, auth, 3,
                  (struct call){self, on_step, self, &REDIS_NO_ENTRY});
    } else if (url->password[0] != '\0') {
        const char *auth[] = {"AUTH", url->password};
        send_call(self, auth, 2,
                  (struct call){self, on_step, self, &REDIS_NO_ENTRY});
    }
    if (url->database != 0) {
        const char *select[] = {"SELECT", database};
        snprintf(database, sizeof database, "%d", url->database);
        send_call(self, select, 2,
                  (struct call){self, on_step, self, &REDIS_NO_DATABASE});
    }
    /* Says whether Redis is loading, wants a password, and so on. */
    const char *ping[] = {"PING"};
    send_call(self, ping, 1,
              (struct call){self, on_let_in, self, &REDIS_STRANGE});
}

/* ---- the connection's life ---- */

static zloop_timer_fn on_retry;

static void retry_later(redis_link_t *self)
{
    int64_t delay_ms =
        backoff_delay_ms(&BACKOFF, self->attempt++, random_u32());

    self->retry = zloop_timer(self->loop, (size_t)delay_ms, 1, on_retry, self);
}

/* hiredis calls this at every end of a connection that had been begun, after
 * it has called back all that was on the way, and before it frees it. */
static void on_end(void *arg)
{
    redis_link_t *self = arg;
    const char *why = self->context->err != 0 ? self->context->errstr : NULL;

    epoll_ctl(self->events, EPOLL_CTL_DEL, self->context->c.fd, NULL);
    if (self->ready) {
        log_warn("redis.down", TEXT("server", self->url.label),
                 TEXT("why", why));
        if (clock_mono_ms() - self->ready_ms >= STABLE_MS) {
            self->attempt = 0;
        }
    } else if (why != NULL) {
        complain(self, &REDIS_UNREACHABLE, why);
    }
    self->watched = 0;
    self->context = NULL;
    self->ready = false;
    if (!self->closing) {
        retry_later(self);
    }
}

/* The name is looked up here, and the loop waits for it: hiredis has no other
 * way. Give an address where the resolver may hang. */
static void begin(redis_link_t *self)
{
    const struct redis_url *url = &self->url;
    struct epoll_event none = {0};
    redisAsyncContext *context = url->path[0] != '\0'
                                     ? redisAsyncConnectUnix(url->path)
                                     : redisAsyncConnect(url->host, url->port);

    assert(context);
    if (context->err != 0) {
        complain(self, &REDIS_UNREACHABLE, context->errstr);
        redisAsyncFree(context);
        retry_later(self);
        return;
    }
    context->ev.data = self;
    context->ev.addRead = add_read;
    context->ev.delRead = del_read;
    context->ev.addWrite = add_write;
    context->ev.delWrite = del_write;
    context->ev.cleanup = on_end;
    epoll_ctl(self->events, EPOLL_CTL_ADD, context->c.fd, &none);
    self->context = context;
    knock(self);
}

static int on_retry(zloop_t *loop, int timer_id, void *arg)
{
    (void)loop;
    (void)timer_id;
    begin(arg);
    return 0;
}

static void on_pong(void *arg, const struct redis_answer *answer)
{
    (void)arg;
    (void)answer; /* if there was none, the reason has been logged */
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    redis_link_t *self = arg;
    int64_t quiet_ms = clock_mono_ms() - self->progress_ms;
    static const char *const PING[] = {"PING"};

    (void)loop;
    (void)timer_id;
    if (self->outstanding > 0 && quiet_ms >= REDIS_ANSWER_MS) {
        complain(self, &REDIS_SILENT, NULL);
        redisAsyncFree(self->context);
    } else if (self->outstanding == 0 && quiet_ms >= IDLE_MS) {
        redis_link_send(self, PING, 1, on_pong, NULL);
    }
    return 0;
}

redis_link_t *redis_link_new(zloop_t *loop, const struct redis_url *url)
{
    redis_link_t *self = calloc(1, sizeof *self);
    zmq_pollitem_t item = {.events = ZMQ_POLLIN};

    assert(self);
    self->loop = loop;
    self->url = *url;
    self->repeats = repeats_new();
    self->events = epoll_create1(EPOLL_CLOEXEC);
    assert(self->events >= 0);
    item.fd = self->events;
    zloop_poller(loop, &item, on_socket, self);
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    begin(self);
    return self;
}

void redis_link_destroy(redis_link_t **self_p)
{
    redis_link_t *self = *self_p;
    zmq_pollitem_t item = {0};

    if (self == NULL) {
        return;
    }
    self->closing = true;
    if (self->context != NULL) {
        self->ready = false;
        redisAsyncFree(self->context);
    } else {
        zloop_timer_end(self->loop, self->retry);
    }
    item.fd = self->events;
    zloop_poller_end(self->loop, &item);
    zloop_timer_end(self->loop, self->tick);
    close(self->events);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

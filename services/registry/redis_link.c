/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_link.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "services/registry/redis_finder.h"
#include <assert.h>

enum {
    TICK_MS = 250,
    PROBE_MS = 1000,  /* how often Redis is asked whether it can be written */
    CHECK_MS = 1000,  /* how often the sentinels are asked again */
    STABLE_MS = 5000, /* a connection that lasted so long is no sign of
                         trouble when it ends */
    DOUBTS_MAX = 2,   /* sentinels that must name another master in a row */
};

static const struct backoff BACKOFF = {.base_ms = 100, .cap_ms = 1000};

/* What is said to get in, in this order. No command of ours may go out before:
 * a refused SELECT would leave us writing into database 0, a master that has
 * become a replica would tell us of a time that is past, and one that has left
 * its cluster knows none of its keys. */
enum step { AUTH, SELECT, ROLE, MEMBER, PING, STEPS };

enum phase { WAITING, FINDING, KNOCKING, READY };

struct redis_link {
    zloop_t *loop;
    struct redis_url url;
    redis_finder_t *finder; /* NULL without sentinels */
    redis_wire_t *wire;
    struct redis_place master; /* where the wire leads */
    enum phase phase;
    enum step step;     /* of KNOCKING */
    int64_t ready_ms;   /* READY since then */
    bool told_up;       /* and the log says so, not only at debug */
    bool refuses;       /* to be written, at the last probe */
    int64_t checked_ms; /* the sentinels were asked */
    unsigned doubts;    /* so many in a row have named another master */
    int64_t probed_ms;  /* Redis was asked whether it can be written */
    bool probing;       /* and has not answered yet */
    char probe_key[48]; /* "": whether it answers is all that is asked */
    const struct redis_fault *fault; /* why it cannot; NULL: it can */
    char detail[96]; /* about the fault that was met last, or "" */
    uint64_t connects;
    unsigned attempt;   /* of BACKOFF, for the next connection */
    int tick;           /* timer */
    int retry;          /* timer of the next connection, while WAITING */
    repeats_t *repeats; /* faults hit every command while they last */
    redis_refused_fn *on_refused; /* NULL: nobody else cares */
    void *on_refused_arg;
};

/* ---- what the operator has to know ---- */

static void complain(redis_link_t *self, const struct redis_fault *fault,
                     const char *detail)
{
    snprintf(self->detail, sizeof self->detail, "%s", detail ? detail : "");
    redis_fault_report(fault, self->url.label, detail, self->repeats);
}

/* A replica that we still have from before a failover goes on answering, as a
 * replica: leave it, once what is on the way has arrived. Where nobody says
 * which is the master, not too often: it may be the only one there is. */
static void renew(redis_link_t *self)
{
    bool stable = clock_mono_ms() - self->ready_ms >= STABLE_MS;

    if (self->phase == READY && (stable || self->finder != NULL)) {
        redis_wire_finish(self->wire);
    }
}

/* An error to a step of ours that Redis has no word for. */
static const struct redis_fault *fault_of_step(const redis_link_t *self)
{
    if (self->phase != KNOCKING) {
        return &REDIS_STRANGE;
    }
    return self->step == AUTH     ? &REDIS_NO_ENTRY
           : self->step == SELECT ? &REDIS_NO_DATABASE
           : self->step == MEMBER ? &REDIS_NO_CLUSTER
                                  : &REDIS_STRANGE;
}

static redis_answer_fn on_probe, on_step;

/* A write that Redis refuses and a read that it allows are both common, so
 * that only the probe tells how it is. It does not lead elsewhere by itself:
 * what can be read here would be missing meanwhile. */
static void on_refused(void *arg, const char *error, redis_answer_fn *whose)
{
    redis_link_t *self = arg;
    const struct redis_fault *fault = redis_fault_of(error);

    if (self->phase == READY && self->on_refused != NULL &&
        self->on_refused(self->on_refused_arg, error, whose)) {
        return;
    }
    if (fault == &REDIS_STRANGE) {
        fault = fault_of_step(self);
    }
    complain(self, fault, NULL);
    if (self->phase == KNOCKING || whose == on_probe) {
        self->fault = fault;
        self->refuses = self->phase == READY;
    } else if (fault->elsewhere) {
        renew(self);
    }
}

/* ---- can it be written? ---- */

static void report_writable(redis_link_t *self)
{
    int64_t times =
        repeats_note_change(self->repeats, "writable", clock_mono_ms());

    if (times > 0) {
        log_info("redis.writable", TEXT("server", self->url.label),
                 TIMES(times));
    }
}

static void on_probe(void *arg, const struct redis_answer *answer)
{
    redis_link_t *self = arg;

    self->probing = false;
    if (answer != NULL) {
        if (self->refuses) {
            report_writable(self);
        }
        self->fault = NULL;
        self->refuses = false;
    }
}

/* XX sets what is there already, and this never is: nothing is written. But a
 * Redis that is full, read-only or cannot save refuses it like any other SET,
 * and one that hangs is found, however little there is to do. */
static void probe(redis_link_t *self)
{
    const char *write[] = {"SET", self->probe_key, "", "XX"};
    const char *alive[] = {"PING"};

    self->probing = true;
    self->probed_ms = clock_mono_ms();
    if (self->probe_key[0] != '\0') {
        redis_wire_send(self->wire, write, 4, on_probe, self);
    } else {
        redis_wire_send(self->wire, alive, 1, on_probe, self);
    }
}

/* ---- getting in ---- */

static void report_up(redis_link_t *self)
{
    int64_t times = repeats_note_change(self->repeats, "up", clock_mono_ms());

    self->told_up = times > 0;
    if (self->finder != NULL) {
        LOG_AT(times > 0 ? LEVEL_INFO : LEVEL_DEBUG, "redis.up",
               TEXT("server", self->url.label), TEXT("host", self->master.host),
               NUM("port", self->master.port), TIMES(times));
    } else {
        LOG_AT(times > 0 ? LEVEL_INFO : LEVEL_DEBUG, "redis.up",
               TEXT("server", self->url.label), TIMES(times));
    }
}

static void let_in(redis_link_t *self)
{
    self->phase = READY;
    self->ready_ms = clock_mono_ms();
    self->connects++;
    self->refuses = false;
    report_up(self);
    probe(self);
}

/* The texts of a step, at most three. Returns how many, 0 if it can be left
 * out. */
static size_t say(const redis_link_t *self, const char **argv, char *database,
                  size_t room)
{
    const struct redis_url *url = &self->url;
    size_t argc = 0;

    switch (self->step) {
    case AUTH:
        if (url->password[0] != '\0') {
            argv[argc++] = "AUTH";
            if (url->user[0] != '\0') {
                argv[argc++] = url->user;
            }
            argv[argc++] = url->password;
        }
        break;
    case SELECT:
        if (url->database != 0) {
            snprintf(database, room, "%d", url->database);
            argv[argc++] = "SELECT";
            argv[argc++] = database;
        }
        break;
    case ROLE: /* sentinels may be late to know that it has changed */
        if (self->finder != NULL) {
            argv[argc++] = "ROLE";
        }
        break;
    case MEMBER: /* says nothing that matters, but only a node knows it */
        if (url->cluster) {
            argv[argc++] = "READWRITE";
        }
        break;
    case PING: /* whether Redis is loading, wants a password, and so on */
        argv[argc++] = "PING";
        break;
    case STEPS:
        break;
    }
    return argc;
}

static void knock(redis_link_t *self)
{
    const char *argv[3];
    char database[8];
    size_t argc = 0;

    while (self->step < STEPS &&
           (argc = say(self, argv, database, sizeof database)) == 0) {
        self->step++;
    }
    if (self->step == STEPS) {
        let_in(self);
    } else {
        redis_wire_send(self->wire, argv, argc, on_step, self);
    }
}

static bool is_master(const struct redis_answer *role)
{
    return role->count > 0 && role->items[0] != NULL &&
           strcmp(role->items[0], "master") == 0;
}

static void on_step(void *arg, const struct redis_answer *answer)
{
    redis_link_t *self = arg;

    if (answer == NULL) {
        redis_wire_close(self->wire);
    } else if (self->step == ROLE && !is_master(answer)) {
        complain(self, &REDIS_DEMOTED, NULL);
        self->fault = &REDIS_DEMOTED;
        redis_wire_close(self->wire);
    } else {
        self->step++;
        knock(self);
    }
}

static void on_open(void *arg)
{
    redis_link_t *self = arg;

    self->step = AUTH;
    knock(self);
}

/* ---- the connection's life ---- */

static zloop_timer_fn on_retry;

static void retry_later(redis_link_t *self)
{
    int64_t delay_ms =
        backoff_delay_ms(&BACKOFF, self->attempt++, random_u32());

    self->phase = WAITING;
    self->retry = zloop_timer(self->loop, (size_t)delay_ms, 1, on_retry, self);
}

static void on_closed(void *arg, const struct redis_fault *fault,
                      const char *detail)
{
    redis_link_t *self = arg;

    if (self->phase == READY) {
        LOG_AT(self->told_up ? LEVEL_WARN : LEVEL_DEBUG, "redis.down",
               TEXT("server", self->url.label), TEXT("why", detail));
        if (clock_mono_ms() - self->ready_ms >= STABLE_MS) {
            self->attempt = 0;
        }
    }
    if (fault != NULL && (self->phase != READY || detail == NULL)) {
        complain(self, fault, detail);
    }
    if (fault != NULL || self->fault == NULL) {
        self->fault = fault != NULL ? fault : &REDIS_UNREACHABLE;
    }
    retry_later(self);
}

static void connect_to(redis_link_t *self, const struct redis_place *place)
{
    self->master = *place;
    self->phase = KNOCKING;
    self->doubts = 0;
    self->checked_ms = clock_mono_ms();
    redis_wire_open(self->wire, place);
}

static void report_moved(redis_link_t *self, const struct redis_place *place)
{
    int64_t times =
        repeats_note_change(self->repeats, "moved", clock_mono_ms());

    if (times > 0) {
        log_warn("redis.moved", TEXT("server", self->url.label),
                 TEXT("host", place->host), NUM("port", place->port),
                 TIMES(times));
    }
}

/* A master that was replaced may not know it for long, and what it still
 * acknowledges is lost. But one sentinel alone may be the one that is wrong, so
 * another is asked at once. Nothing on the way is waited for. */
static void doubt(redis_link_t *self, const struct redis_place *place)
{
    bool same = strcmp(place->host, self->master.host) == 0 &&
                place->port == self->master.port;

    self->doubts = same ? 0 : self->doubts + 1;
    if (self->doubts == DOUBTS_MAX) {
        report_moved(self, place);
        redis_wire_close(self->wire);
    } else if (!same) {
        redis_finder_start(self->finder);
    }
}

static void on_found(void *arg, const struct redis_place *place)
{
    redis_link_t *self = arg;

    if (self->phase == FINDING) {
        connect_to(self, place);
    } else if (self->phase != WAITING) {
        doubt(self, place);
    }
}

static void on_not_found(void *arg, const struct redis_fault *fault)
{
    redis_link_t *self = arg;

    complain(self, fault, NULL);
    if (self->phase == FINDING) {
        self->fault = fault;
        retry_later(self);
    }
}

static void begin(redis_link_t *self)
{
    if (self->finder == NULL) {
        connect_to(self, &self->url.places[0]);
    } else {
        self->phase = FINDING;
        redis_finder_start(self->finder);
    }
}

static int on_retry(zloop_t *loop, int timer_id, void *arg)
{
    (void)loop;
    (void)timer_id;
    begin(arg);
    return 0;
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    redis_link_t *self = arg;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    if (self->phase == READY && !self->probing &&
        now_ms - self->probed_ms >= PROBE_MS) {
        probe(self);
    }
    if (self->finder != NULL && now_ms - self->checked_ms >= CHECK_MS &&
        (self->phase == READY || self->phase == KNOCKING)) {
        self->checked_ms = now_ms;
        redis_finder_start(self->finder);
    }
    return 0;
}

void redis_link_send(redis_link_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg)
{
    if (self->phase == READY) {
        redis_wire_send(self->wire, argv, argc, on_answer, arg);
    } else {
        on_answer(arg, NULL);
    }
}

void redis_link_ask(redis_link_t *self, const char *const *argv, size_t argc,
                    redis_value_fn *on_value, void *arg)
{
    if (self->phase == READY) {
        redis_wire_ask(self->wire, argv, argc, on_value, arg);
    } else {
        on_value(arg, NULL);
    }
}

bool redis_link_is_ready(const redis_link_t *self)
{
    return self->phase == READY;
}

uint64_t redis_link_connects(const redis_link_t *self)
{
    return self->connects;
}

void redis_link_on_refused(redis_link_t *self, redis_refused_fn *refused,
                           void *arg)
{
    self->on_refused = refused;
    self->on_refused_arg = arg;
}

void redis_link_probe(redis_link_t *self, const char *key)
{
    snprintf(self->probe_key, sizeof self->probe_key, "%s", key);
}

const struct redis_fault *redis_link_fault(const redis_link_t *self)
{
    return self->fault;
}

const char *redis_link_detail(const redis_link_t *self)
{
    return self->detail;
}

redis_link_t *redis_link_new(zloop_t *loop, const struct redis_url *url)
{
    redis_link_t *self = calloc(1, sizeof *self);
    struct redis_wire_events wire = {on_open, on_refused, on_closed, self};
    struct redis_finder_events finder = {on_found, on_not_found, self};

    assert(self);
    self->loop = loop;
    self->url = *url;
    self->repeats = repeats_new();
    self->fault = &REDIS_UNREACHABLE;
    if (!url->cluster) {
        redis_link_probe(self, "wakebus:probe");
    }
    self->wire = redis_wire_new(loop, REDIS_ANSWER_MS, &wire);
    if (url->master[0] != '\0') {
        self->finder = redis_finder_new(loop, &self->url, &finder);
    }
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    begin(self);
    return self;
}

void redis_link_destroy(redis_link_t **self_p)
{
    redis_link_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->phase == WAITING) {
        zloop_timer_end(self->loop, self->retry);
    }
    redis_finder_destroy(&self->finder);
    redis_wire_destroy(&self->wire);
    zloop_timer_end(self->loop, self->tick);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

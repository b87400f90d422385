/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/daemon.h"

#include "common/log.h"
#include <assert.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

struct daemon {
    zloop_t *loop;
    int signals;                    /* signalfd of all that we handle */
    int finish;                     /* eventfd that wakes the loop to end it */
    int64_t drain_ms;               /* how long a drain may take */
    void (*begin_drain)(void *arg); /* NULL: nothing to drain */
    void *arg;                      /* of begin_drain */
    void (*reload)(void *arg);      /* NULL: nothing to reload */
    void *reload_arg;
    bool draining; /* the first signal has come */
    bool finished; /* daemon_finish was called */
    int status;    /* what daemon_run returns */
};

void daemon_finish(daemon_t *self, int status)
{
    if (!self->finished) {
        self->finished = true;
        self->status = status;
        eventfd_write(self->finish, 1);
    }
}

/* daemon_finish may be called deep inside any handler; the loop ends here. */
static int on_finish(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    (void)arg;
    return -1;
}

static int on_drain_timeout(zloop_t *loop, int timer_id, void *arg)
{
    daemon_t *self = arg;

    (void)loop;
    (void)timer_id;
    log_warn("service.drain_timeout", NUM("after_ms", self->drain_ms));
    daemon_finish(self, EX_UNAVAILABLE);
    return 0;
}

static void stop(daemon_t *self, const char *signal_name)
{
    if (self->draining) {
        log_warn("service.stop_now", TEXT("signal", signal_name),
                 TEXT("why", "second signal while draining"));
        daemon_finish(self, EX_UNAVAILABLE);
        return;
    }
    log_info("service.drain", TEXT("signal", signal_name));
    self->draining = true;
    if (self->begin_drain == NULL) {
        daemon_finish(self, EX_OK);
        return;
    }
    zloop_timer(self->loop, (size_t)self->drain_ms, 1, on_drain_timeout, self);
    self->begin_drain(self->arg);
}

static void hang_up(daemon_t *self)
{
    if (!self->draining && self->reload != NULL) {
        self->reload(self->reload_arg);
    }
}

static int on_signal(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    daemon_t *self = arg;
    struct signalfd_siginfo info;

    (void)loop;
    if (read(item->fd, &info, sizeof info) != (ssize_t)sizeof info) {
        return 0;
    }
    if (info.ssi_signo == SIGHUP) {
        hang_up(self);
    } else {
        stop(self, info.ssi_signo == SIGINT ? "INT" : "TERM");
    }
    return 0;
}

static void watch_fd(daemon_t *self, int fd, zloop_fn *handler)
{
    zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};

    assert(fd >= 0);
    zloop_poller(self->loop, &item, handler, self);
}

daemon_t *daemon_new(void)
{
    daemon_t *self = zmalloc(sizeof *self);
    sigset_t set;

    assert(self);
    umask(077); /* whoever can open an ipc socket of ours is on the bus */
    zsys_handler_set(NULL); /* CZMQ's own handler misses signals, see zloop */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error code */
    self->loop = zloop_new();
    assert(self->loop);
    zloop_set_nonstop(self->loop, true);
    self->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    watch_fd(self, self->signals, on_signal);
    self->finish = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch_fd(self, self->finish, on_finish);
    return self;
}

void daemon_destroy(daemon_t **self_p)
{
    daemon_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_destroy(&self->loop);
    close(self->signals);
    close(self->finish);
    free(self);
    *self_p = NULL;
}

zloop_t *daemon_loop(daemon_t *self)
{
    return self->loop;
}

void daemon_on_stop(daemon_t *self, void (*begin_drain)(void *arg), void *arg)
{
    self->begin_drain = begin_drain;
    self->arg = arg;
}

void daemon_on_reload(daemon_t *self, void (*reload)(void *arg), void *arg)
{
    self->reload = reload;
    self->reload_arg = arg;
}

void daemon_set_drain(daemon_t *self, int64_t drain_ms)
{
    self->drain_ms = drain_ms;
}

int daemon_run(daemon_t *self)
{
    while (!self->finished) {
        zloop_start(self->loop);
    }
    return self->status;
}

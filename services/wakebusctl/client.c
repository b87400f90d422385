/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/client.h"

#include "common/clock.h"
#include "common/config.h"
#include "common/library_log.h"
#include "common/log.h"
#include "common/settings.h"
#include <assert.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

enum {
    TIMEOUT_S = 5,
    TIMEOUT_MAX_S = 28,
    MARGIN_MS = 200, /* for the answer's own way, within the timeout */
    GATHER_MS = 1000,
    LEAVE_MS = 1000, /* for the frontends to let us go */
    CREDIT = 1,      /* nobody gives us jobs, but hello must have some */
};

struct client {
    const char *command; /* its name, for messages */
    int64_t timeout_ms;
    struct settings_origin origin;
    const struct settings *settings;
    zloop_t *loop;
    worker_t *worker;
    uint64_t asked; /* requests so far, for their ids */
    char id[PROTO_ID_MAX + 1];
    zlistx_t *answers; /* struct msg *, that nobody has taken yet */
    bool left;
};

int client_fail(const client_t *self, int status, const char *what)
{
    fprintf(stderr, "%s: %s\n", self->command, what);
    return status;
}

int client_no_node(const client_t *self)
{
    return client_fail(self, EX_USAGE,
                       "NODE is no node: 1 to 1024 bytes of UTF-8");
}

int client_misfit(const client_t *self, const struct proto_err *err)
{
    fprintf(stderr,
            "%s: the answer makes no sense: %s: %s; run all programs in the "
            "same version\n",
            self->command, err->field, err->why);
    return EX_UNAVAILABLE;
}

/* ---- the loop ---- */

/* What comes on the pipe of jobs. */
static void on_message(void *arg, job_t *job, const struct msg *m)
{
    client_t *self = arg;
    struct msg *answer = malloc(sizeof *answer);

    assert(answer);
    *answer = msg_copy(m);
    zlistx_add_end(self->answers, answer);
    job_drop(&job);
}

static void free_answer(struct msg **answer_p)
{
    msg_close(*answer_p);
    free(*answer_p);
    *answer_p = NULL;
}

typedef bool condition_fn(const client_t *self);

struct waiting {
    const client_t *self;
    condition_fn *holds;
    int64_t until_ms;
};

/* Ends the loop when it is time. */
static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    const struct waiting *waiting = arg;

    (void)loop;
    (void)timer_id;
    return waiting->holds(waiting->self) || clock_mono_ms() >= waiting->until_ms
               ? -1
               : 0;
}

/* Returns 0 when the condition holds, 69 when it does not in time, or 130. */
static int wait_until(client_t *self, condition_fn *holds, int64_t patience_ms)
{
    enum { TICK_MS = 2 };
    struct waiting waiting = {self, holds, clock_mono_ms() + patience_ms};

    if (holds(self)) {
        return EX_OK;
    }
    int timer = zloop_timer(self->loop, TICK_MS, 0, on_tick, &waiting);
    int ended = zloop_start(self->loop);
    zloop_timer_end(self->loop, timer);
    if (ended == 0) {
        return CLIENT_INTERRUPTED;
    }
    return holds(self) ? EX_OK : EX_UNAVAILABLE;
}

static bool never(const client_t *self)
{
    (void)self;
    return false;
}

static int on_input(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    bool *came = arg;

    (void)loop;
    (void)item;
    *came = true;
    return -1;
}

int client_pause(client_t *self, int64_t ms, int fd)
{
    zmq_pollitem_t item = {.fd = fd, .events = ZMQ_POLLIN};
    bool came = false;

    assert(fd != STDIN_FILENO); /* see screen.c */
    if (fd >= 0) {
        zloop_poller(self->loop, &item, on_input, &came);
    }
    int status = wait_until(self, never, ms);
    if (fd >= 0) {
        zloop_poller_end(self->loop, &item);
    }
    if (came) {
        return CLIENT_NO;
    }
    return status == CLIENT_INTERRUPTED ? status : EX_OK;
}

static bool has_answer(const client_t *self)
{
    return zlistx_size(self->answers) > 0;
}

bool client_can_ask(const client_t *self)
{
    return worker_is_linked(self->worker);
}

static bool has_left(const client_t *self)
{
    return self->left;
}

/* ---- frontends ---- */

static int compare_endpoints(const void *a, const void *b)
{
    const struct worker_frontend *first = a;
    const struct worker_frontend *second = b;

    return strcmp(first->endpoint, second->endpoint);
}

size_t client_frontends(const client_t *self,
                        struct worker_frontend out[CLIENT_FRONTENDS_MAX])
{
    size_t count = worker_frontends(self->worker, out, CLIENT_FRONTENDS_MAX);

    count = count < CLIENT_FRONTENDS_MAX ? count : CLIENT_FRONTENDS_MAX;
    qsort(out, count, sizeof *out, compare_endpoints);
    return count;
}

static bool are_all_up(const client_t *self)
{
    struct worker_frontend frontends[CLIENT_FRONTENDS_MAX];
    size_t count = client_frontends(self, frontends);

    for (size_t i = 0; i < count; i++) {
        if (!frontends[i].up) {
            return false;
        }
    }
    return true;
}

int client_gather(client_t *self)
{
    int status = wait_until(self, are_all_up, GATHER_MS);

    return status == CLIENT_INTERRUPTED ? status : EX_OK;
}

int client_explain(const client_t *self)
{
    struct worker_frontend frontends[CLIENT_FRONTENDS_MAX];
    const struct name_list *configured = &self->settings->bus.frontends;
    size_t count = client_frontends(self, frontends);

    for (size_t i = 0; i < count; i++) {
        if (frontends[i].refusal != NULL) {
            fprintf(stderr,
                    "%s: %s refuses us: %s; the public key of each side must "
                    "be in the other's bus.curve_authorized_dir\n",
                    self->command, frontends[i].endpoint, frontends[i].refusal);
            return EX_NOPERM;
        }
    }
    fprintf(stderr, "%s: no frontend can be reached at", self->command);
    for (size_t i = 0; i < configured->count; i++) {
        fprintf(stderr, " %s", configured->items[i]);
    }
    fputs(": see whether it runs, and whether bus.frontends and "
          "--config are right; who is not its user must be root\n",
          stderr);
    return EX_UNAVAILABLE;
}

/* ---- asking ---- */

const char *client_asker(const client_t *self)
{
    return worker_id(self->worker);
}

int64_t client_timeout_ms(const client_t *self)
{
    return self->timeout_ms;
}

int64_t client_budget_ms(const client_t *self)
{
    return self->timeout_ms - MARGIN_MS;
}

const char *client_next_id(client_t *self)
{
    snprintf(self->id, sizeof self->id, "%s-%" PRIu64, client_asker(self),
             ++self->asked);
    return self->id;
}

int client_send(client_t *self, const char *endpoint, char *frame)
{
    struct worker_frontend frontends[CLIENT_FRONTENDS_MAX];
    size_t count = client_frontends(self, frontends);

    assert(frame);
    for (size_t i = 0; i < count && endpoint == NULL; i++) {
        endpoint = frontends[i].up ? frontends[i].endpoint : NULL;
    }
    if (endpoint == NULL) {
        free(frame);
        return client_explain(self);
    }
    if (worker_tell_to(self->worker, endpoint, frame) != 0) {
        fprintf(stderr, "%s: %s cannot be reached\n", self->command, endpoint);
        return EX_UNAVAILABLE;
    }
    return EX_OK;
}

int client_no_answer(const client_t *self)
{
    fprintf(stderr,
            "%s: no answer in %" PRId64 " s: see the frontend's log, maybe it "
            "refuses us (bus.refused) or is of another version\n",
            self->command, self->timeout_ms / 1000);
    return EX_UNAVAILABLE;
}

int client_wait(client_t *self, int64_t patience_ms, struct msg *answer)
{
    int status = wait_until(self, has_answer, patience_ms);

    if (status == EX_OK) {
        struct msg *first = zlistx_detach(self->answers, NULL);
        *answer = *first;
        free(first);
    }
    return status;
}

int client_receive(client_t *self, struct msg *answer)
{
    return client_wait(self, self->timeout_ms, answer);
}

static int take_later(const client_t *self, struct msg *answer)
{
    struct operator_later later;
    struct proto_err err;
    int status = operator_later_decode(&later, answer, &err) == 0
                     ? client_fail(self, EX_UNAVAILABLE, later.why)
                     : client_misfit(self, &err);

    msg_close(answer);
    return status;
}

int client_ask(client_t *self, char *frame, struct msg *answer)
{
    int status = client_send(self, NULL, frame);

    while (status == EX_OK) {
        status = client_receive(self, answer);
        if (status == EX_OK && strcmp(answer->id, self->id) == 0) {
            return msg_is(answer, OPERATOR_LATER) ? take_later(self, answer)
                                                  : EX_OK;
        }
        if (status == EX_OK) {
            msg_close(answer); /* too late: of a request before */
        }
        if (status == EX_UNAVAILABLE) {
            client_no_answer(self);
        }
    }
    return status;
}

/* ---- life ---- */

static int read_timeout(client_t *self, const char *text)
{
    char *end = NULL;
    long seconds = text != NULL ? strtol(text, &end, 10) : TIMEOUT_S;

    if (text != NULL && (end == text || *end != '\0')) {
        seconds = 0;
    }
    if (seconds < 1 || seconds > TIMEOUT_MAX_S) {
        fprintf(stderr, "%s: --timeout %s: give 1 to %d seconds\n",
                self->command, text, TIMEOUT_MAX_S);
        return EX_USAGE;
    }
    self->timeout_ms = seconds * 1000;
    return EX_OK;
}

static int read_settings(client_t *self, const char *file)
{
    self->origin =
        (struct settings_origin){.program = ROLE_OPERATOR, .file = file};
    self->settings = settings_read(&self->origin);
    if (notes_count(config_notes(self->settings->source), NOTE_FAULT) == 0) {
        return EX_OK;
    }
    config_report(self->settings->source);
    return EX_CONFIG;
}

static void join(client_t *self)
{
    const struct worker_conf conf = {.role = ROLE_OPERATOR,
                                     .credit = CREDIT,
                                     .frontends =
                                         &self->settings->bus.frontends,
                                     .advertise = self->settings->bus.advertise,
                                     .keys = self->settings->bus.keys};

    self->loop = zloop_new();
    assert(self->loop);
    self->worker = worker_new(self->loop, &conf, on_message, self);
}

int client_open(client_t **client, const struct arguments *arguments)
{
    client_t *self = zmalloc(sizeof *self);

    assert(self);
    *client = self;
    self->command = arguments->command->name;
    self->answers = zlistx_new();
    zlistx_set_destructor(self->answers, (zlistx_destructor_fn *)free_answer);
    int status = read_timeout(self, arguments_value(arguments, "timeout"));
    if (status == EX_OK) {
        status = read_settings(self, arguments_value(arguments, "config"));
    }
    if (status == EX_OK) {
        library_log_start();
        log_start(ROLE_OPERATOR);
        log_configure(LEVEL_ERROR, FORMAT_LOGFMT); /* we say it ourselves */
        signal(SIGPIPE, SIG_IGN);
        umask(0077); /* the socket for our answers is for the frontend alone */
        join(self);
        status = wait_until(self, client_can_ask, self->timeout_ms);
        status = status == EX_UNAVAILABLE ? client_explain(self) : status;
    }
    if (status != EX_OK) {
        client_close(client);
    }
    return status;
}

static void on_left(void *arg)
{
    client_t *self = arg;

    self->left = true;
}

void client_close(client_t **client_p)
{
    client_t *self = *client_p;

    if (self == NULL) {
        return;
    }
    if (self->worker != NULL) {
        worker_drain(self->worker, on_left, self);
        wait_until(self, has_left, LEAVE_MS);
        worker_destroy(&self->worker);
        zloop_destroy(&self->loop);
    }
    zlistx_destroy(&self->answers);
    settings_release(&self->settings);
    free(self);
    *client_p = NULL;
}

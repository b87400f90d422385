/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_client.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/http_multi.h"
#include "common/http_transfer.h"
#include "common/log.h"
#include "common/repeats.h"

#include <assert.h>
#include <stdlib.h>

enum {
    ROUNDS_MAX = 64,    /* of settling after an event */
    HOLD_WAIT_MS = 500, /* a request waits for a new connection that long */
    RENEW_MS = 1000,    /* between renewals that a provider asks for */
};

/* Between attempts to connect that failed. */
static const struct backoff HOLD = {.base_ms = 250, .cap_ms = 5000};

/* One request, and the handle that it runs on. Handles are kept for later
 * requests: a new one for each costs a quarter more time. */
struct post {
    struct post *next;     /* in the queue, among the running or the spare */
    struct post *previous; /* among the running */
    http_client_t *client;
    struct line *line; /* NULL while it waits */
    http_transfer_t *transfer;
    struct http_request request;
    int64_t deadline_ms;
    int64_t started_ms; /* when libcurl got it */
    uint64_t number;    /* in the order in which libcurl got them */
    http_done_fn *on_done;
    void *arg;
};

/* A multi handle with at most one connection. libcurl chooses connections by
 * host alone, so that a connection which must not be used any more can only be
 * left together with its multi handle. */
struct line {
    struct line *next;
    http_client_t *client;
    http_multi_t *multi;
    uint64_t number;
    size_t in_flight;
    size_t limit;          /* requests at once: 1 until one was answered */
    uint64_t first_number; /* of the requests on its newest connection */
    int64_t opened_ms;     /* when that was first answered, or 0 */
    int64_t heard_ms;      /* of the last answer */
    bool opening;          /* libcurl has just opened a socket */
};

struct http_client {
    http_engine_t *engine;
    struct http_member member; /* of the engine */
    struct http_client_conf conf;
    struct line *lines;   /* the first is current, the others finish */
    struct post *running; /* in no order */
    struct post *waiting; /* in order */
    struct post **waiting_end;
    struct post *spare;
    size_t load; /* running and waiting */
    uint64_t lines_made;
    uint64_t posts_made;
    unsigned failures;     /* to connect, in a row */
    int64_t held_until_ms; /* no new connection before */
    int64_t renewed_ms;    /* the last time */
    repeats_t *repeats;
};

/* ---- lines ---- */

static void line_set_limit(struct line *line, long limit)
{
    line->limit = (size_t)limit;
    curl_multi_setopt(http_multi_curl(line->multi),
                      CURLMOPT_MAX_CONCURRENT_STREAMS, limit);
}

static void on_event(void *arg);

static void line_new(http_client_t *client)
{
    struct line *line = calloc(1, sizeof *line);

    assert(line != NULL);
    line->client = client;
    line->number = ++client->lines_made;
    line->multi = http_multi_new(client->engine, on_event, line);
    CURLM *curl = http_multi_curl(line->multi);
    curl_multi_setopt(curl, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(curl, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    line_set_limit(line, 1);
    line->next = client->lines;
    client->lines = line;
}

static void line_destroy(struct line *line)
{
    assert(line->in_flight == 0);
    http_multi_destroy(&line->multi);
    free(line);
}

/* Those that were left and have nothing more in flight. */
static void drop_idle_lines(http_client_t *self)
{
    struct line **at = &self->lines->next;

    while (*at != NULL) {
        struct line *line = *at;
        if (line->in_flight == 0) {
            *at = line->next;
            line_destroy(line);
        } else {
            at = &line->next;
        }
    }
}

/* A new connection begins with one request at a time (APNs allows no more
 * until it has seen a valid token; libcurl would send a hundred and open more
 * connections for the refused ones). libcurl cannot be told from inside its
 * callback, hence the flag. */
static void note_opening(struct line *line)
{
    if (line->opening) {
        line->opening = false;
        line->opened_ms = 0;
        line->first_number = line->client->posts_made + 1;
        line_set_limit(line, 1);
    }
}

/* ---- posts ---- */

static struct post *take_spare(http_client_t *client)
{
    struct post *post = client->spare;

    if (post != NULL) {
        client->spare = post->next;
        return post;
    }
    post = calloc(1, sizeof *post);
    assert(post != NULL);
    post->client = client;
    post->transfer = http_transfer_new(&client->conf, post);
    return post;
}

static void put_back(struct post *post)
{
    http_transfer_clear(post->transfer);
    post->line = NULL;
    post->previous = NULL;
    post->next = post->client->spare;
    post->client->spare = post;
}

static void start(http_client_t *self, struct post *post, int64_t now_ms)
{
    struct line *line = self->lines;

    post->line = line;
    post->started_ms = now_ms;
    post->number = ++self->posts_made;
    http_transfer_prepare(post->transfer, &post->request,
                          post->deadline_ms - now_ms, &line->opening);
    post->next = self->running;
    if (post->next != NULL) {
        post->next->previous = post;
    }
    self->running = post;
    line->in_flight++;
    CURLMcode code = curl_multi_add_handle(http_multi_curl(line->multi),
                                           http_transfer_easy(post->transfer));
    assert(code == CURLM_OK);
    (void)code;
}

static void remove_running(struct post *post)
{
    if (post->previous != NULL) {
        post->previous->next = post->next;
    } else {
        post->client->running = post->next;
    }
    if (post->next != NULL) {
        post->next->previous = post->previous;
    }
}

/* Hand the response over; the post belongs to no list at this moment. */
static void report(struct post *post, const struct http_response *response)
{
    post->client->load--;
    post->on_done(post->arg, response);
    put_back(post);
}

static void fail(struct post *post, enum http_failure failure, const char *why)
{
    struct http_response response = {
        .failure = failure, .body = "", .why = why};

    report(post, &response);
}

/* ---- what became of it ---- */

/* A connection that works may take as many requests as the server allows. */
static void note_success(const struct post *post, long status)
{
    struct line *line = post->line;
    http_client_t *client = post->client;

    client->failures = 0;
    client->held_until_ms = 0;
    line->heard_ms = clock_mono_ms();
    if (line->opened_ms != 0 || status == 401 || status == 403 ||
        (post->number < line->first_number &&
         !http_transfer_connected(post->transfer))) {
        return;
    }
    line->opened_ms = line->heard_ms;
    line_set_limit(line, client->conf.streams);
    int64_t times =
        repeats_note_change(client->repeats, "connected", line->heard_ms);
    if (times > 0) {
        log_info("provider.connected", TEXT("app", client->conf.name),
                 TEXT("server", client->conf.base_url), TIMES(times));
    }
}

/* A server that cannot be reached, or that hangs up on new connections, is
 * not tried at the rate of the pushes. */
static void note_failure(const struct post *post, enum http_failure failure)
{
    http_client_t *client = post->client;
    int64_t now_ms = clock_mono_ms();

    if (post->line != client->lines || post->line->opened_ms != 0 ||
        now_ms < client->held_until_ms || failure == HTTP_TIMEOUT) {
        return;
    }
    client->held_until_ms =
        now_ms + backoff_delay_ms(&HOLD, client->failures, random_u32());
    client->failures++;
}

/* A timeout ends the stream and leaves the connection. One on which nothing
 * was heard for long is not trusted with the next request. */
static void note_silence(const struct post *post, enum http_failure failure)
{
    const struct line *line = post->line;

    if (failure == HTTP_TIMEOUT && line->heard_ms < post->started_ms &&
        clock_mono_ms() - post->started_ms >= HTTP_SILENCE_MS) {
        http_client_renew(post->client, line->number);
    }
}

static void finish(struct post *post, CURLcode result)
{
    struct line *line = post->line;
    struct http_response response = {.connection = line->number};

    http_transfer_read(post->transfer, result, &response);
    curl_multi_remove_handle(http_multi_curl(line->multi),
                             http_transfer_easy(post->transfer));
    remove_running(post);
    line->in_flight--;
    note_opening(line);
    if (response.failure == HTTP_ANSWERED) {
        note_success(post, response.status);
    } else {
        note_failure(post, response.failure);
        note_silence(post, response.failure);
    }
    report(post, &response);
}

/* ---- one turn ---- */

static bool harvest(struct line *line)
{
    const CURLMsg *message;
    int left;
    bool any = false;

    while ((message = curl_multi_info_read(http_multi_curl(line->multi),
                                           &left)) != NULL) {
        struct post *post = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post);
        finish(post, message->data.result);
        any = true;
    }
    return any;
}

static struct post *pop_waiting(http_client_t *self)
{
    struct post *post = self->waiting;

    self->waiting = post->next;
    if (self->waiting == NULL) {
        self->waiting_end = &self->waiting;
    }
    post->next = NULL;
    return post;
}

static bool may_start(const http_client_t *self, int64_t now_ms)
{
    const struct line *line = self->lines;

    assert(line != NULL); /* there is always a current one */
    return line->in_flight < line->limit &&
           (line->opened_ms != 0 || now_ms >= self->held_until_ms);
}

/* Give libcurl what may run now, and give up what cannot run in time. */
static bool feed(http_client_t *self)
{
    int64_t now_ms = clock_mono_ms();
    const struct line *line = self->lines;
    bool any = false;

    assert(line != NULL);
    if (self->conf.lifetime_s > 0 && line->opened_ms != 0 &&
        now_ms - line->opened_ms > self->conf.lifetime_s * 1000) {
        http_client_renew(self, line->number);
    }
    while (self->waiting != NULL) {
        if (self->waiting->deadline_ms <= now_ms) {
            fail(pop_waiting(self), HTTP_UNREACHABLE,
                 "waited too long for its turn on the connection");
        } else if (may_start(self, now_ms)) {
            start(self, pop_waiting(self), now_ms);
        } else if (self->held_until_ms - now_ms > HOLD_WAIT_MS) {
            fail(pop_waiting(self), HTTP_UNREACHABLE,
                 "could not connect a moment ago");
        } else {
            break;
        }
        any = true;
    }
    return any;
}

/* Bounded, so that a client which never comes to rest cannot keep the loop
 * from its other events. */
static void settle(http_client_t *self)
{
    bool busy = true;

    for (int round = 0; busy && round < ROUNDS_MAX; round++) {
        busy = false;
        for (struct line *line = self->lines; line != NULL; line = line->next) {
            http_multi_run(line->multi);
            note_opening(line);
            busy = harvest(line) || http_multi_is_due(line->multi) || busy;
        }
        busy = feed(self) || busy;
    }
    for (struct line *line = self->lines; line != NULL; line = line->next) {
        http_multi_end(line->multi);
    }
    drop_idle_lines(self);
    if (busy) {
        http_engine_wake(self->engine, &self->member);
    }
}

static void on_event(void *arg)
{
    struct line *line = arg;

    note_opening(line);
    settle(line->client);
}

static void on_turn(void *arg)
{
    settle(arg);
}

/* What waits may have run out of time, or of its reason to wait. */
static void on_tick(void *arg)
{
    http_client_t *self = arg;

    if (self->waiting != NULL) {
        settle(self);
    }
}

/* ---- the public part ---- */

http_client_t *http_client_new(http_engine_t *engine,
                               const struct http_client_conf *conf)
{
    http_client_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    curl_global_init(CURL_GLOBAL_DEFAULT); /* counts its calls */
    self->engine = engine;
    self->conf = *conf;
    self->repeats = repeats_new();
    self->waiting_end = &self->waiting;
    self->member = (struct http_member){on_turn, on_tick, self, false, NULL};
    http_engine_join(engine, &self->member);
    line_new(self);
    return self;
}

static void close_all(http_client_t *self)
{
    while (self->running != NULL) {
        struct post *post = self->running;
        assert(post->line != NULL);
        curl_multi_remove_handle(http_multi_curl(post->line->multi),
                                 http_transfer_easy(post->transfer));
        post->line->in_flight--;
        remove_running(post);
        fail(post, HTTP_CLOSED, "closed");
    }
    while (self->waiting != NULL) {
        fail(pop_waiting(self), HTTP_CLOSED, "closed");
    }
}

void http_client_destroy(http_client_t **self_p)
{
    http_client_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    close_all(self);
    drop_idle_lines(self);
    line_destroy(self->lines);
    while (self->spare != NULL) {
        struct post *post = self->spare;
        self->spare = post->next;
        http_transfer_destroy(&post->transfer);
        free(post);
    }
    http_engine_leave(self->engine, &self->member);
    curl_global_cleanup();
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

void http_client_send(http_client_t *self, const struct http_request *request,
                      http_done_fn *on_done, void *arg)
{
    struct post *post = take_spare(self);

    post->request = *request;
    post->deadline_ms = clock_mono_ms() + request->timeout_ms;
    post->on_done = on_done;
    post->arg = arg;
    post->next = NULL;
    *self->waiting_end = post;
    self->waiting_end = &post->next;
    self->load++;
    http_engine_wake(self->engine, &self->member);
}

void http_client_renew(http_client_t *self, uint64_t connection)
{
    int64_t now_ms = clock_mono_ms();

    /* A provider that asks for it with each answer gets it once a second:
     * opening connections in a row is what APNs takes for an attack. */
    if (self->lines->number == connection &&
        now_ms - self->renewed_ms >= RENEW_MS) {
        self->renewed_ms = now_ms;
        line_new(self);
    }
}

size_t http_client_load(const http_client_t *self)
{
    return self->load;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_client.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/keyfile.h"
#include "common/log.h"

#include <assert.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    BODY_MAX = 64 * 1024,
    CONNECT_MS = 5000,      /* for name, TCP and TLS together */
    SILENCE_MS = 4000,      /* sent data not acknowledged: the path is dead */
    IDLE_MAX_S = 24 * 3600, /* libcurl's own default drops after 118 s */
    KEEPALIVE_S = 60,
    ROUNDS_MAX = 64,    /* of settling after an event */
    HOLD_WAIT_MS = 500, /* a request waits for a new connection that long */
};

/* Between attempts to connect that failed. */
static const struct backoff HOLD = {.base_ms = 250, .cap_ms = 5000};

/* One request, and the easy handle that it runs on. Handles are kept for
 * later requests: a new one for each costs a quarter more time. */
struct transfer {
    struct transfer *next; /* in the queue, among the running or the spare */
    struct transfer *previous; /* among the running */
    http_client_t *client;
    struct line *line; /* NULL while it waits */
    CURL *easy;
    struct curl_slist *headers;
    struct http_request request;
    int64_t deadline_ms;
    int64_t started_ms; /* when libcurl got it */
    uint64_t number;    /* in the order in which libcurl got them */
    char *body;
    size_t size;
    char error[CURL_ERROR_SIZE];
    http_done_fn *on_done;
    void *arg;
};

/* A multi handle with at most one connection. libcurl chooses connections by
 * host alone, so that a connection which must not be used any more can only be
 * left together with its multi handle. */
struct line {
    struct line *next;
    http_client_t *client;
    CURLM *multi;
    struct http_watch timer; /* timerfd, for libcurl */
    uint64_t number;
    size_t in_flight;
    size_t limit;          /* requests at once: 1 until one was answered */
    uint64_t first_number; /* of the requests on its newest connection */
    int64_t opened_ms;     /* when that was first answered, or 0 */
    int64_t heard_ms;      /* of the last answer */
    bool opening;          /* libcurl has just opened a socket */
    bool due;              /* libcurl wants to be called at once */
};

struct http_client {
    http_engine_t *engine;
    struct http_member member; /* of the engine */
    struct http_client_conf conf;
    struct line *lines;       /* the first is current, the others finish */
    struct transfer *running; /* in no order */
    struct transfer *waiting; /* in order */
    struct transfer **waiting_end;
    struct transfer *spare;
    size_t load; /* running and waiting */
    uint64_t lines_made;
    uint64_t transfers_made;
    unsigned failures;     /* to connect, in a row */
    int64_t held_until_ms; /* no new connection before */
};

/* ---- what libcurl calls ---- */

static void on_socket_event(void *arg, int fd, uint32_t events);

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *line_arg,
                     void *watch_arg)
{
    struct line *line = line_arg;
    struct http_watch *watch = watch_arg;
    http_engine_t *engine = line->client->engine;
    uint32_t events = ((what & CURL_POLL_IN) != 0 ? (uint32_t)EPOLLIN : 0) |
                      ((what & CURL_POLL_OUT) != 0 ? (uint32_t)EPOLLOUT : 0);

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        http_engine_unwatch(engine, watch);
        free(watch);
        curl_multi_assign(line->multi, fd, NULL);
    } else if (watch != NULL) {
        http_engine_rewatch(engine, watch, events);
    } else {
        watch = calloc(1, sizeof *watch);
        assert(watch != NULL);
        *watch = (struct http_watch){fd, on_socket_event, line};
        curl_multi_assign(line->multi, fd, watch);
        http_engine_watch(engine, watch, events);
    }
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *arg)
{
    struct line *line = arg;
    struct itimerspec when = {0};

    (void)multi;
    /* "At once" is by far the most frequent, and a kernel timer for it costs a
     * third of the throughput. */
    line->due = timeout_ms == 0;
    if (timeout_ms > 0) {
        when.it_value.tv_sec = timeout_ms / 1000;
        when.it_value.tv_nsec = timeout_ms % 1000 * 1000000;
    }
    return timerfd_settime(line->timer.fd, 0, &when, NULL);
}

static curl_socket_t on_open_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *address)
{
    const struct transfer *transfer = arg;
    unsigned silence_ms = SILENCE_MS;
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC,
                    address->protocol);

    (void)purpose;
    if (fd < 0) {
        return CURL_SOCKET_BAD;
    }
    /* A path that has silently died is noticed while the push still has time
     * for another connection; the kernel would try for 15 minutes. */
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &silence_ms,
               sizeof silence_ms);
    transfer->line->opening = true;
    return fd;
}

static size_t on_body(char *data, size_t one, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t size = one * count;

    if (size > BODY_MAX - transfer->size) {
        size = BODY_MAX - transfer->size;
    }
    transfer->body = realloc(transfer->body, transfer->size + size + 1);
    assert(transfer->body != NULL);
    memcpy(transfer->body + transfer->size, data, size);
    transfer->size += size;
    transfer->body[transfer->size] = '\0';
    return size; /* less than was given ends the transfer */
}

/* ---- lines ---- */

static void line_set_limit(struct line *line, long limit)
{
    line->limit = (size_t)limit;
    curl_multi_setopt(line->multi, CURLMOPT_MAX_CONCURRENT_STREAMS, limit);
}

static void on_timer_event(void *arg, int fd, uint32_t events);

static void line_new(http_client_t *client)
{
    struct line *line = calloc(1, sizeof *line);

    assert(line != NULL);
    line->client = client;
    line->number = ++client->lines_made;
    line->multi = curl_multi_init();
    assert(line->multi != NULL);
    curl_multi_setopt(line->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(line->multi, CURLMOPT_SOCKETDATA, line);
    curl_multi_setopt(line->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(line->multi, CURLMOPT_TIMERDATA, line);
    curl_multi_setopt(line->multi, CURLMOPT_PIPELINING,
                      (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(line->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
    line_set_limit(line, 1);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    assert(timer >= 0);
    line->timer = (struct http_watch){timer, on_timer_event, line};
    http_engine_watch(client->engine, &line->timer, EPOLLIN);
    line->next = client->lines;
    client->lines = line;
}

static void line_destroy(struct line *line)
{
    assert(line->in_flight == 0);
    curl_multi_cleanup(line->multi);
    http_engine_unwatch(line->client->engine, &line->timer);
    close(line->timer.fd);
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
        line->first_number = line->client->transfers_made + 1;
        line_set_limit(line, 1);
    }
}

/* ---- transfers ---- */

static void set_option(CURLcode code)
{
    /* libcurl knows all options that we were built with, and without memory
     * nothing goes on: anything else is a bug of ours. */
    assert(code == CURLE_OK);
}
#define SET(easy, option, value)                                               \
    set_option(curl_easy_setopt(easy, option, value))

static void set_certificate(CURL *easy, const struct http_client_conf *conf)
{
    bool p12 = keyfile_is_pkcs12(conf->certificate_file);

    SET(easy, CURLOPT_SSLCERT, conf->certificate_file);
    SET(easy, CURLOPT_SSLCERTTYPE, p12 ? "P12" : "PEM");
    SET(easy, CURLOPT_SSLKEY, conf->certificate_key_file);
    SET(easy, CURLOPT_KEYPASSWD, conf->certificate_password);
}

/* What is the same for all requests of a client. */
static void set_common(struct transfer *transfer)
{
    const struct http_client_conf *conf = &transfer->client->conf;
    CURL *easy = transfer->easy;

    SET(easy, CURLOPT_PRIVATE, transfer);
    SET(easy, CURLOPT_ERRORBUFFER, transfer->error);
    SET(easy, CURLOPT_WRITEFUNCTION, on_body);
    SET(easy, CURLOPT_WRITEDATA, transfer);
    SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(easy, CURLOPT_OPENSOCKETDATA, transfer);
    SET(easy, CURLOPT_PROTOCOLS_STR, "https");
    SET(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(easy, CURLOPT_PIPEWAIT, 1L);
    SET(easy, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX_S);
    SET(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    SET(easy, CURLOPT_TCP_KEEPIDLE, (long)KEEPALIVE_S);
    SET(easy, CURLOPT_TCP_KEEPINTVL, (long)KEEPALIVE_S);
    SET(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    SET(easy, CURLOPT_DNS_SHUFFLE_ADDRESSES, 1L);
    SET(easy, CURLOPT_NOSIGNAL, 1L);
    /* Without it, ending a transfer that waits for a name server blocks the
     * loop until that server answers. */
    SET(easy, CURLOPT_QUICK_EXIT, 1L);
    SET(easy, CURLOPT_USERAGENT, "wakebus");
    if (conf->ca_file != NULL) {
        SET(easy, CURLOPT_CAINFO, conf->ca_file);
        SET(easy, CURLOPT_CAPATH, NULL);
    }
    if (conf->certificate_file != NULL) {
        set_certificate(easy, conf);
    }
}

static struct transfer *transfer_take(http_client_t *client)
{
    struct transfer *transfer = client->spare;

    if (transfer != NULL) {
        client->spare = transfer->next;
        return transfer;
    }
    transfer = calloc(1, sizeof *transfer);
    assert(transfer != NULL);
    transfer->client = client;
    transfer->easy = curl_easy_init();
    assert(transfer->easy != NULL);
    set_common(transfer);
    return transfer;
}

static void transfer_put_back(struct transfer *transfer)
{
    curl_slist_free_all(transfer->headers);
    transfer->headers = NULL;
    free(transfer->body);
    transfer->body = NULL;
    transfer->size = 0;
    transfer->line = NULL;
    transfer->previous = NULL;
    transfer->next = transfer->client->spare;
    transfer->client->spare = transfer;
}

static void transfer_free(struct transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    free(transfer);
}

static void add_header(struct transfer *transfer, const char *header)
{
    transfer->headers = curl_slist_append(transfer->headers, header);
    assert(transfer->headers != NULL);
}

static void set_request(struct transfer *transfer, int64_t now_ms)
{
    const struct http_request *request = &transfer->request;
    CURL *easy = transfer->easy;
    char *url = NULL;

    int length =
        asprintf(&url, "%s%s", transfer->client->conf.base_url, request->path);
    assert(length > 0);
    SET(easy, CURLOPT_URL, url);
    free(url);
    add_header(transfer, "Expect:"); /* libcurl's own would cost a roundtrip */
    for (const char *const *h = request->headers; *h != NULL; h++) {
        add_header(transfer, *h);
    }
    SET(easy, CURLOPT_HTTPHEADER, transfer->headers);
    SET(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(request->body));
    SET(easy, CURLOPT_POSTFIELDS, request->body);
    long left_ms = (long)(transfer->deadline_ms - now_ms);
    SET(easy, CURLOPT_TIMEOUT_MS, left_ms);
    SET(easy, CURLOPT_CONNECTTIMEOUT_MS,
        left_ms < CONNECT_MS ? left_ms : (long)CONNECT_MS);
}

static void start(http_client_t *self, struct transfer *transfer,
                  int64_t now_ms)
{
    struct line *line = self->lines;

    transfer->line = line;
    transfer->started_ms = now_ms;
    transfer->number = ++self->transfers_made;
    transfer->error[0] = '\0';
    set_request(transfer, now_ms);
    transfer->next = self->running;
    if (transfer->next != NULL) {
        transfer->next->previous = transfer;
    }
    self->running = transfer;
    line->in_flight++;
    CURLMcode code = curl_multi_add_handle(line->multi, transfer->easy);
    assert(code == CURLM_OK);
    (void)code;
}

static void remove_running(struct transfer *transfer)
{
    if (transfer->previous != NULL) {
        transfer->previous->next = transfer->next;
    } else {
        transfer->client->running = transfer->next;
    }
    if (transfer->next != NULL) {
        transfer->next->previous = transfer->previous;
    }
}

/* Hand the response over; the transfer belongs to no list at this moment. */
static void report(struct transfer *transfer, struct http_response *response)
{
    http_done_fn *on_done = transfer->on_done;
    void *arg = transfer->arg;

    response->body = transfer->body != NULL ? transfer->body : "";
    response->size = transfer->size;
    transfer->client->load--;
    on_done(arg, response);
    transfer_put_back(transfer);
}

static void fail(struct transfer *transfer, enum http_failure failure,
                 const char *why)
{
    struct http_response response = {.failure = failure, .why = why};

    report(transfer, &response);
}

/* ---- what became of a transfer ---- */

static enum http_failure failure_of(CURLcode result, bool connected)
{
    switch ((int)result) {
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_INVALIDCERTSTATUS:
        return connected ? HTTP_LOST : HTTP_UNTRUSTED;
    case CURLE_OPERATION_TIMEDOUT:
        return connected ? HTTP_TIMEOUT : HTTP_UNREACHABLE;
    default:
        return connected ? HTTP_LOST : HTTP_UNREACHABLE;
    }
}

static void read_result(struct transfer *transfer, CURLcode result,
                        struct http_response *response)
{
    long version = 0;
    curl_off_t retry_after = 0;
    curl_off_t handshaken_us = 0;
    CURL *easy = transfer->easy;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    curl_easy_getinfo(easy, CURLINFO_PRETRANSFER_TIME_T, &handshaken_us);
    response->retry_after_s = retry_after;
    response->why = transfer->error[0] != '\0' ? transfer->error
                                               : curl_easy_strerror(result);
    /* A body that was too long was cut by ourselves, and a 200 is a yes even
     * when its stream was closed untidily. */
    if (result != CURLE_OK && result != CURLE_WRITE_ERROR &&
        response->status != 200) {
        response->failure = failure_of(result, handshaken_us > 0);
    } else if (response->status == 0) {
        response->failure = HTTP_LOST;
    } else if (version != CURL_HTTP_VERSION_2_0 &&
               !transfer->client->conf.any_version) {
        response->failure = HTTP_OUTDATED;
        response->why = "the answer came over HTTP/1.1";
    }
    if (response->failure != HTTP_ANSWERED) {
        response->status = 0;
    }
}

/* A connection that works may take as many requests as the server allows. */
static void note_success(const struct transfer *transfer, long status)
{
    struct line *line = transfer->line;
    http_client_t *client = transfer->client;
    long connects = 0;

    client->failures = 0;
    client->held_until_ms = 0;
    line->heard_ms = clock_mono_ms();
    curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
    if (line->opened_ms != 0 || status == 401 || status == 403 ||
        (connects == 0 && transfer->number < line->first_number)) {
        return;
    }
    line->opened_ms = line->heard_ms;
    line_set_limit(line, client->conf.streams);
    log_info("http.connected", TEXT("name", client->conf.name));
}

/* A server that cannot be reached, or that hangs up on new connections, is
 * not tried at the rate of the pushes. */
static void note_failure(const struct transfer *transfer,
                         enum http_failure failure)
{
    http_client_t *client = transfer->client;
    int64_t now_ms = clock_mono_ms();

    if (transfer->line != client->lines || transfer->line->opened_ms != 0 ||
        now_ms < client->held_until_ms || failure == HTTP_TIMEOUT) {
        return;
    }
    client->held_until_ms =
        now_ms + backoff_delay_ms(&HOLD, client->failures, random_u32());
    client->failures++;
}

/* A timeout ends the stream and leaves the connection. One on which nothing
 * was heard for long is not trusted with the next request. */
static void note_silence(const struct transfer *transfer,
                         enum http_failure failure)
{
    const struct line *line = transfer->line;

    if (failure == HTTP_TIMEOUT && line->heard_ms < transfer->started_ms &&
        clock_mono_ms() - transfer->started_ms >= SILENCE_MS) {
        http_client_renew(transfer->client, line->number);
    }
}

static void finish(struct transfer *transfer, CURLcode result)
{
    struct line *line = transfer->line;
    struct http_response response = {.connection = line->number};

    read_result(transfer, result, &response);
    curl_multi_remove_handle(line->multi, transfer->easy);
    remove_running(transfer);
    line->in_flight--;
    note_opening(line);
    if (response.failure == HTTP_ANSWERED) {
        note_success(transfer, response.status);
    } else {
        note_failure(transfer, response.failure);
        note_silence(transfer, response.failure);
    }
    report(transfer, &response);
}

/* ---- one turn ---- */

static void run_due(struct line *line)
{
    int running;

    if (line->due) {
        line->due = false;
        curl_multi_socket_action(line->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    note_opening(line);
}

static bool harvest(struct line *line)
{
    const CURLMsg *message;
    int left;
    bool any = false;

    while ((message = curl_multi_info_read(line->multi, &left)) != NULL) {
        struct transfer *transfer = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
        finish(transfer, message->data.result);
        any = true;
    }
    return any;
}

static struct transfer *pop_waiting(http_client_t *self)
{
    struct transfer *transfer = self->waiting;

    self->waiting = transfer->next;
    if (self->waiting == NULL) {
        self->waiting_end = &self->waiting;
    }
    transfer->next = NULL;
    return transfer;
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
            run_due(line);
            busy = harvest(line) || line->due || busy;
        }
        busy = feed(self) || busy;
    }
    drop_idle_lines(self);
    if (busy) {
        http_engine_wake(self->engine, &self->member);
    }
}

static void on_socket_event(void *arg, int fd, uint32_t events)
{
    struct line *line = arg;
    int what = ((events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
               ((events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
               ((events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
    int running;

    curl_multi_socket_action(line->multi, fd, what, &running);
    note_opening(line);
    settle(line->client);
}

static void on_timer_event(void *arg, int fd, uint32_t events)
{
    struct line *line = arg;
    uint64_t count;

    (void)events;
    if (read(fd, &count, sizeof count) > 0) {
        line->due = true;
    }
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
    self->waiting_end = &self->waiting;
    self->member = (struct http_member){on_turn, on_tick, self, false, NULL};
    http_engine_join(engine, &self->member);
    line_new(self);
    return self;
}

static void close_all(http_client_t *self)
{
    while (self->running != NULL) {
        struct transfer *transfer = self->running;
        assert(transfer->line != NULL);
        curl_multi_remove_handle(transfer->line->multi, transfer->easy);
        transfer->line->in_flight--;
        remove_running(transfer);
        fail(transfer, HTTP_CLOSED, "closed");
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
        struct transfer *transfer = self->spare;
        self->spare = transfer->next;
        transfer_free(transfer);
    }
    http_engine_leave(self->engine, &self->member);
    curl_global_cleanup();
    free(self);
    *self_p = NULL;
}

void http_client_post(http_client_t *self, const struct http_request *request,
                      http_done_fn *on_done, void *arg)
{
    struct transfer *transfer = transfer_take(self);

    transfer->request = *request;
    transfer->deadline_ms = clock_mono_ms() + request->timeout_ms;
    transfer->on_done = on_done;
    transfer->arg = arg;
    transfer->next = NULL;
    *self->waiting_end = transfer;
    self->waiting_end = &transfer->next;
    self->load++;
    http_engine_wake(self->engine, &self->member);
}

void http_client_renew(http_client_t *self, uint64_t connection)
{
    if (self->lines->number == connection) {
        line_new(self);
    }
}

size_t http_client_load(const http_client_t *self)
{
    return self->load;
}

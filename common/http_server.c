/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_server.h"

#include "common/clock.h"
#include "common/http_address.h"
#include "common/log.h"
#include <assert.h>
#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECTIONS_MAX = 32,
    /* Whoever keeps all that one address may have leaves the rest to others:
     * to those above all who end a process that does not answer them. */
    CONNECTIONS_PER_ADDRESS = 16,
    LIFE_MS = 10000,   /* of a connection, for one request and its answer */
    TICK_MS = 500,     /* to end those that take longer */
    HEAD_BYTES = 8192, /* memory of a connection: request line and headers */
    TURNS_MAX = 64,    /* in a row, so that other events get a turn */
};

/* A page may use what this server has, and nothing else in the world. */
static const char POLICY[] =
    "default-src 'none'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

struct connection {
    int fd; /* -1: free */
    int64_t since_ms;
};

struct route {
    const char *path;
    void (*write)(void *arg, struct http_page *page);
    void *arg;
};

struct http_server {
    zloop_t *loop;
    struct MHD_Daemon *daemon;
    int epoll; /* borrowed: MHD's, in which all its sockets are */
    int timer;
    struct connection connections[CONNECTIONS_MAX];
    size_t count;
    struct route routes[HTTP_PAGES_MAX];
};

/* ---- requests ---- */

static enum MHD_Result send_page(struct MHD_Connection *connection,
                                 const struct http_page *page)
{
    static const char *const HEADERS[][2] = {
        {MHD_HTTP_HEADER_CACHE_CONTROL, "no-store"},
        {"X-Content-Type-Options", "nosniff"},
        {"Content-Security-Policy", POLICY},
        {"Referrer-Policy", "no-referrer"},
        {MHD_HTTP_HEADER_CONNECTION, "close"},
    };
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(page->body), page->body, MHD_RESPMEM_MUST_FREE);

    assert(response);
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, page->type);
    for (size_t i = 0; i < sizeof HEADERS / sizeof *HEADERS; i++) {
        MHD_add_response_header(response, HEADERS[i][0], HEADERS[i][1]);
    }
    if (page->status == MHD_HTTP_METHOD_NOT_ALLOWED) {
        MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
    }
    enum MHD_Result result =
        MHD_queue_response(connection, page->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result refuse(struct MHD_Connection *connection,
                              unsigned status, const char *why)
{
    struct http_page page = {status, "text/plain", strdup(why)};

    assert(page.body);
    return send_page(connection, &page);
}

static bool has_body(struct MHD_Connection *connection)
{
    const char *length = MHD_lookup_connection_value(
        connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);

    return (length != NULL && strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                       MHD_HTTP_HEADER_TRANSFER_ENCODING) !=
               NULL;
}

/* Answered at its headers: MHD then reads no body, and ends the connection. */
static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection,
                                  const char *path, const char *method,
                                  const char *version, const char *body,
                                  size_t *body_size, void **context)
{
    const http_server_t *self = arg;

    (void)version;
    (void)body;
    (void)body_size;
    (void)context;
    if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
        strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
        return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                      "only GET and HEAD\n");
    }
    if (has_body(connection)) {
        return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "no body\n");
    }
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(path, self->routes[i].path) == 0) {
            struct http_page page = {0};
            self->routes[i].write(self->routes[i].arg, &page);
            return send_page(connection, &page);
        }
    }
    return refuse(connection, MHD_HTTP_NOT_FOUND, "no such page\n");
}

void http_server_add(http_server_t *self, const char *path,
                     void (*write)(void *arg, struct http_page *page),
                     void *arg)
{
    assert(self->count < HTTP_PAGES_MAX);
    self->routes[self->count++] = (struct route){path, write, arg};
}

/* ---- time ---- */

static void run(http_server_t *self)
{
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    int turns = 0;

    /* MHD's epoll is silent about what MHD has read and not yet looked at. */
    do {
        MHD_run(self->daemon);
    } while (++turns < TURNS_MAX &&
             MHD_get_timeout(self->daemon, &wait_ms) == MHD_YES &&
             wait_ms == 0);
}

static int on_event(zloop_t *loop, zmq_pollitem_t *item, void *arg)
{
    (void)loop;
    (void)item;
    run(arg);
    return 0;
}

/* MHD's own timeout begins anew with each byte. */
static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    http_server_t *self = arg;
    int64_t now_ms = clock_mono_ms();

    (void)loop;
    (void)timer_id;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *c = &self->connections[i];
        if (c->fd >= 0 && now_ms - c->since_ms >= LIFE_MS) {
            shutdown(c->fd, SHUT_RDWR); /* MHD sees its end, and closes it */
        }
    }
    run(self);
    return 0;
}

static struct connection *find(http_server_t *self, int fd)
{
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (self->connections[i].fd == fd) {
            return &self->connections[i];
        }
    }
    return NULL;
}

static void on_connection(void *arg, struct MHD_Connection *connection,
                          void **context,
                          enum MHD_ConnectionNotificationCode what)
{
    bool started = what == MHD_CONNECTION_NOTIFY_STARTED;
    int fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
            ->connect_fd;
    struct connection *c = find(arg, started ? -1 : fd);

    (void)context;
    assert(c);
    *c = (struct connection){started ? fd : -1, clock_mono_ms()};
}

/* ---- life ---- */

static int listen_at(const struct addrinfo *address)
{
    const int yes = 1;
    const int no = 0;
    int fd = socket(address->ai_family,
                    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (address->ai_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    }
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 ||
        listen(fd, SOMAXCONN) != 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* Returns the socket, or -1 with `why` set. */
static int open_socket(const char *text, const char **why)
{
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
                             .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    struct http_address address;

    if (http_address_read(&address, text) != 0) {
        *why = "not an address";
        return -1;
    }
    int error = getaddrinfo(address.host, address.port, &hints, &found);
    if (error != 0) {
        *why = gai_strerror(error);
        return -1;
    }
    int fd = listen_at(found);
    *why = strerror(errno);
    freeaddrinfo(found);
    return fd;
}

static struct MHD_Daemon *start(http_server_t *self, int fd)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL, 0, NULL, NULL, on_request, self,
        MHD_OPTION_LISTEN_SOCKET, fd, /* now MHD's */
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS_MAX,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_PER_ADDRESS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES,
        MHD_OPTION_NOTIFY_CONNECTION, on_connection, self, MHD_OPTION_END);
}

http_server_t *http_server_new(zloop_t *loop, const char *bind)
{
    const char *why;
    int fd = open_socket(bind, &why);

    if (fd < 0) {
        log_error("http.cannot_bind", TEXT("address", bind), TEXT("why", why),
                  TEXT("remedy", "change http.bind: each process on a host "
                                 "needs a port of its own"));
        return NULL;
    }
    http_server_t *self = zmalloc(sizeof *self);
    assert(self);
    self->loop = loop;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        self->connections[i].fd = -1;
    }
    self->daemon = start(self, fd);
    assert(self->daemon);
    self->epoll =
        MHD_get_daemon_info(self->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    zmq_pollitem_t item = {.fd = self->epoll, .events = ZMQ_POLLIN};
    zloop_poller(loop, &item, on_event, self);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    log_info("http.up", TEXT("address", bind));
    return self;
}

void http_server_destroy(http_server_t **self_p)
{
    http_server_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zmq_pollitem_t item = {.fd = self->epoll};
    zloop_poller_end(self->loop, &item);
    zloop_timer_end(self->loop, self->timer);
    MHD_stop_daemon(self->daemon);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* What needs no server; the rest is tested with the emulated providers. */
#include "common/http_client.h"

#include "common/clock.h"
#include "tests/support/cmocka_test.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUESTS_MAX = 64 };

struct fixture {
    zloop_t *loop;
    http_engine_t *engine;
    http_client_t *client;
    char url[64];
    size_t expected;
    size_t count;
    enum http_failure failures[REQUESTS_MAX];
};

static const char *const NO_HEADERS[] = {NULL};

static void on_done(void *arg, const struct http_response *response)
{
    struct fixture *f = arg;

    assert_string_equal(response->body, "");
    f->failures[f->count++] = response->failure;
}

static int on_tick(zloop_t *loop, int timer, void *arg)
{
    const struct fixture *f = arg;

    (void)loop;
    (void)timer;
    return f->count >= f->expected ? -1 : 0;
}

static void run(struct fixture *f, size_t expected)
{
    f->expected = expected;
    int timer = zloop_timer(f->loop, 10, 0, on_tick, f);
    zloop_start(f->loop);
    zloop_timer_end(f->loop, timer);
    assert_int_equal(f->count, expected);
}

/* A port of loopback that nobody listens at. */
static int closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    zsys_handler_set(NULL);
    f->loop = zloop_new();
    f->engine = http_engine_new(f->loop);
    *state = f;
    return 0;
}

static void connect_to(struct fixture *f, const char *scheme, int port)
{
    struct http_client_conf conf = {
        .name = "test", .base_url = f->url, .streams = 100};

    snprintf(f->url, sizeof f->url, "%s://127.0.0.1:%d", scheme, port);
    f->client = http_client_new(f->engine, &conf);
}

static int end(void **state)
{
    struct fixture *f = *state;

    http_client_destroy(&f->client);
    http_engine_destroy(&f->engine);
    zloop_destroy(&f->loop);
    zsys_shutdown();
    free(f);
    return 0;
}

static void post(struct fixture *f, int64_t timeout_ms)
{
    struct http_request request = {.path = "/",
                                   .headers = NO_HEADERS,
                                   .body = "{}",
                                   .timeout_ms = timeout_ms};

    http_client_send(f->client, &request, on_done, f);
}

static void post__fails_when_nobody_listens(void **state)
{
    struct fixture *f = *state;

    connect_to(f, "https", closed_port());
    post(f, 5000);
    assert_int_equal(f->count, 0); /* never from within */
    assert_int_equal(http_client_load(f->client), 1);
    run(f, 1);
    assert_int_equal(f->failures[0], HTTP_UNREACHABLE);
    assert_int_equal(http_client_load(f->client), 0);
}

static void post__fails_fast_after_failures(void **state)
{
    struct fixture *f = *state;

    connect_to(f, "https", closed_port());
    int64_t began_ms = clock_mono_ms();
    for (size_t i = 0; i < 30; i++) {
        post(f, 5000);
    }
    run(f, 30);
    assert_true(clock_mono_ms() - began_ms < 3000);
    for (size_t i = 0; i < 30; i++) {
        assert_int_equal(f->failures[i], HTTP_UNREACHABLE);
    }
}

static void post__never_goes_in_the_clear(void **state)
{
    struct fixture *f = *state;

    connect_to(f, "http", closed_port());
    post(f, 1000);
    run(f, 1);
    assert_int_equal(f->failures[0], HTTP_UNREACHABLE);
}

static void post__ends_with_its_time_when_the_peer_is_silent(void **state)
{
    struct fixture *f = *state;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(fd, 1), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    connect_to(f, "https", ntohs(address.sin_port));
    int64_t began_ms = clock_mono_ms();
    post(f, 300);
    post(f, 300); /* waits for the first one's connection */
    run(f, 2);
    int64_t took_ms = clock_mono_ms() - began_ms;
    assert_true(took_ms >= 300 && took_ms < 1000);
    assert_int_equal(f->failures[0], HTTP_UNREACHABLE);
    assert_int_equal(f->failures[1], HTTP_UNREACHABLE);
    close(fd);
}

static void destroy__answers_what_is_open(void **state)
{
    struct fixture *f = *state;

    connect_to(f, "https", closed_port());
    post(f, 5000);
    post(f, 5000);
    http_client_renew(f->client, 1);
    http_client_renew(f->client, 1); /* left already */
    http_client_destroy(&f->client);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->failures[0], HTTP_CLOSED);
    assert_int_equal(f->failures[1], HTTP_CLOSED);
    http_client_destroy(&f->client);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(post__fails_when_nobody_listens),
        TEST(post__fails_fast_after_failures),
        TEST(post__never_goes_in_the_clear),
        TEST(post__ends_with_its_time_when_the_peer_is_silent),
        TEST(destroy__answers_what_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

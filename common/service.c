/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/service.h"

#include "common/daemon.h"
#include "common/http_server.h"
#include "common/log.h"
#include "common/supervisor.h"
#include <assert.h>
#include <string.h>
#include <sysexits.h>

/* Nothing that is open takes longer than the deadline of a request; the rest
 * is for saying so. */
enum { DRAIN_SLACK_MS = 10000 };

struct process {
    const struct service *service;
    daemon_t *daemon;
    void *self; /* the service's */
    bool draining;
};

static void on_drained(void *arg)
{
    struct process *process = arg;

    daemon_finish(process->daemon, EX_OK);
}

static void begin_drain(void *arg)
{
    struct process *process = arg;

    process->draining = true;
    supervisor_stopping();
    process->service->drain(process->self, on_drained, process);
}

/* ---- how it is ---- */

static void write_live(void *arg, struct http_page *page)
{
    (void)arg; /* that there is an answer is the answer */
    *page = (struct http_page){200, "text/plain", strdup("alive\n")};
    assert(page->body);
}

static void write_ready(void *arg, struct http_page *page)
{
    const struct process *process = arg;
    struct health health = {0};

    if (process->draining) {
        health_add(&health, "draining", false,
                   "none needed: the process was told to end");
    }
    process->service->health(process->self, &health);
    *page = (struct http_page){health_is_ready(&health) ? 200 : 503,
                               "application/json", health_print(&health)};
}

/* Returns 0, or -1 when there should be a server and cannot. */
static int serve(struct process *process, http_server_t **http,
                 const char *bind)
{
    if (bind == NULL) {
        return 0;
    }
    *http = http_server_new(daemon_loop(process->daemon), bind);
    if (*http == NULL) {
        return -1;
    }
    http_server_add(*http, "/livez", write_live, NULL);
    http_server_add(*http, "/readyz", write_ready, process);
    return 0;
}

/* ---- life ---- */

static int work(struct process *process, const struct settings *settings)
{
    const struct service *service = process->service;
    zloop_t *loop = daemon_loop(process->daemon);
    int status = EX_UNAVAILABLE;

    process->self = service->start(loop, settings, &status);
    if (process->self == NULL) {
        return status;
    }
    daemon_on_stop(process->daemon, begin_drain, process);
    supervisor_up(loop);
    log_info("service.up", TEXT("version", WAKEBUS_VERSION));
    status = daemon_run(process->daemon,
                        settings->push.deadline_ms + DRAIN_SLACK_MS);
    service->stop(process->self);
    return status;
}

static int run(const struct service *service, const struct settings *settings)
{
    struct process process = {.service = service, .daemon = daemon_new()};
    http_server_t *http = NULL;
    int status = EX_UNAVAILABLE;

    if (serve(&process, &http, settings->http.bind) == 0) {
        status = work(&process, settings);
    }
    http_server_destroy(&http);
    daemon_destroy(&process.daemon);
    log_info("service.down", NUM("status", status));
    return status;
}

int service_main(const struct service *service, int argc, char **argv)
{
    struct settings settings;

    zsys_set_logstream(stderr); /* CZMQ's own words are no output of ours */
    int status = settings_start(&settings, service->program, argc, argv);
    if (status >= 0) {
        return status;
    }
    status = run(service, &settings);
    settings_release(&settings);
    return status;
}

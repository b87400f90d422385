/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/service.h"

#include "common/clock.h"
#include "common/command_line.h"
#include "common/daemon.h"
#include "common/http_server.h"
#include "common/library_log.h"
#include "common/log.h"
#include "common/process_metrics.h"
#include "common/supervisor.h"
#include "common/version.h"
#include <assert.h>
#include <string.h>
#include <sysexits.h>

/* Nothing that is open takes longer than the deadline of a request; the rest
 * is for saying so. */
enum { DRAIN_SLACK_MS = 10000, STATUS_MS = 1000 };

struct process {
    const struct service *service;
    const struct settings *settings; /* those in force */
    daemon_t *daemon;
    void *self;       /* the service's */
    int64_t drain_ms; /* how long a drain may take */
    bool draining;
    bool refused;                /* the last reload: its settings had faults */
    double started_s;            /* Unix time */
    char line[HEALTH_LINE_SIZE]; /* that systemd was told last */
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
    supervisor_status("draining");
    process->service->drain(process->self, on_drained, process);
}

/* ---- new settings ---- */

/* What is open may have a longer deadline from settings before: it is only a
 * limit, so it need not shrink. */
static void put_in_force(struct process *process,
                         const struct settings *settings)
{
    int64_t drain_ms = settings->push.deadline_ms + DRAIN_SLACK_MS;

    settings_release(&process->settings);
    process->settings = settings;
    if (drain_ms > process->drain_ms) {
        process->drain_ms = drain_ms;
        daemon_set_drain(process->daemon, drain_ms);
    }
}

/* Whole, or not at all. */
static void reload(void *arg)
{
    struct process *process = arg;

    supervisor_reloading();
    const struct settings *settings = settings_reload(process->settings);
    process->refused = settings == NULL;
    if (settings != NULL) {
        process->service->reload(process->self, settings);
        put_in_force(process, settings);
        log_configure(settings->log.level, settings->log.format);
        log_info("config.reloaded", NO_FIELDS);
    } else {
        log_error("config.refused",
                  TEXT("remedy", "mend what config.fault names; until then "
                                 "the settings from before are in force"));
    }
    supervisor_reloaded();
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

static const struct metric BUILD = {"wakebus_build_info",
                                    METRIC_GAUGE,
                                    "Always 1: which program this is.",
                                    {"program", "version", "revision"}};
static const struct metric READY = {
    "wakebus_ready",
    METRIC_GAUGE,
    "1 when the process can do its work, as /readyz says.",
    {NULL}};
static const struct metric CHECK = {"wakebus_ready_check",
                                    METRIC_GAUGE,
                                    "1 for each check of /readyz that is ok.",
                                    {"check"}};
static const struct metric DRAINING = {
    "wakebus_draining",
    METRIC_GAUGE,
    "1 when the process was told to end and finishes its work.",
    {NULL}};

static const struct metric RELOAD = {
    "wakebus_config_last_reload_successful",
    METRIC_GAUGE,
    "0 when the last reload was refused, and older settings are in force.",
    {NULL}};

static void add_readiness(const struct process *process, metrics_t *page)
{
    struct health health = {0};

    process->service->health(process->self, &health);
    for (size_t i = 0; i < health.count; i++) {
        metrics_add(page, &CHECK, LABELS(health.checks[i].name),
                    health.checks[i].ok);
    }
    metrics_add(page, &READY, NULL,
                health_is_ready(&health) && !process->draining);
    metrics_add(page, &DRAINING, NULL, process->draining);
}

static void write_metrics(void *arg, struct http_page *page)
{
    const struct process *process = arg;
    metrics_t *metrics = metrics_new();

    metrics_add(
        metrics, &BUILD,
        LABELS(process->service->program, VERSION_NUMBER, VERSION_COMMIT), 1);
    add_readiness(process, metrics);
    metrics_add(metrics, &RELOAD, NULL, !process->refused);
    process->service->metrics(process->self, metrics);
    process_metrics(metrics, process->started_s);
    *page = (struct http_page){200, "text/plain; version=0.0.4; charset=utf-8",
                               metrics_print(metrics)};
    metrics_destroy(&metrics);
}

/* What systemctl status shows: told when it changes. */
static void tell_status(struct process *process)
{
    struct health health = {0};
    char line[HEALTH_LINE_SIZE];

    process->service->health(process->self, &health);
    health_line(&health, line);
    if (!process->draining && strcmp(line, process->line) != 0) {
        memcpy(process->line, line, sizeof line);
        supervisor_status(line);
    }
}

static int on_status_timer(zloop_t *loop, int timer_id, void *arg)
{
    (void)loop;
    (void)timer_id;
    tell_status(arg);
    return 0;
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
    http_server_add(*http, "/metrics", write_metrics, process);
    return 0;
}

/* ---- life ---- */

/* `http` is NULL when there is no server. */
static int work(struct process *process, http_server_t *http)
{
    const struct service *service = process->service;
    zloop_t *loop = daemon_loop(process->daemon);
    int status = EX_UNAVAILABLE;

    process->self = service->start(loop, process->settings, &status);
    if (process->self == NULL) {
        return status;
    }
    if (service->show != NULL && http != NULL) {
        service->show(process->self, http);
    }
    daemon_on_stop(process->daemon, begin_drain, process);
    daemon_on_reload(process->daemon, reload, process);
    supervisor_up(loop);
    zloop_timer(loop, STATUS_MS, 0, on_status_timer, process);
    tell_status(process);
    log_info("service.up", TEXT("version", VERSION_NUMBER),
             TEXT("commit", VERSION_COMMIT));
    status = daemon_run(process->daemon);
    service->stop(process->self);
    return status;
}

static int run(struct process *process)
{
    http_server_t *http = NULL;
    int status = EX_UNAVAILABLE;

    if (serve(process, &http, process->settings->http.bind) == 0) {
        status = work(process, http);
    }
    http_server_destroy(&http);
    log_info("service.down", NUM("status", status));
    return status;
}

int service_main(const struct service *service, int argc, char **argv)
{
    struct process process = {.service = service,
                              .started_s = (double)clock_unix_ms() / 1000};
    struct settings_origin origin = {.program = service->program,
                                     .check = service->check};
    const struct settings *settings;
    struct self_test_request test;

    /* Before CZMQ does anything: its own handler would take a signal that comes
     * before there is a daemon, and nobody would ever hear of it. */
    zsys_handler_set(NULL);
    library_log_start();
    int status = command_line_start(&settings, &test, &origin, argc, argv);
    if (status >= 0) {
        return status;
    }
    if (test.wanted) {
        status = self_test_run(service, settings, &test);
        settings_release(&settings);
        return status;
    }
    process.daemon = daemon_new();
    put_in_force(&process, settings);
    status = run(&process);
    daemon_destroy(&process.daemon);
    settings_release(&process.settings);
    return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_page.h"

#include "common/clock.h"
#include "services/xmpp-frontend/page/page.h"
#include "services/xmpp-frontend/status_facts.h"
#include "services/xmpp-frontend/template.h"
#include <assert.h>
#include <string.h>

struct status_page {
    zloop_t *loop;
    struct status_teller teller;
    struct recent recent;
    int64_t started_ms;
    int timer;
};

static metrics_t *ask_metrics(const status_page_t *self)
{
    metrics_t *metrics = metrics_new();

    self->teller.metrics(self->teller.arg, metrics);
    return metrics;
}

static json_t *tell(const status_page_t *self)
{
    metrics_t *metrics = ask_metrics(self);
    struct health health = {0};
    int64_t now_ms = clock_mono_ms();

    self->teller.health(self->teller.arg, &health);
    const struct status_sources sources = {
        .metrics = metrics,
        .health = &health,
        .recent = &self->recent,
        .draining = self->teller.is_draining(self->teller.arg),
        .mono_ms = now_ms,
        .unix_ms = clock_unix_ms(),
        .up_s = (now_ms - self->started_ms) / 1000};
    json_t *facts = status_facts(&sources);
    metrics_destroy(&metrics);
    return facts;
}

/* ---- pages ---- */

static void write_html(void *arg, struct http_page *page)
{
    json_t *facts = tell(arg);

    *page = (struct http_page){200, "text/html; charset=utf-8",
                               template_render(PAGE_STATUS_HTML, facts)};
    json_decref(facts);
}

static void write_json(void *arg, struct http_page *page)
{
    json_t *facts = tell(arg);

    *page = (struct http_page){200, "application/json",
                               json_dumps(facts, JSON_COMPACT)};
    assert(page->body);
    json_decref(facts);
}

static void write_text(struct http_page *page, const char *type,
                       const char *text)
{
    *page = (struct http_page){200, type, strdup(text)};
    assert(page->body);
}

static void write_css(void *arg, struct http_page *page)
{
    (void)arg;
    write_text(page, "text/css; charset=utf-8", PAGE_STATUS_CSS);
}

static void write_js(void *arg, struct http_page *page)
{
    (void)arg;
    write_text(page, "text/javascript; charset=utf-8", PAGE_STATUS_JS);
}

/* ---- life ---- */

static void note(status_page_t *self)
{
    metrics_t *metrics = ask_metrics(self);
    struct recent_counts now = status_counts(metrics, clock_mono_ms());

    recent_note(&self->recent, &now);
    metrics_destroy(&metrics);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    (void)loop;
    (void)timer_id;
    note(arg);
    return 0;
}

status_page_t *status_page_new(zloop_t *loop, http_server_t *http,
                               const struct status_teller *teller)
{
    status_page_t *self = calloc(1, sizeof *self);

    assert(self);
    self->loop = loop;
    self->teller = *teller;
    self->started_ms = clock_mono_ms();
    note(self);
    self->timer = zloop_timer(loop, RECENT_STEP_MS, 0, on_tick, self);
    http_server_add(http, "/", write_html, self);
    http_server_add(http, "/status.json", write_json, self);
    http_server_add(http, "/status.css", write_css, self);
    http_server_add(http, "/status.js", write_js, self);
    return self;
}

void status_page_destroy(status_page_t **self_p)
{
    status_page_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/status_view.h"

#include "services/wakebusctl/text.h"

#include <jansson.h>

/* A rate that is not known is null. */
static json_t *new_rate(double rate)
{
    return rate < 0 ? json_null() : json_real(rate);
}

static json_t *new_worker(const struct operator_worker *worker)
{
    return json_pack("{s:s,s:s,s:I,s:I,s:I}", "role", worker->role, "id",
                     worker->worker, "jobs", (json_int_t)worker->jobs, "credit",
                     (json_int_t)worker->credit, "since_s",
                     (json_int_t)(worker->age_ms / 1000));
}

static json_t *new_app(const struct operator_app *app)
{
    return json_pack(
        "{s:s?,s:s?,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}", "app", app->app,
        "backend", app->backend, "senders", (json_int_t)app->senders, "queued",
        (json_int_t)app->queued, "sent", (json_int_t)app->sent, "gone",
        (json_int_t)app->gone, "refused", (json_int_t)app->refused, "deferred",
        (json_int_t)app->deferred, "expired", (json_int_t)app->expired,
        "coalesced", (json_int_t)app->coalesced, "limited",
        (json_int_t)app->limited, "failed", (json_int_t)app->failed);
}

static json_t *new_link(const struct operator_status_result *now)
{
    return now->link == OPERATOR_LINK_UP
               ? json_pack("{s:s,s:I,s:I}", "state", "up", "since_s",
                           (json_int_t)(now->link_age_ms / 1000), "silent_ms",
                           (json_int_t)now->link_silent_ms)
               : json_pack("{s:s,s:s*,s:s*}", "state", "down", "why",
                           now->link_why, "remedy", now->link_remedy);
}

static json_t *new_frontend(const struct status_frontend *frontend)
{
    const struct operator_status_result *now = frontend->now;
    json_t *workers = json_array();
    json_t *apps = json_array();

    for (size_t i = 0; i < now->workers.count; i++) {
        json_array_append_new(workers, new_worker(&now->workers.items[i]));
    }
    for (size_t i = 0; i < now->apps.count; i++) {
        json_array_append_new(apps, new_app(&now->apps.items[i]));
    }
    double rate =
        frontend->before != NULL
            ? status_rate(frontend, now->received, frontend->before->received)
            : -1;
    return json_pack(
        "{s:s,s:s,s:s,s:I,s:b,s:o,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:o,s:o}",
        "endpoint", frontend->endpoint, "state", "up", "version", now->version,
        "since_s", (json_int_t)(now->age_ms / 1000), "draining",
        now->draining != 0, "link", new_link(now), "pushes_per_second",
        new_rate(rate), "received", (json_int_t)now->received, "in_flight",
        (json_int_t)now->in_flight, "retried", (json_int_t)now->retried,
        "retries_sent", (json_int_t)now->retries_sent, "registered",
        (json_int_t)now->registered, "queued", (json_int_t)now->queued,
        "workers", workers, "apps", apps);
}

void status_print_json(const struct status_view *view, FILE *to)
{
    json_t *frontends = json_array();
    char time[TEXT_TIME_ROOM];

    for (size_t i = 0; i < view->count; i++) {
        const struct status_frontend *frontend = &view->frontends[i];
        json_array_append_new(
            frontends,
            frontend->now != NULL
                ? new_frontend(frontend)
                : json_pack("{s:s,s:s,s:s}", "endpoint", frontend->endpoint,
                            "state", "down", "why", frontend->trouble));
    }
    text_time(time, view->unix_ms);
    json_t *root = json_pack(
        "{s:s,s:o,s:o}", "time", time, "frontends", frontends, "waiting",
        view->waiting >= 0 ? json_integer(view->waiting) : json_null());
    json_dumpf(root, to, JSON_COMPACT);
    fputc('\n', to);
    json_decref(root);
}

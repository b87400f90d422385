/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/status_view.h"

#include "common/words.h"
#include "services/wakebusctl/table.h"
#include "services/wakebusctl/text.h"

#include <inttypes.h>
#include <string.h>

static const char UNKNOWN[] = "–";

double status_rate(const struct status_frontend *frontend, int64_t now,
                   int64_t before)
{
    if (frontend->now == NULL || frontend->before == NULL || now < before ||
        frontend->now->age_ms <= frontend->before->age_ms) {
        return -1;
    }
    return (double)(now - before) * 1000 /
           (double)(frontend->now->age_ms - frontend->before->age_ms);
}

static void write_rate(char out[WORD_ROOM], double rate)
{
    if (rate < 0) {
        snprintf(out, WORD_ROOM, "%s", UNKNOWN);
    } else {
        word_rate(out, rate);
    }
}

static double rate_received(const struct status_frontend *frontend)
{
    return frontend->before == NULL
               ? -1
               : status_rate(frontend, frontend->now->received,
                             frontend->before->received);
}

/* ---- apps ---- */

static int64_t ended(const struct operator_app *app)
{
    return app->sent + app->gone + app->refused + app->deferred + app->expired +
           app->coalesced + app->limited + app->failed;
}

static bool is_app(const struct operator_app *app, const char *name)
{
    return name == NULL ? app->app == NULL
                        : app->app != NULL && strcmp(app->app, name) == 0;
}

/* The same app a while ago, or NULL. */
static const struct operator_app *
app_before(const struct status_frontend *frontend,
           const struct operator_app *app)
{
    for (size_t i = 0; frontend->before && i < frontend->before->apps.count;
         i++) {
        const struct operator_app *before = &frontend->before->apps.items[i];
        if (is_app(before, app->app)) {
            return before;
        }
    }
    return NULL;
}

static double rate_of_app(const struct status_frontend *frontend,
                          const struct operator_app *app)
{
    const struct operator_app *before = app_before(frontend, app);

    return before == NULL ? -1
                          : status_rate(frontend, ended(app), ended(before));
}

static struct operator_app sum_of(const struct operator_apps *apps)
{
    struct operator_app sum = {0};

    for (size_t i = 0; i < apps->count; i++) {
        const struct operator_app *app = &apps->items[i];
        sum.queued += app->queued;
        sum.sent += app->sent;
        sum.gone += app->gone;
        sum.refused += app->refused;
        sum.deferred += app->deferred;
        sum.expired += app->expired;
        sum.coalesced += app->coalesced;
        sum.limited += app->limited;
        sum.failed += app->failed;
    }
    return sum;
}

/* ---- tables ---- */

static void add_titles(table_t *table, const char *const *titles)
{
    for (; *titles != NULL; titles++) {
        table_add(table, *titles);
    }
}

static void print_workers(const struct operator_workers *workers, FILE *to)
{
    static const char *const TITLES[] = {"WORKER", "ID",    "JOBS",
                                         "CREDIT", "SINCE", NULL};
    table_t *table = table_new("llrrr");
    char since[WORD_ROOM];

    add_titles(table, TITLES);
    for (size_t i = 0; i < workers->count; i++) {
        const struct operator_worker *worker = &workers->items[i];
        word_span(since, worker->age_ms / 1000);
        table_add(table, worker->role);
        table_add(table, worker->worker);
        table_add_count(table, (double)worker->jobs);
        table_add_count(table, (double)worker->credit);
        table_add(table, since);
    }
    fputc('\n', to);
    if (workers->count > 0) {
        table_print(table, to);
    } else {
        fputs("no worker is there: start registries and senders\n", to);
    }
    table_destroy(&table);
}

static void add_outcomes(table_t *table, const struct operator_app *app)
{
    table_add_count(table, (double)app->sent);
    table_add_count(table, (double)app->gone);
    table_add_count(table, (double)app->refused);
    table_add_count(table, (double)app->deferred);
    table_add_count(table, (double)app->expired);
    table_add_count(table, (double)app->coalesced);
    table_add_count(table, (double)app->limited);
    table_add_count(table, (double)app->failed);
}

/* What ended before its app was known has a row only if there is any. */
static void print_apps(const struct status_frontend *frontend, FILE *to)
{
    static const char *const TITLES[] = {
        "APP",       "BACKEND", "SENDERS", "QUEUED",   "PUSHES/S",
        "SENT",      "GONE",    "REFUSED", "DEFERRED", "EXPIRED",
        "COALESCED", "LIMITED", "FAILED",  NULL};
    const struct operator_apps *apps = &frontend->now->apps;
    table_t *table = table_new("llrrrrrrrrrrr");
    char rate[WORD_ROOM];

    add_titles(table, TITLES);
    for (size_t i = 0; i < apps->count; i++) {
        const struct operator_app *app = &apps->items[i];
        if (app->app == NULL && ended(app) == 0) {
            continue;
        }
        write_rate(rate, rate_of_app(frontend, app));
        table_add(table, app->app != NULL ? app->app : "(no app)");
        table_add(table, app->backend);
        table_add_count(table, (double)app->senders);
        table_add_count(table, (double)app->queued);
        table_add(table, rate);
        add_outcomes(table, app);
    }
    fputc('\n', to);
    table_print(table, to);
    table_destroy(&table);
}

static void print_count(FILE *to, const char *before, int64_t number,
                        const char *behind)
{
    char text[WORD_ROOM];

    word_count(text, (double)number);
    fprintf(to, "%s%s%s", before, text, behind);
}

static void print_pushes(const struct status_frontend *frontend, FILE *to)
{
    const struct operator_status_result *now = frontend->now;
    double rate = rate_received(frontend);
    char text[WORD_ROOM];

    fputs("pushes    ", to);
    if (rate >= 0) {
        word_rate(text, rate);
        fprintf(to, "%s/s now, ", text);
    }
    print_count(to, "", now->received, " since the start");
    print_count(to, ", ", now->in_flight, " in flight\n");
    print_count(to, "retries   ", now->retried, " of deferred pushes");
    print_count(to, ", ", now->retries_sent, " got through\n");
    print_count(to, "phones    ", now->registered, " registrations\n");
    print_count(to, "queue     ", now->queued + sum_of(&now->apps).queued,
                " jobs wait for a worker\n");
}

/* Each time it is asked for, the link is pinged: one that works has answered by
 * the next time. */
static void print_link(const struct operator_status_result *now, FILE *to)
{
    bool silent = now->link_silent_ms >= STATUS_SILENT_MS;
    char up[WORD_ROOM];
    char silence[WORD_ROOM];
    char why[200];
    char remedy[400];

    word_span(up, now->link_age_ms / 1000);
    word_span(silence, now->link_silent_ms / 1000);
    if (now->link == OPERATOR_LINK_UP) {
        fprintf(to, "link      up for %s%s%s\n", up,
                silent ? ", but the XMPP server answers no ping: silent for "
                       : "",
                silent ? silence : "");
    } else if (now->link_why != NULL && now->link_remedy != NULL) {
        text_plain(why, sizeof why, now->link_why);
        text_plain(remedy, sizeof remedy, now->link_remedy);
        fprintf(to, "link      DOWN: %s: %s\n", why, remedy);
    } else {
        fputs("link      DOWN: see whether the XMPP server runs, and the "
              "frontend's log\n",
              to);
    }
}

static void print_frontend(const struct status_frontend *frontend, FILE *to)
{
    const struct operator_status_result *now = frontend->now;
    char version[80];
    char span[WORD_ROOM];

    if (now == NULL) {
        fprintf(to, "frontend  %s: %s\n", frontend->endpoint,
                frontend->trouble);
        return;
    }
    text_plain(version, sizeof version, now->version);
    word_span(span, now->age_ms / 1000);
    fprintf(to, "frontend  %s: up for %s%s, version %s\n", frontend->endpoint,
            span, now->draining ? ", stopping" : "", version);
    print_link(now, to);
    print_pushes(frontend, to);
    print_workers(&now->workers, to);
    print_apps(frontend, to);
}

void status_print(const struct status_view *view, FILE *to)
{
    for (size_t i = 0; i < view->count; i++) {
        print_frontend(&view->frontends[i], to);
        fputc('\n', to);
    }
    if (view->waiting >= 0) {
        print_count(to, "waiting   ", view->waiting,
                    " targets in Redis, for another try of their push\n");
    } else {
        fprintf(to, "waiting   %s: %s\n", UNKNOWN, view->waiting_trouble);
    }
}

/* ---- lines ---- */

static void print_line(const struct status_view *view,
                       const struct status_frontend *frontend, FILE *to)
{
    const struct operator_status_result *now = frontend->now;
    char time[TEXT_TIME_ROOM];
    char rate[WORD_ROOM];

    text_time(time, view->unix_ms);
    if (now == NULL) {
        fprintf(to, "%s %s state=down\n", time, frontend->endpoint);
        return;
    }
    const struct operator_app sum = sum_of(&now->apps);
    write_rate(rate, rate_received(frontend));
    fprintf(to,
            "%s %s state=up link=%s pushes/s=%s in_flight=%" PRId64
            " queued=%" PRId64 " workers=%zu sent=%" PRId64 " gone=%" PRId64
            " refused=%" PRId64 " deferred=%" PRId64 " expired=%" PRId64
            " coalesced=%" PRId64 " limited=%" PRId64 " failed=%" PRId64
            " waiting=%" PRId64 "\n",
            time, frontend->endpoint,
            now->link == OPERATOR_LINK_UP ? "up" : "down", rate, now->in_flight,
            now->queued + sum.queued, now->workers.count, sum.sent, sum.gone,
            sum.refused, sum.deferred, sum.expired, sum.coalesced, sum.limited,
            sum.failed, view->waiting);
}

void status_print_lines(const struct status_view *view, FILE *to)
{
    for (size_t i = 0; i < view->count; i++) {
        print_line(view, &view->frontends[i], to);
    }
}

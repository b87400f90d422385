/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_facts.h"

#include "common/version.h"
#include "common/words.h"
#include "services/xmpp-frontend/status_chart.h"
#include "services/xmpp-frontend/status_row.h"
#include "services/xmpp-frontend/status_verdict.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WINDOW_MS = 60000 }; /* "now": what came in the last minute */

#define OUTCOMES_METRIC "wakebus_push_outcomes_total"
#define RETRIES_METRIC "wakebus_retry_outcomes_total"

/* ---- numbers ---- */

static double value_of(const metrics_t *metrics, const char *name)
{
    return metrics_sum(metrics, name, 0, NULL);
}

/* `stage` may be NULL. */
static struct histogram histogram_of(const metrics_t *metrics, const char *name,
                                     const char *stage)
{
    size_t count;
    const struct metric_sample *samples =
        metrics_samples(metrics, name, &count);

    for (size_t i = 0; i < count; i++) {
        if (stage == NULL || strcmp(samples[i].values[0], stage) == 0) {
            return samples[i].histogram;
        }
    }
    return (struct histogram){0};
}

static double outcomes(const metrics_t *metrics, const char *name,
                       const char *const *words, size_t count)
{
    double total = 0;

    for (size_t i = 0; i < count; i++) {
        total += metrics_sum(metrics, name, 2, words[i]);
    }
    return total;
}

struct recent_counts status_counts(const metrics_t *metrics, int64_t mono_ms)
{
    static const char *const WELL[] = {"sent", "deferred", "gone", "coalesced",
                                       "limited"};
    static const char *const BAD[] = {"refused", "expired", "failed"};
    struct recent_counts counts = {
        .at_ms = mono_ms,
        .received =
            (uint64_t)value_of(metrics, "wakebus_pushes_received_total"),
        .well = (uint64_t)outcomes(metrics, OUTCOMES_METRIC, WELL, 5),
        .bad = (uint64_t)outcomes(metrics, OUTCOMES_METRIC, BAD, 3),
        .push_time =
            histogram_of(metrics, "wakebus_push_duration_seconds", NULL)};
    counts.stages[RECENT_QUEUE] =
        histogram_of(metrics, "wakebus_queue_duration_seconds", NULL);
    counts.stages[RECENT_LOOKUP] =
        histogram_of(metrics, "wakebus_job_duration_seconds", "lookup");
    counts.stages[RECENT_PUSH] =
        histogram_of(metrics, "wakebus_job_duration_seconds", "push");
    return counts;
}

/* ---- the last minute ---- */

/* "–" where there is nothing to take the time of. */
static void set_times(json_t *object, const struct histogram *now,
                      const struct histogram *then)
{
    static const struct {
        const char *name;
        double share;
    } QUANTILES[] = {{"half", 0.5}, {"most", 0.95}, {"nearly_all", 0.99}};
    struct histogram since = histogram_since(now, then);
    char word[WORD_ROOM] = "–";

    for (size_t i = 0; i < sizeof QUANTILES / sizeof *QUANTILES; i++) {
        if (histogram_count(&since) > 0) {
            word_time(word, histogram_quantile(&since, QUANTILES[i].share));
        }
        row_set(object, QUANTILES[i].name, word);
    }
}

static json_t *list_stages(const struct recent_counts *now,
                           const struct recent_counts *then)
{
    static const char *const NAMES[RECENT_STAGES] = {
        [RECENT_QUEUE] = "Wait for a worker",
        [RECENT_LOOKUP] = "Look up the device",
        [RECENT_PUSH] = "Push, by sender and provider"};
    json_t *stages = json_array();

    for (size_t i = 0; i < RECENT_STAGES; i++) {
        json_t *row = row_add(stages);
        row_set(row, "name", NAMES[i]);
        set_times(row, &now->stages[i], &then->stages[i]);
    }
    json_t *row = row_add(stages);
    row_set(row, "name", "From request to answer");
    set_times(row, &now->push_time, &then->push_time);
    return stages;
}

static void set_rates(json_t *facts, const struct recent_counts *now,
                      const struct recent_counts *then)
{
    double seconds = (double)(now->at_ms - then->at_ms) / 1000;
    double well = (double)(now->well - then->well);
    double bad = (double)(now->bad - then->bad);
    char word[WORD_ROOM];

    word_rate(word, seconds > 0 ? (double)(now->received - then->received) /
                                      (seconds < 10 ? 10 : seconds)
                                : 0);
    row_set(facts, "rate", word);
    word_share(word, well, well + bad);
    row_set(facts, "well", word);
    set_times(facts, &now->push_time, &then->push_time);
}

static void set_chart(json_t *facts, const struct status_sources *from,
                      const struct recent_counts *now)
{
    struct recent_bar bars[RECENT_STEPS];
    char word[WORD_ROOM];

    recent_bars(from->recent, now, bars);
    struct chart chart = chart_draw(bars);
    row_set(facts, "chart_well", chart.well);
    row_set(facts, "chart_bad", chart.bad);
    word_rate(word, (double)chart.most * 1000 / RECENT_STEP_MS);
    row_set(facts, "chart_most", word);
    chart_clear(&chart);
}

/* ---- since the start ---- */

static const char *const OUTCOME_NAMES[] = {"sent",    "coalesced", "deferred",
                                            "limited", "gone",      "refused",
                                            "expired", "failed"};
enum { OUTCOME_COUNT = sizeof OUTCOME_NAMES / sizeof *OUTCOME_NAMES };

/* Returns how many there are. */
static double set_outcomes(json_t *row, const metrics_t *metrics,
                           const char *app)
{
    double totals[OUTCOME_COUNT] = {0};
    double all = 0;
    size_t count;
    const struct metric_sample *samples =
        metrics_samples(metrics, OUTCOMES_METRIC, &count);

    for (size_t i = 0; i < count; i++) {
        for (size_t o = 0; o < OUTCOME_COUNT; o++) {
            if (strcmp(samples[i].values[0], app) == 0 &&
                strcmp(samples[i].values[2], OUTCOME_NAMES[o]) == 0) {
                totals[o] += samples[i].number;
            }
        }
    }
    for (size_t o = 0; o < OUTCOME_COUNT; o++) {
        row_set_count(row, OUTCOME_NAMES[o], totals[o]);
        all += totals[o];
    }
    return all;
}

/* Those that ended before their app was known come last, if there are any. */
static json_t *list_apps(const metrics_t *metrics)
{
    json_t *apps = json_array();
    size_t count;
    const struct metric_sample *samples =
        metrics_samples(metrics, "wakebus_app_workers", &count);

    for (size_t i = 0; i < count; i++) {
        json_t *row = row_add(apps);
        row_set(row, "name", samples[i].values[0]);
        row_set(row, "backend", samples[i].values[1]);
        set_outcomes(row, metrics, samples[i].values[0]);
    }
    json_t *row = row_add(apps);
    row_set(row, "name", "not known");
    row_set(row, "backend", "");
    if (set_outcomes(row, metrics, "") < 1) {
        json_array_remove(apps, count);
    }
    return apps;
}

static void add_role(json_t *roles, const metrics_t *metrics,
                     const struct metric_sample *workers)
{
    const char *role = workers->values[0];
    double credit = metrics_sum(metrics, "wakebus_worker_credit", 0, role);
    double jobs = metrics_sum(metrics, "wakebus_worker_jobs", 0, role);
    char word[WORD_ROOM];
    json_t *row = row_add(roles);

    row_set(row, "name", role);
    row_set_count(row, "workers", workers->number);
    row_set_count(row, "credit", credit);
    row_set_count(row, "jobs", jobs);
    row_set_count(row, "queued",
                  metrics_sum(metrics, "wakebus_queued_jobs", 1, role));
    snprintf(word, sizeof word, "%.2f", credit > 0 ? jobs / credit : 0);
    row_set(row, "load", word);
}

/* Of roles that nobody has work for only if there are such. */
static json_t *list_roles(const metrics_t *metrics)
{
    json_t *roles = json_array();
    size_t count;
    const struct metric_sample *samples =
        metrics_samples(metrics, "wakebus_workers", &count);

    for (size_t i = 0; i < count; i++) {
        if (samples[i].number > 0 ||
            strcmp(samples[i].values[0], "other") != 0) {
            add_role(roles, metrics, &samples[i]);
        }
    }
    return roles;
}

static void set_retries(json_t *facts, const metrics_t *metrics)
{
    double retries = value_of(metrics, "wakebus_retries_received_total");
    char all[WORD_ROOM];
    char sent[WORD_ROOM];
    char expired[WORD_ROOM];
    char text[192];

    word_count(all, retries);
    word_count(sent, metrics_sum(metrics, RETRIES_METRIC, 2, "sent"));
    word_count(expired, metrics_sum(metrics, RETRIES_METRIC, 2, "expired"));
    snprintf(text, sizeof text,
             "What was deferred was tried again %s times: %s were sent then, "
             "%s given up.",
             all, sent, expired);
    row_set(facts, "retries", retries > 0 ? text : "Nothing was tried again.");
}

static void set_totals(json_t *facts, const metrics_t *metrics)
{
    row_set_count(facts, "received",
                  value_of(metrics, "wakebus_pushes_received_total"));
    row_set_count(facts, "in_flight",
                  value_of(metrics, "wakebus_ledger_entries"));
    row_set_count(facts, "in_flight_max",
                  value_of(metrics, "wakebus_ledger_entries_max"));
    set_retries(facts, metrics);
}

/* ---- all of it ---- */

static void set_head(json_t *facts, const struct status_sources *from,
                     const struct verdict *verdict)
{
    time_t now_s = (time_t)(from->unix_ms / 1000);
    struct tm utc;
    char text[WORD_ROOM];

    row_set(facts, "state", verdict->state);
    row_set(facts, "headline", verdict->headline);
    row_set(facts, "detail", verdict->detail);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now_s, &utc));
    row_set(facts, "instant", text);
    strftime(text, sizeof text, "%H:%M:%S", &utc);
    row_set(facts, "time", text);
    word_span(text, from->up_s);
    row_set(facts, "up", text);
    row_set(facts, "version", VERSION_NUMBER);
    row_set(facts, "commit", VERSION_COMMIT);
}

/* What the page is made of: another one must be fetched when it changes. */
static void set_shape(json_t *facts)
{
    char text[128];

    snprintf(text, sizeof text, "%s/%zu/%zu/%zu", VERSION_COMMIT,
             json_array_size(json_object_get(facts, "stops")),
             json_array_size(json_object_get(facts, "apps")),
             json_array_size(json_object_get(facts, "roles")));
    row_set(facts, "shape", text);
}

json_t *status_facts(const struct status_sources *from)
{
    struct recent_counts now = status_counts(from->metrics, from->mono_ms);
    const struct recent_counts *then =
        recent_before(from->recent, &now, WINDOW_MS);
    struct verdict verdict =
        verdict_of(from->health, from->draining, &now, then);
    json_t *facts = json_object();

    assert(facts);
    set_head(facts, from, &verdict);
    json_object_set_new(facts, "problems", verdict_problems(from->health));
    json_object_set_new(facts, "stops",
                        verdict_stops(from->health, from->metrics));
    json_object_set_new(facts, "stages", list_stages(&now, then));
    json_object_set_new(facts, "apps", list_apps(from->metrics));
    json_object_set_new(facts, "roles", list_roles(from->metrics));
    set_rates(facts, &now, then);
    set_totals(facts, from->metrics);
    set_chart(facts, from, &now);
    set_shape(facts);
    return facts;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/tally.h"

#include <string.h>

/* ---- rows ---- */

static size_t row_of(const struct tally *self, const struct app *app)
{
    size_t need = needs_of(&self->rows, app != NULL ? app->name : NULL);

    return need == NEED_NOBODY ? 0 : need;
}

/* Sums over all apps must not become less: row 0 takes what it had. */
static void move_row(uint64_t *rows, size_t columns, size_t row)
{
    uint64_t *from = rows + row * columns;

    for (size_t i = 0; i < columns; i++) {
        rows[i] += from[i];
    }
    memset(from, 0, columns * sizeof *from);
}

static void on_app_gone(void *arg, size_t row)
{
    struct tally *self = arg;

    move_row(&self->pushes.outcomes[0][0], OUTCOMES, row);
    move_row(&self->retries.outcomes[0][0], OUTCOMES, row);
    move_row(&self->registrations[0][0], COMMANDS, row);
    move_row(&self->unregistrations[0][0], COMMANDS, row);
}

void tally_use(struct tally *self, const struct settings *settings)
{
    self->settings = settings;
    needs_use(&self->rows, settings, on_app_gone, self);
}

void tally_release(struct tally *self)
{
    needs_release(&self->rows);
}

/* ---- counting ---- */

static struct tally_pushes *pushes_of(struct tally *self,
                                      const exchange_t *exchange)
{
    return exchange_is_retry(exchange) ? &self->retries : &self->pushes;
}

void tally_begin(struct tally *self, exchange_t *exchange, int64_t now_us)
{
    exchange_start(exchange, now_us);
    if (exchange_is_push(exchange)) {
        pushes_of(self, exchange)->received++;
        pushes_of(self, exchange)->in_flight++;
    }
}

static enum command_outcome command_outcome(enum answer answer)
{
    return answer == ANSWER_RESULT    ? COMMAND_DONE
           : answer == ANSWER_GONE    ? COMMAND_ABSENT
           : answer == ANSWER_LIMITED ? COMMAND_LIMITED
                                      : COMMAND_FAILED;
}

static void count_command(struct tally *self, size_t row, bool registers,
                          enum answer answer)
{
    if (registers) {
        self->registrations[row][command_outcome(answer)]++;
    } else {
        self->unregistrations[row][command_outcome(answer)]++;
    }
}

static bool lacks_content(const exchange_t *exchange, const struct app *app)
{
    return app != NULL && app->forwards_encrypted &&
           exchange_has_unfit_content(exchange);
}

void tally_answer(struct tally *self, const exchange_t *exchange,
                  enum answer answer, enum push_outcome outcome, int64_t now_us)
{
    const struct app *app = exchange_app(exchange, self->settings);
    size_t row = row_of(self, app);
    int64_t age_us = exchange_age(exchange, now_us);

    if (exchange_is_push(exchange)) {
        struct tally_pushes *pushes = pushes_of(self, exchange);
        self->unfit_contents += lacks_content(exchange, app) ? 1 : 0;
        pushes->outcomes[row][outcome]++;
        pushes->in_flight--;
        if (!exchange_is_retry(exchange)) {
            histogram_observe(&self->push_time, age_us);
        }
        return;
    }
    count_command(self, row, exchange_stage(exchange) == STAGE_REGISTER,
                  answer);
    histogram_observe(&self->command_time, age_us);
}

void tally_turned_away(struct tally *self, const struct app *app)
{
    self->pushes.received++;
    self->pushes.outcomes[row_of(self, app)][OUTCOME_FAILED]++;
    histogram_observe(&self->push_time, 0);
}

void tally_command(struct tally *self, const struct app *app, bool registers,
                   enum answer answer)
{
    count_command(self, row_of(self, app), registers, answer);
}

void tally_job(struct tally *self, exchange_t *exchange, int64_t now_us)
{
    histogram_observe(&self->wait_time, exchange_lap(exchange, now_us));
}

void tally_result(struct tally *self, exchange_t *exchange, int64_t now_us)
{
    histogram_observe(&self->job_time[exchange_stage(exchange)],
                      exchange_lap(exchange, now_us));
}

uint64_t tally_outcome(const struct tally_pushes *pushes,
                       enum push_outcome outcome)
{
    uint64_t sum = 0;

    for (size_t row = 0; row < TALLY_ROWS; row++) {
        sum += pushes->outcomes[row][outcome];
    }
    return sum;
}

/* ---- telling ---- */

static const struct metric RECEIVED = {
    "wakebus_pushes_received_total",
    METRIC_COUNTER,
    "Pushes that XMPP servers have asked for. Each is in flight or has ended "
    "in one outcome.",
    {NULL}};
static const struct metric IN_FLIGHT = {"wakebus_pushes_in_flight",
                                        METRIC_GAUGE,
                                        "Pushes that are not answered yet.",
                                        {NULL}};
static const struct metric OUTCOMES_OF_PUSHES = {
    "wakebus_push_outcomes_total",
    METRIC_COUNTER,
    "How pushes have ended; app is empty where it was not known.",
    {"app", "backend", "outcome"}};
static const struct metric UNFIT_CONTENTS = {
    "wakebus_contents_refused_total",
    METRIC_COUNTER,
    "Pushes whose encrypted content the app wants, but is none that could be "
    "forwarded: no base64, or too long. They go without it.",
    {NULL}};
static const struct metric RETRIES = {
    "wakebus_retries_received_total",
    METRIC_COUNTER,
    "Deferred pushes that were due and are tried again.",
    {NULL}};
static const struct metric RETRIES_IN_FLIGHT = {
    "wakebus_retries_in_flight",
    METRIC_GAUGE,
    "Retries that have not ended yet.",
    {NULL}};
static const struct metric OUTCOMES_OF_RETRIES = {
    "wakebus_retry_outcomes_total",
    METRIC_COUNTER,
    "How retries have ended; deferred is once more.",
    {"app", "backend", "outcome"}};
static const struct metric REGISTRATIONS = {
    "wakebus_registrations_total",
    METRIC_COUNTER,
    "Answers to devices that register, which many do at each login.",
    {"app", "backend", "outcome"}};
static const struct metric UNREGISTRATIONS = {
    "wakebus_unregistrations_total",
    METRIC_COUNTER,
    "Answers to devices that unregister.",
    {"app", "backend", "outcome"}};
static const struct metric PUSH_TIME = {
    "wakebus_push_duration_seconds",
    METRIC_HISTOGRAM,
    "From a push to its answer, without what it waits to be one with others.",
    {NULL}};
static const struct metric COMMAND_TIME = {
    "wakebus_command_duration_seconds",
    METRIC_HISTOGRAM,
    "From a registration, or the end of one, to its answer.",
    {NULL}};
static const struct metric WAIT_TIME = {
    "wakebus_queue_duration_seconds",
    METRIC_HISTOGRAM,
    "How long a job waits for a worker that takes it.",
    {NULL}};
static const struct metric JOB_TIME = {
    "wakebus_job_duration_seconds",
    METRIC_HISTOGRAM,
    "From giving a job to a worker to its result.",
    {"stage"}};

static void add_outcome_row(const struct metric *metric, const struct app *app,
                            const uint64_t outcomes[OUTCOMES], metrics_t *page)
{
    for (size_t i = 0; i < OUTCOMES; i++) {
        metrics_add(
            page, metric,
            LABELS(app->name, app->backend, outcome_name((enum push_outcome)i)),
            (double)outcomes[i]);
    }
}

static const struct app UNKNOWN_APP = {.name = "", .backend = ""};

static void add_outcomes(const struct tally *self, const struct metric *metric,
                         const struct tally_pushes *pushes, metrics_t *page)
{
    const struct settings *settings = self->settings;

    add_outcome_row(metric, &UNKNOWN_APP, pushes->outcomes[0], page);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        add_outcome_row(metric, app, pushes->outcomes[row_of(self, app)], page);
    }
}

static void add_command_row(const struct metric *metric, const struct app *app,
                            const uint64_t counts[COMMANDS], metrics_t *page)
{
    static const char *const NAMES[] = {"done", "absent", "limited", "failed"};

    for (size_t i = 0; i < COMMANDS; i++) {
        metrics_add(page, metric, LABELS(app->name, app->backend, NAMES[i]),
                    (double)counts[i]);
    }
}

static void add_commands(const struct tally *self, const struct metric *metric,
                         const uint64_t counts[TALLY_ROWS][COMMANDS],
                         metrics_t *page)
{
    const struct settings *settings = self->settings;

    add_command_row(metric, &UNKNOWN_APP, counts[0], page);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        add_command_row(metric, app, counts[row_of(self, app)], page);
    }
}

void tally_metrics(const struct tally *self, metrics_t *page)
{
    metrics_add(page, &RECEIVED, NULL, (double)self->pushes.received);
    metrics_add(page, &IN_FLIGHT, NULL, (double)self->pushes.in_flight);
    add_outcomes(self, &OUTCOMES_OF_PUSHES, &self->pushes, page);
    metrics_add(page, &UNFIT_CONTENTS, NULL, (double)self->unfit_contents);
    metrics_add(page, &RETRIES, NULL, (double)self->retries.received);
    metrics_add(page, &RETRIES_IN_FLIGHT, NULL,
                (double)self->retries.in_flight);
    add_outcomes(self, &OUTCOMES_OF_RETRIES, &self->retries, page);
    add_commands(self, &REGISTRATIONS, self->registrations, page);
    add_commands(self, &UNREGISTRATIONS, self->unregistrations, page);
    metrics_add_histogram(page, &PUSH_TIME, NULL, &self->push_time);
    metrics_add_histogram(page, &COMMAND_TIME, NULL, &self->command_time);
    metrics_add_histogram(page, &WAIT_TIME, NULL, &self->wait_time);
    for (size_t i = 0; i < STAGES; i++) {
        metrics_add_histogram(page, &JOB_TIME,
                              LABELS(stage_name((enum exchange_stage)i)),
                              &self->job_time[i]);
    }
}

static void report_app(struct operator_apps *apps, const struct app *app,
                       const uint64_t outcomes[OUTCOMES])
{
    apps->items[apps->count++] = (struct operator_app){
        .app = app->name[0] != '\0' ? app->name : NULL,
        .backend = app->name[0] != '\0' ? app->backend : NULL,
        .sent = (int64_t)outcomes[OUTCOME_SENT],
        .gone = (int64_t)outcomes[OUTCOME_GONE],
        .refused = (int64_t)outcomes[OUTCOME_REFUSED],
        .deferred = (int64_t)outcomes[OUTCOME_DEFERRED],
        .expired = (int64_t)outcomes[OUTCOME_EXPIRED],
        .coalesced = (int64_t)outcomes[OUTCOME_COALESCED],
        .limited = (int64_t)outcomes[OUTCOME_LIMITED],
        .failed = (int64_t)outcomes[OUTCOME_FAILED]};
}

static int64_t count_done(const uint64_t counts[TALLY_ROWS][COMMANDS])
{
    uint64_t sum = 0;

    for (size_t row = 0; row < TALLY_ROWS; row++) {
        sum += counts[row][COMMAND_DONE];
    }
    return (int64_t)sum;
}

void tally_report(const struct tally *self, struct operator_status_result *out)
{
    const struct settings *settings = self->settings;

    out->received = (int64_t)self->pushes.received;
    out->in_flight = (int64_t)self->pushes.in_flight;
    out->retried = (int64_t)self->retries.received;
    out->retries_sent = (int64_t)tally_outcome(&self->retries, OUTCOME_SENT);
    out->registered = count_done(self->registrations);
    out->apps.count = 0;
    report_app(&out->apps, &UNKNOWN_APP, self->pushes.outcomes[0]);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        report_app(&out->apps, app, self->pushes.outcomes[row_of(self, app)]);
    }
}

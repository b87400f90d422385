/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/provider_tally.h"

static const struct metric TAKEN = {
    "wakebus_sender_pushes_total",
    METRIC_COUNTER,
    "Pushes that frontends gave to this sender. Each is in flight or has ended "
    "in one verdict.",
    {"app", "backend"}};
static const struct metric IN_FLIGHT = {
    "wakebus_sender_pushes_in_flight",
    METRIC_GAUGE,
    "Pushes that are with the provider, or wait for access to it.",
    {"app", "backend"}};
static const struct metric RESULTS = {
    "wakebus_sender_results_total",
    METRIC_COUNTER,
    "What became of pushes; misconfigured is for the operator to mend.",
    {"app", "backend", "verdict"}};
static const struct metric REQUESTS = {
    "wakebus_provider_requests_total",
    METRIC_COUNTER,
    "Requests to the provider by the class of its answer; none: there was no "
    "answer. A push may need several.",
    {"app", "backend", "code"}};
static const struct metric REQUEST_TIME = {
    "wakebus_provider_request_duration_seconds",
    METRIC_HISTOGRAM,
    "From a request to the end of its answer, or until it was given up.",
    {"app", "backend"}};

static const struct metric CONTENTS = {
    "wakebus_sender_contents_total",
    METRIC_COUNTER,
    "Pushes whose encrypted content was forwarded to the app, or was not, as "
    "the provider takes no push as large as that.",
    {"app", "backend", "outcome"}};

static enum response_class class_of(const struct http_response *response)
{
    if (response->failure != HTTP_ANSWERED) {
        return RESPONSE_NONE;
    }
    switch (response->status / 100) {
    case 2:
        return RESPONSE_2XX;
    case 4:
        return RESPONSE_4XX;
    case 5:
        return RESPONSE_5XX;
    default:
        return RESPONSE_OTHER;
    }
}

void provider_tally_response(struct provider_tally *self,
                             const struct http_response *response, int64_t us)
{
    self->requests[class_of(response)]++;
    histogram_observe(&self->request_time, us);
}

void provider_tally_metrics(const struct provider_tally *self, const char *app,
                            const char *backend, metrics_t *page)
{
    static const char *const CLASSES[] = {"2xx", "4xx", "5xx", "other", "none"};
    const char *const *labels = LABELS(app, backend);

    for (size_t i = 0; i < VERDICTS; i++) {
        metrics_add(page, &RESULTS,
                    LABELS(app, backend, verdict_name((enum push_verdict)i)),
                    (double)self->results[i]);
    }
    for (size_t i = 0; i < RESPONSES; i++) {
        metrics_add(page, &REQUESTS, LABELS(app, backend, CLASSES[i]),
                    (double)self->requests[i]);
    }
    metrics_add(page, &CONTENTS, LABELS(app, backend, "forwarded"),
                (double)self->contents[FORWARDED]);
    metrics_add(page, &CONTENTS, LABELS(app, backend, "too_large"),
                (double)self->contents[FORWARDED_NOT]);
    metrics_add(page, &TAKEN, labels, (double)self->taken);
    metrics_add(page, &IN_FLIGHT, labels, (double)self->in_flight);
    metrics_add_histogram(page, &REQUEST_TIME, labels, &self->request_time);
}

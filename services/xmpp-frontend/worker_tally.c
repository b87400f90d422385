/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/worker_tally.h"

static const struct metric JOINED = {"wakebus_workers_joined_total",
                                     METRIC_COUNTER,
                                     "Workers that have come.",
                                     {NULL}};
static const struct metric LOST = {
    "wakebus_workers_lost_total",
    METRIC_COUNTER,
    "Workers that have disappeared without saying bye.",
    {NULL}};
static const struct metric HANDED_OVER = {
    "wakebus_jobs_handed_over_total",
    METRIC_COUNTER,
    "Jobs that were taken from a worker that disappeared.",
    {NULL}};
static const struct metric LATE = {
    "wakebus_results_late_total",
    METRIC_COUNTER,
    "Results that came too late or twice, and were ignored.",
    {NULL}};
static const struct metric MISSING = {"wakebus_results_missing_total",
                                      METRIC_COUNTER,
                                      "Jobs that a worker has never answered.",
                                      {NULL}};

void worker_tally_metrics(const struct worker_tally *self, metrics_t *page)
{
    metrics_add(page, &JOINED, NULL, (double)self->joined);
    metrics_add(page, &LOST, NULL, (double)self->lost);
    metrics_add(page, &HANDED_OVER, NULL, (double)self->handed_over);
    metrics_add(page, &LATE, NULL, (double)self->late_results);
    metrics_add(page, &MISSING, NULL, (double)self->missing_results);
}

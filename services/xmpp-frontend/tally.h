/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_TALLY_H
#define XMPP_FRONTEND_TALLY_H

/* What the frontend has done, in numbers: each push that was received has
 * ended in exactly one outcome or is in flight. Retries of those that were
 * deferred are counted apart, as they were received once already. Pure. */

#include "common/metrics.h"
#include "common/settings.h"
#include "proto/operator.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/needs.h"

/* Row 0 is for what ended before its app was known, or was for an app that the
 * configuration does not have, or has not any more; then a row for each app, by
 * its number among the needs. */
enum { TALLY_ROWS = NEED_NOBODY };

struct tally_pushes {
    uint64_t received;
    uint64_t in_flight;
    uint64_t outcomes[TALLY_ROWS][OUTCOMES];
};

enum command_outcome {
    COMMAND_DONE,
    COMMAND_ABSENT,
    COMMAND_LIMITED,
    COMMAND_FAILED,
    COMMANDS
};

/* All zero at start. */
struct tally {
    const struct settings *settings; /* whose apps are told */
    struct needs rows;
    struct tally_pushes pushes;  /* that servers have asked for */
    struct tally_pushes retries; /* of those that were deferred */
    uint64_t unfit_contents;
    uint64_t registrations[TALLY_ROWS][COMMANDS];
    uint64_t unregistrations[TALLY_ROWS][COMMANDS];
    struct histogram push_time;        /* from request to answer */
    struct histogram command_time;     /* the same of (un)registrations */
    struct histogram wait_time;        /* of a job for a worker */
    struct histogram job_time[STAGES]; /* from there to its result */
};

/* Count for the apps of these settings, before anything else and whenever there
 * are others; nothing that was counted is lost. */
void tally_use(struct tally *self, const struct settings *settings);
void tally_release(struct tally *self);

/* A push or a command begins. `now_us` is on the monotonic clock, as below. */
void tally_begin(struct tally *self, exchange_t *exchange, int64_t now_us);

/* It was answered, the one time that counts: `outcome` is a push's. */
void tally_answer(struct tally *self, const exchange_t *exchange,
                  enum answer answer, enum push_outcome outcome,
                  int64_t now_us);

/* A push for this app, or NULL, was not let in: it has begun and has failed. */
void tally_turned_away(struct tally *self, const struct app *app);

/* A command of an app that stores nothing was answered so. */
void tally_command(struct tally *self, const struct app *app, bool registers,
                   enum answer answer);

/* One of its jobs goes to a worker; its result has come. */
void tally_job(struct tally *self, exchange_t *exchange, int64_t now_us);
void tally_result(struct tally *self, exchange_t *exchange, int64_t now_us);

/* Of all apps. */
uint64_t tally_outcome(const struct tally_pushes *pushes,
                       enum push_outcome outcome);

void tally_metrics(const struct tally *self, metrics_t *page);

/* Fill in what was counted: for all, and for each app. */
void tally_report(const struct tally *self, struct operator_status_result *out);

#endif

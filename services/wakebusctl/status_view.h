/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_STATUS_VIEW_H
#define WAKEBUSCTL_STATUS_VIEW_H

/* How a deployment is, for people and for scripts. Pure. */

#include "proto/operator.h"
#include <stdio.h>

/* A ping through the XMPP server takes some milliseconds. */
enum { STATUS_SILENT_MS = 500 };

struct status_frontend {
    const char *endpoint;
    const char *trouble;                         /* why there is no `now` */
    const struct operator_status_result *now;    /* or NULL */
    const struct operator_status_result *before; /* a while ago, or NULL */
};

struct status_view {
    int64_t unix_ms; /* when it was asked */
    size_t count;
    const struct status_frontend *frontends;
    int64_t waiting;             /* targets in Redis; -1: not known … */
    const char *waiting_trouble; /* … because of this */
};

/* How fast a counter of a frontend grows, a second; -1 when that is not known,
 * as after a restart. */
double status_rate(const struct status_frontend *frontend, int64_t now,
                   int64_t before);

/* Tables for a terminal. */
void status_print(const struct status_view *view, FILE *to);

/* A line for each frontend. */
void status_print_lines(const struct status_view *view, FILE *to);

/* One JSON object on a line. */
void status_print_json(const struct status_view *view, FILE *to);

#endif

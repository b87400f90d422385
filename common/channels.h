/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CHANNELS_H
#define COMMON_CHANNELS_H

/* The apps that a sender has ever served, each with its way to the provider. */

#include "common/metrics.h"
#include "common/provider_tally.h"
#include "common/route.h"
#include "common/settings.h"
#include <stdbool.h>

/* One app at its provider. It stays when the app leaves the settings: pushes
 * may be open, and its counters must not go back. */
struct channel {
    struct channel *next;
    char *name;          /* the app's */
    struct route *route; /* NULL: the app is not served any more */
    struct provider_tally tally;
    bool told_fault; /* the log tells of one, and of nothing better since */
};

/* All zero but for `conf`, to begin with. */
struct channels {
    struct route_conf conf;
    struct channel *first;
    struct route *retired; /* replaced, but not done */
};

/* Requests that are open are answered with HTTP_CLOSED first. */
void channels_clear(struct channels *self);

/* Have a route for each app of the dialect's backend in these settings, and
 * none for others. What is as it was goes on undisturbed. */
void channels_serve(struct channels *self, const struct settings *settings);

/* Let go of the routes that were replaced and have done what they had. */
void channels_sweep(struct channels *self);

/* NULL when there never was such an app, or `app` is NULL. */
struct channel *channels_find(const struct channels *self, const char *app);

void channels_metrics(const struct channels *self, metrics_t *page);

#endif

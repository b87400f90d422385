/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/channels.h"

#include "common/log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct channel *channels_find(const struct channels *self, const char *app)
{
    struct channel *channel = app != NULL ? self->first : NULL;

    while (channel != NULL && strcmp(channel->name, app) != 0) {
        channel = channel->next;
    }
    return channel;
}

static void retire(struct channels *self, struct channel *channel)
{
    if (channel->route != NULL) {
        channel->route->next = self->retired;
        self->retired = channel->route;
        channel->route = NULL;
    }
}

static struct channel *have_channel(struct channels *self, const char *app)
{
    struct channel *channel = channels_find(self, app);

    if (channel == NULL) {
        channel = calloc(1, sizeof *channel);
        assert(channel != NULL);
        channel->name = strdup(app);
        assert(channel->name != NULL);
        channel->next = self->first;
        self->first = channel;
    }
    return channel;
}

static void serve_app(struct channels *self, const struct settings *settings,
                      const struct app *app)
{
    struct channel *channel = have_channel(self, app->name);

    if (channel->route != NULL && route_is_for(channel->route, settings, app)) {
        return;
    }
    if (channel->route != NULL) {
        log_info("account.replaced", TEXT("app", app->name));
    }
    retire(self, channel);
    channel->route = route_new(&self->conf, settings, app);
}

static bool serves(const struct channels *self, const struct app *app)
{
    return app != NULL &&
           strcmp(app->backend, self->conf.dialect->backend) == 0;
}

void channels_serve(struct channels *self, const struct settings *settings)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        if (serves(self, &settings->apps[i])) {
            serve_app(self, settings, &settings->apps[i]);
        }
    }
    for (struct channel *channel = self->first; channel != NULL;
         channel = channel->next) {
        if (!serves(self, settings_app(settings, channel->name))) {
            retire(self, channel);
        }
    }
}

void channels_sweep(struct channels *self)
{
    struct route **at = &self->retired;

    while (*at != NULL) {
        struct route *route = *at;
        if (route->open == 0) {
            *at = route->next;
            route_destroy(&route);
        } else {
            at = &route->next;
        }
    }
}

/* Its requests end in this, and take their pushes with them. */
static void destroy_routes(struct route *route)
{
    while (route != NULL) {
        struct route *next = route->next;
        route_destroy(&route);
        route = next;
    }
}

void channels_clear(struct channels *self)
{
    struct channel *next;

    destroy_routes(self->retired);
    for (struct channel *channel = self->first; channel != NULL;
         channel = next) {
        next = channel->next;
        route_destroy(&channel->route);
        free(channel->name);
        free(channel);
    }
    self->first = NULL;
    self->retired = NULL;
}

static const struct metric HELD = {
    "wakebus_app_held",
    METRIC_GAUGE,
    "1 while the provider refuses the whole app, so that its pushes are not "
    "tried but for a probe.",
    {"app", "backend"}};
static const struct metric PROVEN = {
    "wakebus_app_proven",
    METRIC_GAUGE,
    "1 once the provider took a push of this app since the start.",
    {"app", "backend"}};

void channels_metrics(const struct channels *self, metrics_t *page)
{
    const char *backend = self->conf.dialect->backend;

    for (const struct channel *channel = self->first; channel != NULL;
         channel = channel->next) {
        const char *const *labels = LABELS(channel->name, backend);
        const struct route *route = channel->route;
        provider_tally_metrics(&channel->tally, channel->name, backend, page);
        if (route != NULL) {
            metrics_add(page, &HELD, labels,
                        route->standing.held_until_ms != 0);
            metrics_add(page, &PROVEN, labels, route->standing.proven);
            self->conf.dialect->metrics(route->account, labels, page);
        }
    }
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/route.h"

#include <assert.h>
#include <stdlib.h>

struct route *route_new(const struct route_conf *conf,
                        const struct settings *settings, const struct app *app)
{
    struct route *route = calloc(1, sizeof *route);
    struct http_client_conf client = {.name = app->name,
                                      .streams = ROUTE_STREAMS};

    assert(route != NULL);
    route->settings = settings_hold(settings);
    route->app = app;
    route->dialect = conf->dialect;
    route->account = conf->dialect->open(conf->sender, settings, app, &client);
    route->base_url = client.base_url;
    for (size_t i = 0; i < ROUTE_SLOTS; i++) {
        route->clients[i] = http_client_new(conf->engine, &client);
    }
    return route;
}

void route_destroy(struct route **route_p)
{
    struct route *route = *route_p;

    if (route == NULL) {
        return;
    }
    for (size_t i = 0; i < ROUTE_SLOTS; i++) {
        http_client_destroy(&route->clients[i]);
    }
    route->dialect->close(route->account);
    settings_release(&route->settings);
    free(route);
    *route_p = NULL;
}

bool route_is_for(const struct route *route, const struct settings *settings,
                  const struct app *app)
{
    return app_is_same(route->app, app) &&
           route->dialect->is_same(route->settings, route->app, settings, app);
}

http_client_t *route_client(const struct route *route)
{
    http_client_t *best = route->clients[0];

    for (size_t i = 0; i < ROUTE_SLOTS; i++) {
        size_t load = http_client_load(route->clients[i]);
        if (load < ROUTE_STREAMS) {
            return route->clients[i];
        }
        if (load < http_client_load(best)) {
            best = route->clients[i];
        }
    }
    return best;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/needs.h"

#include "services/xmpp-frontend/roles.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Those in between are for the apps, and there are enough of them. */
_Static_assert(NEED_FIRST_APP + APPS_MAX == NEED_NOBODY, "needs");

size_t needs_of(const struct needs *self, const char *app)
{
    for (size_t i = 0; app != NULL && i < APPS_MAX; i++) {
        if (self->apps[i] != NULL && strcmp(self->apps[i], app) == 0) {
            return NEED_FIRST_APP + i;
        }
    }
    return NEED_NOBODY;
}

static void add(struct needs *self, const char *app)
{
    size_t i = 0;

    while (self->apps[i] != NULL) {
        i++;
        assert(i < APPS_MAX); /* there are never more apps than that */
    }
    self->apps[i] = strdup(app);
    assert(self->apps[i] != NULL);
}

void needs_use(struct needs *self, const struct settings *settings,
               void (*on_gone)(void *arg, size_t need), void *arg)
{
    for (size_t i = 0; i < APPS_MAX; i++) {
        if (self->apps[i] != NULL &&
            settings_app(settings, self->apps[i]) == NULL) {
            on_gone(arg, NEED_FIRST_APP + i);
            free(self->apps[i]);
            self->apps[i] = NULL;
        }
    }
    for (size_t i = 0; i < settings->app_count; i++) {
        if (needs_of(self, settings->apps[i].name) == NEED_NOBODY) {
            add(self, settings->apps[i].name);
        }
    }
}

void needs_served(const struct needs *self, const struct settings *settings,
                  const struct hello *hello, bool serves[LEDGER_NEEDS_MAX])
{
    memset(serves, 0, LEDGER_NEEDS_MAX * sizeof *serves);
    serves[NEED_REGISTRY] = serves[NEED_OPERATOR] =
        strcmp(hello->role, ROLE_REGISTRY) == 0;
    for (size_t i = 0; i < hello->apps.count; i++) {
        const char *name = hello->apps.items[i];
        const struct app *app = settings_app(settings, name);
        if (app != NULL && role_serves(hello->role, app->backend)) {
            serves[needs_of(self, name)] = true;
        }
    }
}

void needs_release(struct needs *self)
{
    for (size_t i = 0; i < APPS_MAX; i++) {
        free(self->apps[i]);
        self->apps[i] = NULL;
    }
}

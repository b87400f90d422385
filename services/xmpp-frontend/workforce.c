/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/workforce.h"

#include "services/xmpp-frontend/roles.h"

static const struct metric SERVERS = {
    "wakebus_app_workers",
    METRIC_GAUGE,
    "Senders that take pushes of this app from this frontend.",
    {"app", "backend"}};
static const struct metric QUEUED = {
    "wakebus_queued_jobs",
    METRIC_GAUGE,
    "Jobs that wait for a worker; app is empty for those of registries.",
    {"app", "role"}};

static void add_roles(const struct workforce *self, metrics_t *page)
{
    struct roles roles;

    roles_list(&roles, self->settings);
    for (size_t i = 0; i < self->workers->count; i++) {
        const struct operator_worker *worker = &self->workers->items[i];
        struct role *role = roles_find(&roles, worker->role);
        role->workers++;
        role->credit += worker->credit;
        role->jobs += worker->jobs;
    }
    roles_metrics(&roles, page);
}

static void add_needs(const struct workforce *self, metrics_t *page)
{
    const struct settings *settings = self->settings;
    char role[ROLE_SIZE];

    metrics_add(page, &QUEUED, LABELS("", ROLE_REGISTRY),
                (double)ledger_queued(self->ledger, NEED_REGISTRY));
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        size_t need = needs_of(self->needs, app->name);
        role_of_backend(role, app->backend);
        metrics_add(page, &QUEUED, LABELS(app->name, role),
                    (double)ledger_queued(self->ledger, need));
        metrics_add(page, &SERVERS, LABELS(app->name, app->backend),
                    (double)ledger_servers(self->ledger, need));
    }
}

void workforce_metrics(const struct workforce *self, metrics_t *page)
{
    add_roles(self, page);
    add_needs(self, page);
}

void workforce_report(const struct workforce *self,
                      struct operator_status_result *out)
{
    out->workers = *self->workers;
    out->queued = (int64_t)ledger_queued(self->ledger, NEED_REGISTRY);
    for (size_t i = 0; i < out->apps.count; i++) {
        struct operator_app *app = &out->apps.items[i];
        if (app->app != NULL) {
            size_t need = needs_of(self->needs, app->app);
            app->senders = (int64_t)ledger_servers(self->ledger, need);
            app->queued = (int64_t)ledger_queued(self->ledger, need);
        }
    }
}

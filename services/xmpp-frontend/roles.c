/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/roles.h"

#include <stdio.h>
#include <string.h>

static const struct metric WORKERS = {
    "wakebus_workers",
    METRIC_GAUGE,
    "Workers that say hello to this frontend.",
    {"role"}};
static const struct metric CREDIT = {
    "wakebus_worker_credit",
    METRIC_GAUGE,
    "Jobs that the workers of a role take at once, all together.",
    {"role"}};
static const struct metric JOBS = {
    "wakebus_worker_jobs",
    METRIC_GAUGE,
    "Jobs that the workers of a role have now, all together.",
    {"role"}};

void role_of_backend(char out[ROLE_SIZE], const char *backend)
{
    snprintf(out, ROLE_SIZE, "%s-sender", backend);
}

bool role_serves(const char *role, const char *backend)
{
    char needed[ROLE_SIZE];

    role_of_backend(needed, backend);
    return strcmp(role, needed) == 0;
}

static void add_role(struct roles *self, const char *name)
{
    struct role *role = &self->items[self->count++];

    *role = (struct role){0};
    snprintf(role->name, sizeof role->name, "%s", name);
}

static struct role *find(struct roles *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->items[i].name, name) == 0) {
            return &self->items[i];
        }
    }
    return NULL;
}

void roles_list(struct roles *self, const struct settings *settings)
{
    char name[ROLE_SIZE];

    self->count = 0;
    self->need_registry = settings_need_registry(settings);
    add_role(self, ROLE_REGISTRY);
    for (size_t i = 0; i < settings->app_count; i++) {
        role_of_backend(name, settings->apps[i].backend);
        if (find(self, name) == NULL) {
            add_role(self, name);
        }
    }
    add_role(self, "other");
}

struct role *roles_find(struct roles *self, const char *name)
{
    struct role *role = find(self, name);

    return role != NULL ? role : &self->items[self->count - 1];
}

void roles_metrics(const struct roles *self, metrics_t *page)
{
    for (size_t i = 0; i < self->count; i++) {
        const struct role *role = &self->items[i];
        if (i == 0 && !self->need_registry && role->workers == 0) {
            continue; /* nobody misses it */
        }
        const char *const *labels = LABELS(role->name);
        metrics_add(page, &WORKERS, labels, (double)role->workers);
        metrics_add(page, &CREDIT, labels, (double)role->credit);
        metrics_add(page, &JOBS, labels, (double)role->jobs);
    }
}

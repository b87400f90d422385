/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_ROLES_H
#define XMPP_FRONTEND_ROLES_H

/* The roles that workers have, and how many of each there are. Pure. */

#include "common/metrics.h"
#include "common/settings.h"

#define ROLE_REGISTRY "registry"

/* The role that serves a backend: "fcm-sender" for fcm. It is cut where no
 * hello could hold it. */
enum { ROLE_SIZE = 48 };
void role_of_backend(char out[ROLE_SIZE], const char *backend);
bool role_serves(const char *role, const char *backend);

struct role {
    char name[ROLE_SIZE];
    size_t workers;
    int64_t credit; /* jobs that they take at once, all together … */
    int64_t jobs;   /* … and have */
};

enum { ROLES_MAX = APPS_MAX + 2 };

struct roles {
    size_t count;
    bool need_registry;
    struct role items[ROLES_MAX];
};

/* All that the configuration has work for, and one for all others: on an open
 * bus anybody can claim any role. Registries are counted in any case, but told
 * of only if they are needed, or there. */
void roles_list(struct roles *self, const struct settings *settings);

/* Never NULL. */
struct role *roles_find(struct roles *self, const char *name);

void roles_metrics(const struct roles *self, metrics_t *page);

#endif

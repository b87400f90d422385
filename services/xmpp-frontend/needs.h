/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_NEEDS_H
#define XMPP_FRONTEND_NEEDS_H

/* What an entry of the ledger may need, as a number: a registry, or a sender
 * for an app. An app keeps its number as long as it is configured, whoever
 * comes and goes beside it. Pure. */

#include "common/settings.h"
#include "proto/worker.h"
#include "services/xmpp-frontend/ledger.h"

enum {
    NEED_REGISTRY = 0,
    NEED_FIRST_APP = 1,
    NEED_NOBODY = LEDGER_NEEDS_MAX - 2, /* what nobody can serve */
    NEED_OPERATOR, /* a registry too, when it has nothing else to do */
};

/* All zero at start. */
struct needs {
    char *apps[APPS_MAX]; /* names, or NULL; owned */
};

/* NEED_NOBODY if there is no such app, or `app` is NULL. */
size_t needs_of(const struct needs *self, const char *app);

/* Give up the apps that are not in the settings, after `on_gone` was called
 * for each with its number, and number those that are new. */
void needs_use(struct needs *self, const struct settings *settings,
               void (*on_gone)(void *arg, size_t need), void *arg);

/* What a worker serves, by its hello. */
void needs_served(const struct needs *self, const struct settings *settings,
                  const struct hello *hello, bool serves[LEDGER_NEEDS_MAX]);

void needs_release(struct needs *self);

#endif

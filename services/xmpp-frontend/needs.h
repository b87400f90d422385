/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_NEEDS_H
#define XMPP_FRONTEND_NEEDS_H

/* What an entry of the ledger may need, as a number: a registry, or a sender
 * for an app. An app keeps its number as long as it is configured, whoever
 * comes and goes beside it. Pure. */

#include "common/settings.h"
#include "services/xmpp-frontend/ledger.h"

enum {
    NEED_REGISTRY = 0,
    NEED_FIRST_APP = 1,
    NEED_NOBODY = LEDGER_NEEDS_MAX - 1, /* what nobody can serve */
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

void needs_release(struct needs *self);

#endif

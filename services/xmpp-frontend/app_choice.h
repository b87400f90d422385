/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_APP_CHOICE_H
#define XMPP_FRONTEND_APP_CHOICE_H

/* Which app a push goes through, by what its publish-options say: `pushModule`
 * names one, as for fpush; `sandbox` asks for Apple's sandbox, as for the
 * pushserver plugin of Openfire, where a build from Xcode registers like any
 * other and says only with the push what it is. Pure. */

#include "common/settings.h"
#include "services/xmpp-frontend/stanza.h"

struct app_choice {
    const char *module; /* borrowed, or NULL */
    bool sandbox;
};

/* `options` are a publish's. */
struct app_choice app_choice_read(const struct form *options);

/* The app for a target that was registered with `app`. A module counts only if
 * it is an app of the same backend, as no other can have the token. In place
 * of an app in production, `sandbox` chooses its twin: one with the same topic
 * in the sandbox. NULL if there is none: in production the token would be
 * called bad, and the registration be lost. */
const struct app *app_choice_of(const struct app_choice *choice,
                                const struct settings *settings,
                                const struct app *app);

#endif

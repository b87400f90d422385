/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_CREDENTIALS_H
#define FCM_SENDER_CREDENTIALS_H

/* What the settings' files hold for FCM, read once and checked: it belongs to
 * the settings, as settings->own. */

#include "common/settings.h"
#include "services/fcm-sender/service_account.h"

/* A settings_check_fn. */
void credentials_check(struct settings *settings);

/* Borrowed from the settings: the key of one of their apps; the CAs to trust,
 * in PEM, or NULL for the system's. */
const struct service_account *
credentials_account(const struct settings *settings, const struct app *app);
const char *credentials_ca(const struct settings *settings);

/* Are they the same, whatever the paths? */
bool credentials_are_same(const struct settings *a, const struct app *app_a,
                          const struct settings *b, const struct app *app_b);

#endif

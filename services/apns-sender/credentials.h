/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_CREDENTIALS_H
#define APNS_SENDER_CREDENTIALS_H

/* What the settings' files hold for APNs, read once and checked: it belongs to
 * the settings, as settings->own. */

#include "common/jwt.h"
#include "common/settings.h"
#include "services/apns-sender/certificate.h"

/* A settings_check_fn. */
void credentials_check(struct settings *settings);

/* Borrowed from the settings: an app's key, or NULL: then it has a certificate;
 * that certificate; the CAs to trust, in PEM, or NULL for the system's. */
const signing_key_t *credentials_key(const struct settings *settings,
                                     const struct app *app);
const struct certificate *
credentials_certificate(const struct settings *settings, const struct app *app);
const char *credentials_ca(const struct settings *settings);

/* Are they the same, whatever the paths? */
bool credentials_are_same(const struct settings *a, const struct app *app_a,
                          const struct settings *b, const struct app *app_b);

#endif

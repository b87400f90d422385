/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_TOKEN_REMEDY_H
#define FCM_SENDER_TOKEN_REMEDY_H

/* What an operator has to do when there is no access token, or one of no use:
 * something else for an account with a key file than for that of a machine on
 * Google's cloud. Pure. */

#include "services/fcm-sender/service_account.h"

enum token_trouble {
    TOKEN_ENDPOINT_FAILS,  /* an answer that is no token, and no refusal */
    TOKEN_ENDPOINT_SILENT, /* no answer */
    TOKEN_NOT_TAKEN,       /* FCM refuses a token that was just made */
};

/* Static text, or NULL if how it failed says more than whose account it is. */
const char *token_remedy(const struct service_account *account,
                         enum token_trouble trouble);

/* The account was refused a token, with this `error` and `description` of RFC
 * 6749, 5.2; each may be NULL. Static text. */
const char *token_remedy_refused(const struct service_account *account,
                                 const char *error, const char *description);

#endif

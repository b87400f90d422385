/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_SERVICE_ACCOUNT_H
#define FCM_SENDER_SERVICE_ACCOUNT_H

/* The key file of a Google service account, as the Cloud console gives it. */

#include "common/jwt.h"

struct service_account {
    char *project_id;
    char *client_email;
    char *key_id;
    char *token_uri;  /* the whole, as it must stand in the assertion */
    char *token_base; /* its "https://host[:port]" … */
    char *token_path; /* … and the rest */
    signing_key_t *key;
};

/* Read from the file's text. Returns 0, or -1 with `fault` set, which names
 * the member, and nothing to release. */
int service_account_parse(struct service_account *account, const char *text,
                          struct fault *fault);
void service_account_release(struct service_account *account);

bool service_account_is_same(const struct service_account *a,
                             const struct service_account *b);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_SERVICE_ACCOUNT_H
#define FCM_SENDER_SERVICE_ACCOUNT_H

/* As whom we ask Google for access tokens: a service account by its key file,
 * as the Cloud console gives it; or, on Google's cloud, the account of this
 * machine or pod by its metadata server, which needs no key. */

#include "common/jwt.h"

struct service_account {
    char *project_id;
    char *token_base; /* "https://host[:port]" where tokens are … */
    char *token_path; /* … and the rest of the URL */

    /* NULL without a key file: */
    char *client_email;
    char *key_id;
    char *token_uri; /* the whole, as it must stand in the assertion */
    signing_key_t *key;
};

/* Read from the file's text. Returns 0, or -1 with `fault` set, which names
 * the member, and nothing to release. */
int service_account_parse(struct service_account *account, const char *text,
                          struct fault *fault);

/* The account that the metadata server at `url` ("http://host[:port]") speaks
 * for: https://cloud.google.com/compute/docs/metadata/overview, and for pods
 * https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity.
 * Returns 0, or -1 with `fault` set when `project_id` is none. */
int service_account_of_machine(struct service_account *account,
                               const char *project_id, const char *url,
                               struct fault *fault);

void service_account_release(struct service_account *account);

bool service_account_is_same(const struct service_account *a,
                             const struct service_account *b);

#endif

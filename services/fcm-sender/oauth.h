/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FCM_SENDER_OAUTH_H
#define FCM_SENDER_OAUTH_H

/* The access token of one service account: for an assertion signed with its key
 * (RFC 7523, JWT bearer grant;
 * https://developers.google.com/identity/protocols/oauth2/service-account), or
 * without a key from the metadata server of the machine
 * (https://cloud.google.com/compute/docs/access/authenticate-workloads#applications).
 * Got at the start, renewed five minutes before it ends while the old one
 * still serves, one request at a time. */

#include "common/delivery.h"
#include "services/fcm-sender/service_account.h"

struct oauth_conf {
    const char *name; /* the app's, for the log */
    const struct service_account *account;
    const char *ca_pem; /* or NULL */
};

typedef struct oauth oauth_t;

/* `on_change` is called when those that wait for access should ask again.
 * Never NULL. */
oauth_t *oauth_new(zloop_t *loop, http_engine_t *engine,
                   const struct oauth_conf *conf, void (*on_change)(void *arg),
                   void *arg);
void oauth_destroy(oauth_t **self_p);

/* As in struct dialect. */
enum access oauth_access(oauth_t *self, const char **authorization,
                         struct judgement *judgement);
void oauth_refused(oauth_t *self, const char *authorization);

/* When the token ends. `labels` are those of the app: name and backend. */
void oauth_metrics(const oauth_t *self, const char *const *labels,
                   metrics_t *page);

/* ---- the pure part ---- */

enum { OAUTH_TOKEN_MAX = 8192 };

struct oauth_token {
    char text[OAUTH_TOKEN_MAX + 1];
    int64_t lifetime_s; /* 1..86400 */
};

/* The claims of the assertion that asks for a token, malloc'ed JSON. */
char *oauth_claims(const struct service_account *account, int64_t unix_s);

/* Read the endpoint's answer. Returns 0 with `token` filled, or -1 with
 * `judgement` set: MISCONFIGURED when Google refuses the account, LATER
 * when trying again may help. */
int oauth_read_token(const struct service_account *account,
                     const struct http_response *response,
                     struct oauth_token *token, struct judgement *judgement);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_PROVIDER_TOKEN_H
#define APNS_SENDER_PROVIDER_TOKEN_H

/* The token by which APNs knows a team's key, shared by all apps of that key.
 * https://developer.apple.com/documentation/usernotifications/
 *     establishing-a-token-based-connection-to-apns
 * Apple wants a new one once in 20 to 60 minutes; more often is punished, and
 * one older than an hour is refused. The times of issue lie on a grid, so that
 * all processes that have the key, restarted ones too, agree on them. */

#include "common/jwt.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct provider_token provider_token_t;

/* What a token is made of. */
struct provider_token_conf {
    const signing_key_t *key;
    const char *key_id;
    const char *team_id;
};

/* Copies all. Never NULL. */
provider_token_t *provider_token_new(const struct provider_token_conf *conf);

/* One more owner for it; returns it. It is gone when all have destroyed it. */
provider_token_t *provider_token_share(provider_token_t *self);
void provider_token_destroy(provider_token_t **self_p);

/* Is it the token for this key? */
bool provider_token_is(const provider_token_t *self,
                       const struct provider_token_conf *conf);

/* "authorization: bearer …", borrowed until the next call. At the times of the
 * grid, every 40 minutes, it is renewed. `unix_s` is now. */
const char *provider_token_header(provider_token_t *self, int64_t unix_s);

/* Apple called it expired. It is renewed next time if that is allowed now. */
void provider_token_refused(provider_token_t *self, const char *header,
                            int64_t unix_s);

#endif

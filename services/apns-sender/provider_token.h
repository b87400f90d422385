/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_PROVIDER_TOKEN_H
#define APNS_SENDER_PROVIDER_TOKEN_H

/* The token by which APNs knows a team's key, shared by all apps of that key.
 * https://developer.apple.com/documentation/usernotifications/
 *     establishing-a-token-based-connection-to-apns
 * Apple wants a new one once in 20 to 60 minutes; more often is punished, and
 * one older than an hour is refused. */

#include "common/jwt.h"
#include <stdbool.h>
#include <stdint.h>

typedef struct provider_token provider_token_t;

/* Takes the key; the strings must live as long. Never NULL. */
provider_token_t *provider_token_new(signing_key_t **key_p, const char *key_id,
                                     const char *team_id);
void provider_token_destroy(provider_token_t **self_p);

/* Is it the token for this key? */
bool provider_token_is(const provider_token_t *self, const char *key_id,
                       const char *team_id);

/* "authorization: bearer …", borrowed until the next call; renewed when it is
 * 45 to 50 minutes old, or when the clock was set by minutes meanwhile.
 * `now_ms` is on the monotonic clock, `unix_s` is what Apple sees; `random` is
 * any number. */
const char *provider_token_header(provider_token_t *self, int64_t now_ms,
                                  int64_t unix_s, uint32_t random);

/* Apple called it expired. It is renewed next time if that is allowed now. */
void provider_token_refused(provider_token_t *self, const char *header,
                            int64_t now_ms);

#endif

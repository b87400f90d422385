/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DEAD_TOKENS_H
#define XMPP_FRONTEND_DEAD_TOKENS_H

/* Device tokens that a provider has called dead, where there is no registration
 * to delete: servers that go on pushing to one shall not make us ask again and
 * again, which providers punish. For a day, and as hashes in bounded memory.
 * Pure. */

#include "services/xmpp-frontend/siphash.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct dead_tokens dead_tokens_t;

enum {
    DEAD_TOKENS_MAX = 65536,
    DEAD_TOKENS_MS = 24 * 60 * 60 * 1000,
};

/* `key` is to be a secret: else somebody could choose a token that hides
 * another. Never NULL. */
dead_tokens_t *dead_tokens_new(const struct siphash_key *key);
void dead_tokens_destroy(dead_tokens_t **self_p);

/* `now_ms` is on the monotonic clock, as below. */
void dead_tokens_add(dead_tokens_t *self, const char *app, const char *token,
                     int64_t now_ms);
bool dead_tokens_has(const dead_tokens_t *self, const char *app,
                     const char *token, int64_t now_ms);

/* It may have been our settings that were wrong. */
void dead_tokens_forget_all(dead_tokens_t *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dead_tokens.h"

#include "services/xmpp-frontend/marks.h"
#include <assert.h>
#include <stdlib.h>

struct dead_tokens {
    struct siphash_key key;
    marks_t *until; /* in milliseconds, by the hash of app and token */
};

static uint64_t hash(const dead_tokens_t *self, const char *app,
                     const char *token)
{
    return siphash_text(&self->key, siphash_text(&self->key, 0, app), token);
}

dead_tokens_t *dead_tokens_new(const struct siphash_key *key)
{
    dead_tokens_t *self = calloc(1, sizeof *self);

    assert(self);
    self->key = *key;
    self->until = marks_new(DEAD_TOKENS_MAX);
    return self;
}

void dead_tokens_destroy(dead_tokens_t **self_p)
{
    if (*self_p != NULL) {
        marks_destroy(&(*self_p)->until);
        free(*self_p);
        *self_p = NULL;
    }
}

void dead_tokens_add(dead_tokens_t *self, const char *app, const char *token,
                     int64_t now_ms)
{
    marks_set(self->until, hash(self, app, token), now_ms + DEAD_TOKENS_MS,
              now_ms);
}

bool dead_tokens_has(const dead_tokens_t *self, const char *app,
                     const char *token, int64_t now_ms)
{
    return marks_get(self->until, hash(self, app, token)) > now_ms;
}

void dead_tokens_forget_all(dead_tokens_t *self)
{
    marks_destroy(&self->until);
    self->until = marks_new(DEAD_TOKENS_MAX);
}

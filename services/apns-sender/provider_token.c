/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/provider_token.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MINUTE_MS = 60 * 1000,
    RENEW_MS = 50 * MINUTE_MS,
    JITTER_MS = 5 * MINUTE_MS,
    YOUNG_MS = 20 * MINUTE_MS, /* younger ones must not be replaced */
    STEP_S = 5 * 60,           /* the clock was set */
};

struct provider_token {
    signing_key_t *key;
    const char *key_id;
    const char *team_id;
    char *header;     /* or NULL */
    int64_t made_ms;  /* monotonic */
    int64_t made_s;   /* Unix time, as it stands in the token */
    int64_t renew_ms; /* monotonic */
};

provider_token_t *provider_token_new(signing_key_t **key_p, const char *key_id,
                                     const char *team_id)
{
    provider_token_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->key = *key_p;
    *key_p = NULL;
    self->key_id = key_id;
    self->team_id = team_id;
    return self;
}

void provider_token_destroy(provider_token_t **self_p)
{
    provider_token_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    signing_key_destroy(&self->key);
    keyfile_wipe(&self->header);
    free(self);
    *self_p = NULL;
}

bool provider_token_is(const provider_token_t *self, const char *key_id,
                       const char *team_id)
{
    return strcmp(self->key_id, key_id) == 0 &&
           strcmp(self->team_id, team_id) == 0;
}

static void make(provider_token_t *self, int64_t now_ms, int64_t unix_s,
                 uint32_t random)
{
    json_t *root =
        json_pack("{s:s,s:I}", "iss", self->team_id, "iat", (json_int_t)unix_s);
    char *claims = json_dumps(root, JSON_COMPACT);

    assert(claims != NULL); /* the team's id was checked to be plain */
    char *token = signing_key_sign(self->key, self->key_id, claims);
    assert(token != NULL); /* the key was checked at the start */
    keyfile_wipe(&self->header);
    int length = asprintf(&self->header, "authorization: bearer %s", token);
    assert(length > 0);
    self->made_ms = now_ms;
    self->made_s = unix_s;
    self->renew_ms = now_ms + RENEW_MS - (int64_t)(random % JITTER_MS);
    keyfile_wipe(&token);
    free(claims);
    json_decref(root);
}

/* At boot the clock may be wrong at first. A token dated by it is worthless,
 * before and after it is set. */
static bool clock_was_set(const provider_token_t *self, int64_t now_ms,
                          int64_t unix_s)
{
    int64_t passed_s = (now_ms - self->made_ms) / 1000;
    int64_t step_s = unix_s - (self->made_s + passed_s);

    return step_s > STEP_S || step_s < -STEP_S;
}

const char *provider_token_header(provider_token_t *self, int64_t now_ms,
                                  int64_t unix_s, uint32_t random)
{
    if (self->header == NULL || now_ms >= self->renew_ms ||
        clock_was_set(self, now_ms, unix_s)) {
        make(self, now_ms, unix_s, random);
    }
    return self->header;
}

void provider_token_refused(provider_token_t *self, const char *header,
                            int64_t now_ms)
{
    if (self->header != NULL && header != NULL &&
        strcmp(self->header, header) == 0 &&
        now_ms - self->made_ms >= YOUNG_MS) {
        self->renew_ms = now_ms;
    }
}

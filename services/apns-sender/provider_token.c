/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/provider_token.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    GRID_S = 40 * 60,
    LAG_S = 60,        /* issued a little ago, in case our clock is ahead */
    APART_S = 20 * 60, /* two tokens, at least */
    AGE_MAX_S = 50 * 60,
};

struct provider_token {
    signing_key_t *key;
    const char *key_id;
    const char *team_id;
    char *header;     /* or NULL */
    int64_t issued_s; /* as it stands in the token */
    bool refused;     /* it must be replaced, grid or not */
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

static void make(provider_token_t *self, int64_t issued_s)
{
    json_t *root = json_pack("{s:s,s:I}", "iss", self->team_id, "iat",
                             (json_int_t)issued_s);
    char *claims = json_dumps(root, JSON_COMPACT);

    assert(claims != NULL); /* the team's id was checked to be plain */
    char *token = signing_key_sign(self->key, self->key_id, claims);
    assert(token != NULL); /* the key was checked at the start */
    keyfile_wipe(&self->header);
    int length = asprintf(&self->header, "authorization: bearer %s", token);
    assert(length > 0);
    self->issued_s = issued_s;
    self->refused = false;
    keyfile_wipe(&token);
    free(claims);
    json_decref(root);
}

const char *provider_token_header(provider_token_t *self, int64_t unix_s)
{
    int64_t grid_s = (unix_s - LAG_S) / GRID_S * GRID_S;
    int64_t age_s = unix_s - self->issued_s;

    /* A negative age means that the clock was set back. */
    if (self->header == NULL || age_s < 0 ||
        grid_s - self->issued_s >= APART_S) {
        make(self, grid_s);
    } else if (self->refused || age_s >= AGE_MAX_S) {
        make(self, unix_s);
    }
    return self->header;
}

void provider_token_refused(provider_token_t *self, const char *header,
                            int64_t unix_s)
{
    if (self->header != NULL && header != NULL &&
        strcmp(self->header, header) == 0 &&
        unix_s - self->issued_s >= APART_S) {
        self->refused = true;
    }
}

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
    unsigned owners;
    signing_key_t *key;
    char *key_id;
    char *team_id;
    char *header;     /* or NULL */
    int64_t issued_s; /* as it stands in the token */
    bool refused;     /* it must be replaced, grid or not */
};

provider_token_t *provider_token_new(const struct provider_token_conf *conf)
{
    provider_token_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->owners = 1;
    self->key = signing_key_copy(conf->key);
    self->key_id = strdup(conf->key_id);
    self->team_id = strdup(conf->team_id);
    assert(self->key_id != NULL && self->team_id != NULL);
    return self;
}

provider_token_t *provider_token_share(provider_token_t *self)
{
    self->owners++;
    return self;
}

void provider_token_destroy(provider_token_t **self_p)
{
    provider_token_t *self = *self_p;

    *self_p = NULL;
    if (self == NULL || --self->owners > 0) {
        return;
    }
    signing_key_destroy(&self->key);
    keyfile_wipe(&self->header);
    free(self->key_id);
    free(self->team_id);
    free(self);
}

bool provider_token_is(const provider_token_t *self,
                       const struct provider_token_conf *conf)
{
    return strcmp(self->key_id, conf->key_id) == 0 &&
           strcmp(self->team_id, conf->team_id) == 0 &&
           signing_key_is_same(self->key, conf->key);
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

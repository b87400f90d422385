/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/oauth.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "common/replay.h"
#include "services/fcm-sender/token_remedy.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCOPE "https://www.googleapis.com/auth/firebase.messaging"
#define GRANT                                                                  \
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"         \
    "&assertion="

enum {
    ASSERTION_S = 3600, /* Google's maximum */
    TIMEOUT_MS = 10000,
    MARGIN_MS = 5 * 60 * 1000, /* renewed that long before the end … */
    JITTER_MS = 60 * 1000,     /* … and up to this earlier */
    AGAIN_MS = 60 * 1000,      /* a second refusal within this is a fault */
    LIFETIME_MAX_S = 86400,
    HEADER_MAX = OAUTH_TOKEN_MAX + 32,
};

static const struct backoff RETRY = {.base_ms = 1000, .cap_ms = 60000};

static const char *const FORM[] = {
    "Content-Type: application/x-www-form-urlencoded", NULL};
/* Nobody is led by another site to send this. */
static const char *const FLAVOR[] = {"Metadata-Flavor: Google", NULL};

struct oauth {
    zloop_t *loop;
    struct oauth_conf conf;
    http_client_t *client;
    char *header;          /* "Authorization: Bearer …", NULL: none */
    int64_t expires_ms;    /* of the header, monotonic */
    bool is_asking;        /* a request is under way … */
    char *form;            /* … and its body, or NULL */
    unsigned failures;     /* in a row */
    int64_t retry_ms;      /* not before this, after a failure */
    struct judgement last; /* that failure */
    int64_t refused_ms;    /* when a token was last refused */
    int timer;             /* of the next renewal, or -1 */
    uint64_t renewals;
    uint64_t all_failures;
    repeats_t *repeats;
    void (*on_change)(void *arg);
    void *arg;
};

/* ---- the pure part ---- */

char *oauth_claims(const struct service_account *account, int64_t unix_s)
{
    int64_t end_s = unix_s + ASSERTION_S;
    json_t *root =
        json_pack("{s:s,s:s,s:s,s:I,s:I}", "iss", account->client_email,
                  "scope", SCOPE, "aud", account->token_uri, "iat",
                  (json_int_t)unix_s, "exp", (json_int_t)end_s);
    char *claims = json_dumps(root, JSON_COMPACT);

    json_decref(root);
    assert(claims != NULL); /* the strings were checked to be plain */
    return claims;
}

static bool is_token(const char *text)
{
    size_t length = text != NULL ? strlen(text) : 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return length >= 1 && length <= OAUTH_TOKEN_MAX;
}

static void judge_refusal(const struct service_account *account,
                          const struct http_response *response,
                          const json_t *root, struct judgement *judgement)
{
    const char *error = json_string_value(json_object_get(root, "error"));
    const char *description =
        json_string_value(json_object_get(root, "error_description"));
    bool refused = response->status >= 400 && response->status < 500 &&
                   response->status != 408 && response->status != 429;
    char by_status[32];

    snprintf(by_status, sizeof by_status, "token-http-%ld", response->status);
    *judgement = (struct judgement){
        .verdict = refused ? PUSH_MISCONFIGURED : PUSH_LATER,
        .reach = REACH_APP,
        .retry_after_s = response->retry_after_s,
        .remedy = refused ? token_remedy_refused(account, error, description)
                          : token_remedy(account, TOKEN_ENDPOINT_FAILS)};
    judgement_set_reason(judgement, error != NULL ? error : by_status);
}

int oauth_read_token(const struct service_account *account,
                     const struct http_response *response,
                     struct oauth_token *token, struct judgement *judgement)
{
    json_t *root = json_loadb(response->body, response->size, 0, NULL);
    const char *text = json_string_value(json_object_get(root, "access_token"));
    int64_t lifetime_s =
        json_integer_value(json_object_get(root, "expires_in"));
    int status = -1;

    if (response->status != 200) {
        judge_refusal(account, response, root, judgement);
    } else if (!is_token(text) || lifetime_s < 1) {
        *judgement = (struct judgement){
            .verdict = PUSH_LATER,
            .reach = REACH_APP,
            .remedy = token_remedy(account, TOKEN_ENDPOINT_FAILS)};
        judgement_set_reason(judgement, "token-not-understood");
    } else {
        snprintf(token->text, sizeof token->text, "%s", text);
        token->lifetime_s =
            lifetime_s < LIFETIME_MAX_S ? lifetime_s : LIFETIME_MAX_S;
        status = 0;
    }
    json_decref(root);
    return status;
}

/* ---- getting it ---- */

static void fetch(oauth_t *self);

static int on_due(zloop_t *loop, int timer, void *arg)
{
    oauth_t *self = arg;

    (void)loop;
    (void)timer;
    self->timer = -1;
    fetch(self);
    return 0;
}

static void schedule(oauth_t *self, int64_t delay_ms)
{
    if (self->timer >= 0) {
        zloop_timer_end(self->loop, self->timer);
    }
    self->timer = zloop_timer(self->loop, (size_t)delay_ms, 1, on_due, self);
}

static void note_failure(oauth_t *self, const struct judgement *judgement)
{
    int64_t delay_ms = backoff_delay_ms(&RETRY, self->failures, random_u32());
    int64_t now_ms = clock_mono_ms();

    self->failures++;
    self->all_failures++;
    self->last = *judgement;
    self->retry_ms = now_ms + delay_ms;
    schedule(self, delay_ms);
    int64_t times = repeats_note(self->repeats, judgement->reason, now_ms);
    if (times > 0) {
        LOG_AT(judgement->verdict == PUSH_MISCONFIGURED ? LEVEL_ERROR
                                                        : LEVEL_WARN,
               "token.failed", TEXT("app", self->conf.name),
               TEXT("reason", judgement->reason), TIMES(times),
               TEXT("remedy", judgement->remedy));
    }
}

/* A short-lived token is renewed at half of its life at the latest. */
static int64_t renewal_delay_ms(int64_t lifetime_ms, uint32_t random)
{
    int64_t delay_ms = lifetime_ms - MARGIN_MS - random % JITTER_MS;

    return delay_ms > lifetime_ms / 2 ? delay_ms : lifetime_ms / 2;
}

static void keep(oauth_t *self, const struct oauth_token *token)
{
    int64_t lifetime_ms = token->lifetime_s * 1000;

    keyfile_wipe(&self->header);
    int length =
        asprintf(&self->header, "Authorization: Bearer %s", token->text);
    assert(length > 0);
    self->expires_ms = clock_mono_ms() + lifetime_ms;
    self->failures = 0;
    self->renewals++;
    self->retry_ms = 0;
    schedule(self, renewal_delay_ms(lifetime_ms, random_u32()));
    int64_t times =
        repeats_note_change(self->repeats, "renewed", clock_mono_ms());
    if (times > 0) {
        log_info("token.renewed", TEXT("app", self->conf.name),
                 NUM("lifetime_s", token->lifetime_s), TIMES(times));
    }
}

static void on_token(void *arg, const struct http_response *response)
{
    oauth_t *self = arg;
    struct oauth_token token;
    struct judgement judgement = {0};

    keyfile_wipe(&self->form);
    self->is_asking = false;
    if (response->failure == HTTP_CLOSED) {
        return;
    }
    if (response->failure != HTTP_ANSWERED) {
        replay_judge_failure(response->failure, &judgement);
        judgement_set_why(&judgement, response->why);
        judgement.again = AGAIN_NOT;
        const char *remedy =
            token_remedy(self->conf.account, TOKEN_ENDPOINT_SILENT);
        if (remedy != NULL) {
            judgement.remedy = remedy;
        }
        log_debug("token.unanswered", TEXT("app", self->conf.name),
                  TEXT("why", response->why));
        note_failure(self, &judgement);
    } else if (oauth_read_token(self->conf.account, response, &token,
                                &judgement) != 0) {
        note_failure(self, &judgement);
    } else {
        keep(self, &token);
        explicit_bzero(&token, sizeof token);
    }
    self->on_change(self->arg);
}

static char *new_form(const struct service_account *account)
{
    char *claims = oauth_claims(account, clock_unix_ms() / 1000);
    char *assertion = signing_key_sign(account->key, account->key_id, claims);
    char *form = NULL;

    free(claims);
    assert(assertion != NULL); /* the key was checked at the start */
    int length = asprintf(&form, "%s%s", GRANT, assertion);
    assert(length > 0);
    keyfile_wipe(&assertion);
    return form;
}

static void fetch(oauth_t *self)
{
    const struct service_account *account = self->conf.account;

    if (self->is_asking) {
        return;
    }
    self->is_asking = true;
    self->form = account->key != NULL ? new_form(account) : NULL;
    struct http_request request = {.path = account->token_path,
                                   .headers = self->form ? FORM : FLAVOR,
                                   .body = self->form,
                                   .timeout_ms = TIMEOUT_MS};
    http_client_send(self->client, &request, on_token, self);
}

/* ---- the public part ---- */

oauth_t *oauth_new(zloop_t *loop, http_engine_t *engine,
                   const struct oauth_conf *conf, void (*on_change)(void *arg),
                   void *arg)
{
    oauth_t *self = calloc(1, sizeof *self);
    struct http_client_conf client = {.name = conf->name,
                                      .base_url = conf->account->token_base,
                                      .ca_pem = conf->ca_pem,
                                      .streams = 1,
                                      .is_small = true};

    assert(self != NULL);
    self->loop = loop;
    self->conf = *conf;
    self->client = http_client_new(engine, &client);
    self->refused_ms = clock_mono_ms() - AGAIN_MS;
    self->timer = -1;
    self->repeats = repeats_new();
    self->on_change = on_change;
    self->arg = arg;
    fetch(self);
    return self;
}

void oauth_destroy(oauth_t **self_p)
{
    oauth_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    http_client_destroy(&self->client);
    if (self->timer >= 0) {
        zloop_timer_end(self->loop, self->timer);
    }
    keyfile_wipe(&self->header);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

enum access oauth_access(oauth_t *self, const char **authorization,
                         struct judgement *judgement)
{
    int64_t now_ms = clock_mono_ms();

    if (self->header != NULL && now_ms < self->expires_ms) {
        *authorization = self->header;
        return ACCESS_READY;
    }
    if (self->is_asking) {
        return ACCESS_WAIT;
    }
    if (now_ms < self->retry_ms) {
        *judgement = self->last;
        return ACCESS_DENIED;
    }
    fetch(self);
    return ACCESS_WAIT;
}

void oauth_refused(oauth_t *self, const char *authorization)
{
    int64_t now_ms = clock_mono_ms();

    if (self->header == NULL || authorization == NULL ||
        strcmp(self->header, authorization) != 0) {
        return; /* of an older token, replaced by now */
    }
    keyfile_wipe(&self->header);
    if (now_ms - self->refused_ms >= AGAIN_MS) {
        self->refused_ms = now_ms;
        fetch(self);
        return;
    }
    /* A token just made is refused as well: more of them would not help. */
    struct judgement judgement = {
        .verdict = PUSH_MISCONFIGURED,
        .reach = REACH_APP,
        .remedy = token_remedy(self->conf.account, TOKEN_NOT_TAKEN)};
    judgement_set_reason(&judgement, "UNAUTHENTICATED");
    note_failure(self, &judgement);
}

static const struct metric EXPIRY = {
    "wakebus_access_token_expiry_timestamp_seconds",
    METRIC_GAUGE,
    "When the access token ends, in seconds since 1970; 0: there is none.",
    {"app", "backend"}};
static const struct metric RENEWALS = {"wakebus_access_token_renewals_total",
                                       METRIC_COUNTER,
                                       "Access tokens that the provider gave.",
                                       {"app", "backend"}};
static const struct metric FAILURES = {
    "wakebus_access_token_failures_total",
    METRIC_COUNTER,
    "Access tokens that could not be had, or were refused.",
    {"app", "backend"}};

void oauth_metrics(const oauth_t *self, const char *const *labels,
                   metrics_t *page)
{
    int64_t left_ms = self->expires_ms - clock_mono_ms();
    bool has_token = self->header != NULL && left_ms > 0;
    int64_t expiry_s = (clock_unix_ms() + left_ms) / 1000;

    metrics_add(page, &EXPIRY, labels, has_token ? (double)expiry_s : 0);
    metrics_add(page, &RENEWALS, labels, (double)self->renewals);
    metrics_add(page, &FAILURES, labels, (double)self->all_failures);
}

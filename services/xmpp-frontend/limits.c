/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/limits.h"

#include "services/xmpp-frontend/marks.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* How far ahead the turns of a domain, and of an app, are kept. */
#define KEPT_MAX_US INT64_C(600000000)

/* Buckets that can be remembered. A token comes back to a target in seconds, to
 * a user in a minute, to a domain in less than a millisecond: with the settings
 * as they come, that is enough for 26,000 pushes and 1,000 registrations a
 * second. */
static const size_t ROOM[LIMITS] = {
    [LIMIT_TARGET] = 131072,
    [LIMIT_DOMAIN] = 16384,
    [LIMIT_APP] = 1024,
    [LIMIT_USER_REGISTRATIONS] = 65536,
    [LIMIT_DOMAIN_REGISTRATIONS] = 16384,
};

/* A bucket is kept as the time at which it will be full (GCRA, ITU-T I.371):
 * each token that is taken makes that later by `token_us`. */
struct rate {
    int64_t token_us;  /* until a token comes back; 0: no limit */
    int64_t bucket_us; /* until an empty bucket is full */
};

struct limits {
    struct siphash_key key;
    struct rate rates[LIMITS]; /* but those that each app has for itself */
    marks_t *full_us[LIMITS];
    uint64_t reached[LIMITS];
};

const char *limit_setting(enum limit limit)
{
    static const char *const NAMES[LIMITS] = {
        [LIMIT_TARGET] = "limits.target_per_minute",
        [LIMIT_DOMAIN] = "limits.domain_per_second",
        [LIMIT_APP] = "apps.limits.per_second",
        [LIMIT_USER_REGISTRATIONS] = "limits.user_registrations_per_hour",
        [LIMIT_DOMAIN_REGISTRATIONS] = "limits.domain_registrations_per_second",
    };
    return NAMES[limit];
}

static struct rate rate_of(int64_t tokens, int64_t period_s, int64_t burst)
{
    if (tokens == 0) {
        return (struct rate){0};
    }
    int64_t token_us = period_s * 1000000 / tokens;
    return (struct rate){token_us, token_us * burst};
}

void limits_use(limits_t *self, const struct settings *settings)
{
    self->rates[LIMIT_DOMAIN] = rate_of(settings->limits.domain_per_second, 1,
                                        settings->limits.domain_burst);
    self->rates[LIMIT_USER_REGISTRATIONS] =
        rate_of(settings->limits.user_registrations_per_hour, 3600,
                settings->limits.user_registrations_burst);
    self->rates[LIMIT_DOMAIN_REGISTRATIONS] =
        rate_of(settings->limits.domain_registrations_per_second, 1,
                settings->limits.domain_registrations_burst);
}

/* Take a token, or if there is none and it comes back within `kept_us`, take
 * that. Returns how long it takes until it is there. */
static int64_t take(limits_t *self, enum limit limit, const struct rate *rate,
                    uint64_t key, int64_t now_us, int64_t kept_us)
{
    if (rate->token_us == 0) {
        return 0;
    }
    int64_t full_us = marks_get(self->full_us[limit], key);
    int64_t after_us = (full_us > now_us ? full_us : now_us) + rate->token_us;
    int64_t wait_us = after_us - rate->bucket_us - now_us;
    if (wait_us <= kept_us || wait_us <= 0) {
        full_us = after_us;
    }
    marks_set(self->full_us[limit], key, full_us, now_us);
    self->reached[limit] += wait_us > 0 ? 1 : 0;
    return wait_us > 0 ? wait_us : 0;
}

int64_t limits_push(limits_t *self, const struct app *app, const char *domain,
                    const char *node, int64_t now_us, enum limit *limit)
{
    struct rate rate =
        rate_of(app->limits.target_per_minute, 60, app->limits.target_burst);

    *limit = LIMIT_TARGET;
    int64_t wait_us =
        take(self, LIMIT_TARGET, &rate, siphash_text(&self->key, 0, node),
             now_us, rate.token_us);
    if (wait_us > 0) {
        return wait_us;
    }
    *limit = LIMIT_DOMAIN;
    wait_us = take(self, LIMIT_DOMAIN, &self->rates[LIMIT_DOMAIN],
                   siphash_text(&self->key, 0, domain), now_us, KEPT_MAX_US);
    if (wait_us > 0) {
        return wait_us;
    }
    *limit = LIMIT_APP;
    rate = rate_of(app->limits.per_second, 1, app->limits.burst);
    return take(self, LIMIT_APP, &rate, siphash_text(&self->key, 0, app->name),
                now_us, KEPT_MAX_US);
}

int64_t limits_register(limits_t *self, const char *jid, int64_t now_us,
                        enum limit *limit)
{
    size_t size = strcspn(jid, "/");
    const char *at = memchr(jid, '@', size);
    const char *domain = at != NULL ? at + 1 : jid;
    size_t domain_size = size - (size_t)(domain - jid);

    *limit = LIMIT_USER_REGISTRATIONS;
    int64_t wait_us = take(self, LIMIT_USER_REGISTRATIONS,
                           &self->rates[LIMIT_USER_REGISTRATIONS],
                           siphash(&self->key, jid, size), now_us, 0);
    if (wait_us > 0) {
        return wait_us;
    }
    *limit = LIMIT_DOMAIN_REGISTRATIONS;
    return take(self, LIMIT_DOMAIN_REGISTRATIONS,
                &self->rates[LIMIT_DOMAIN_REGISTRATIONS],
                siphash(&self->key, domain, domain_size), now_us, 0);
}

/* ---- numbers ---- */

static const struct metric REACHED = {
    "wakebus_limit_reached_total",
    METRIC_COUNTER,
    "Pushes that were deferred, and registrations that were refused, because "
    "of this setting.",
    {"limit"}};
static const struct metric BUCKETS = {
    "wakebus_limit_buckets",
    METRIC_GAUGE,
    "Devices, users, domains or apps of which it is remembered what they have "
    "used.",
    {"limit"}};
static const struct metric FORGOTTEN = {
    "wakebus_limit_buckets_forgotten_total",
    METRIC_COUNTER,
    "Those that were forgotten too early, as there were too many.",
    {"limit"}};

void limits_metrics(const limits_t *self, metrics_t *page)
{
    for (size_t i = 0; i < LIMITS; i++) {
        const char *name = limit_setting((enum limit)i);
        metrics_add(page, &REACHED, LABELS(name), (double)self->reached[i]);
        metrics_add(page, &BUCKETS, LABELS(name),
                    (double)marks_count(self->full_us[i]));
        metrics_add(page, &FORGOTTEN, LABELS(name),
                    (double)marks_pushed_out(self->full_us[i]));
    }
}

/* ---- life ---- */

limits_t *limits_new(const struct settings *settings,
                     const struct siphash_key *key)
{
    limits_t *self = calloc(1, sizeof *self);

    assert(self);
    self->key = *key;
    for (size_t i = 0; i < LIMITS; i++) {
        self->full_us[i] = marks_new(ROOM[i]);
    }
    limits_use(self, settings);
    return self;
}

void limits_destroy(limits_t **self_p)
{
    limits_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < LIMITS; i++) {
        marks_destroy(&self->full_us[i]);
    }
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LIMITS_H
#define XMPP_FRONTEND_LIMITS_H

/* How much each may ask for: token buckets for the pushes of a target, of a
 * domain and of an app, and for the registrations of a user and of a domain. In
 * normal life none is ever empty; see settings.c and app.c for what they hold.
 * Whoever has an empty one costs others nothing.
 *
 * A bucket is remembered until it is full again, in memory that is bounded; if
 * there are too many, the one that was used longest ago is taken for full. So
 * targets are to be limited only once they are known to be some. Pure. */

#include "common/metrics.h"
#include "common/settings.h"
#include "services/xmpp-frontend/siphash.h"

enum limit {
    LIMIT_TARGET,
    LIMIT_DOMAIN,
    LIMIT_APP,
    LIMIT_USER_REGISTRATIONS,
    LIMIT_DOMAIN_REGISTRATIONS,
    LIMITS,
};

typedef struct limits limits_t;

/* Never NULL. */
limits_t *limits_new(const struct settings *settings,
                     const struct siphash_key *key);
void limits_destroy(limits_t **self_p);

/* Go on with other settings. */
void limits_use(limits_t *self, const struct settings *settings);

/* The setting that an operator would raise: "limits.domain_per_second". */
const char *limit_setting(enum limit limit);

/* A push for `node` of this app is about to be sent, for the server of
 * `domain`. Returns 0 if it may be, else the microseconds until its turn, and
 * which limit it was. Its turn is kept for it: it can be sent then without
 * asking again. (For one target only one is: all that come meanwhile are one
 * push.) */
int64_t limits_push(limits_t *self, const struct app *app, const char *domain,
                    const char *node, int64_t now_us, enum limit *limit);

/* A user, a JID with or without a resource, registers. Returns 0 if he may,
 * else the microseconds after which he may again, and which limit it was. */
int64_t limits_register(limits_t *self, const char *jid, int64_t now_us,
                        enum limit *limit);

void limits_metrics(const limits_t *self, metrics_t *page);

#endif

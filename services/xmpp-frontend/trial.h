/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_TRIAL_H
#define XMPP_FRONTEND_TRIAL_H

/* A push that an operator tries out: a registry is asked whom it wakes, if that
 * is not known, then a sender of that app. Pure. */

#include "services/xmpp-frontend/stateless_target.h"

typedef struct trial trial_t;

/* `now_ms` is on the monotonic clock, as below. Never NULL. */
trial_t *trial_new(const struct operator_push *what, int64_t now_ms);
/* Whom it wakes is known already. */
trial_t *trial_new_for(const struct operator_push *what,
                       const struct stateless_target *target, int64_t now_ms);
void trial_destroy(trial_t **self_p);

/* The target's app, once it is known: NULL, then that is to be asked.
 */
const char *trial_app(const trial_t *self);

/* What to ask next: malloc'd, or NULL with `err` set. */
char *trial_encode(trial_t *self, const char *id, int64_t budget_ms,
                   int64_t now_ms, struct proto_err *err);

enum trial_step {
    TRIAL_GOES_ON, /* a sender is to be asked now */
    TRIAL_DONE,
    TRIAL_UNFIT, /* that is no result of what was asked */
};

/* A result has come. When it is done `result` is filled; its strings live as
 * long as `m` and the trial. */
enum trial_step trial_take(trial_t *self, const struct msg *m, int64_t now_ms,
                           struct operator_push_result *result);

#endif

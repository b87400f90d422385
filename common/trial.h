/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_TRIAL_H
#define COMMON_TRIAL_H

/* A sender's part of --self-test, but for the dialect of its provider: for
 * each app it gets access, connects, and sends one push that reaches no
 * device. A provider that complains of the device alone has found everything
 * else in order. Findings are "APP.access", "APP.connection", "APP.push". */

#include "common/delivery.h"
#include "common/self_test.h"

typedef struct trial trial_t;

/* Begins, as a part of the test. `sender` is for dialect->open. Never NULL. */
trial_t *trial_new(self_test_t *test, http_engine_t *engine,
                   const struct dialect *dialect, void *sender);
void trial_destroy(trial_t **self_p);

/* Something changed for those that wait for access. */
void trial_resume(trial_t *self, const void *account);

/* What the answer to the push says about the app. `expected` are the reasons
 * that complain of the device alone, NULL-terminated. Pure. */
enum finding_state trial_judge(const char *const *expected,
                               const struct judgement *judgement);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_SENDER_H
#define APNS_SENDER_SENDER_H

/* Serves every app of backend "apns" in the settings. */

#include "common/health.h"
#include "common/metrics.h"
#include "common/self_test.h"
#include "common/settings.h"
#include <czmq.h>

typedef struct sender sender_t;

/* `settings` have passed credentials_check. Never NULL. */
sender_t *sender_new(zloop_t *loop, const struct settings *settings);

/* The same for --self-test: serves nobody, but tries out what serving needs.
 * Only to be destroyed. Never NULL. */
sender_t *sender_try(self_test_t *test);

/* Pushes that are still open are answered with `later`. */
void sender_destroy(sender_t **self_p);

/* Go on with other settings, as in struct service. */
void sender_reload(sender_t *self, const struct settings *settings);

void sender_health(const sender_t *self, struct health *health);
void sender_metrics(const sender_t *self, metrics_t *page);

/* Take no more pushes, finish what is open, then call `on_drained` once. */
void sender_drain(sender_t *self, void (*on_drained)(void *arg), void *arg);

#endif

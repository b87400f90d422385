/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_ZAP_H
#define COMMON_ZAP_H

/* The door of the bus: ZeroMQ asks here about everybody who connects with
 * CURVE (ZAP, RFC 27), and each socket's domain says which roles may.
 *
 * CZMQ's zauth does not do here: it cannot tell roles apart, does not say whom
 * it refused, and ends the process when a directory holds a key twice. */

#include "common/keyring.h"
#include <czmq.h>

/* Domains of sockets: who may connect. */
#define ZAP_INBOX "inbox" /* workers */
#define ZAP_JOBS "jobs"   /* frontends */

typedef struct zap zap_t;

/* There can be one in a process. Somebody who was refused is in the log, each
 * reason once a minute. Never NULL. */
zap_t *zap_new(zloop_t *loop, const keyring_t *keys);
void zap_destroy(zap_t **self_p);

/* How many were refused. */
uint64_t zap_strangers(const zap_t *self);

/* Why a key with this role (NULL: unknown) must not come in, or NULL: it may.
 * A constant. */
const char *zap_refusal(const char *domain, const char *role);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_CHECKUP_H
#define REGISTRY_REDIS_CHECKUP_H

/* What is to be said of a Redis that works: will it keep what it was given?
 * deploy/redis.conf explains what is asked of it. Pure. */

#include "common/checkup.h"

/* What one server has told. */
struct redis_facts {
    const char *server;      /* its name, if there are several, or NULL */
    const char *info;        /* INFO, or NULL: it did not tell */
    const char *appendfsync; /* as it is configured, or NULL: the same */
    bool wants_replica;      /* somebody shall take over when it ends */
};

/* The steps, in order. */
extern const char *const REDIS_CHECKUP_STEPS[]; /* NULL-terminated */

/* Note a finding for each of the steps, or several. */
void redis_checkup(checkup_t *checkup, const struct redis_facts *facts);

#endif

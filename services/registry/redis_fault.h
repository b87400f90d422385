/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_FAULT_H
#define REGISTRY_REDIS_FAULT_H

#include "common/repeats.h"

/* A state in which Redis, or the way to it, cannot do its work. */
struct redis_fault {
    const char *state;  /* first word of Redis's error, or one of ours */
    const char *remedy; /* what the operator can do */
    bool elsewhere;     /* a new connection may reach a server that can */
};

/* What an error reply means. Never NULL; every pointer is to a constant. The
 * reply itself is not for the log: Redis quotes in it what it was sent. */
const struct redis_fault *redis_fault_of(const char *error);

/* Tell the operator, unless `repeats` says that he has heard of it. `detail`
 * may be NULL. */
void redis_fault_report(const struct redis_fault *fault, const char *server,
                        const char *detail, repeats_t *repeats);

/* Faults that Redis cannot tell by itself. */
extern const struct redis_fault REDIS_UNREACHABLE; /* no connection */
extern const struct redis_fault REDIS_SILENT;      /* no answer in time */
extern const struct redis_fault REDIS_STRANGE;     /* answers not understood */
extern const struct redis_fault REDIS_NO_ENTRY;    /* AUTH refused */
extern const struct redis_fault REDIS_NO_DATABASE; /* SELECT refused */
extern const struct redis_fault REDIS_NO_SENTINEL; /* none of them answers */
extern const struct redis_fault REDIS_NO_MASTER;   /* they do not know it */
extern const struct redis_fault REDIS_DEMOTED;     /* theirs is a replica */
extern const struct redis_fault REDIS_NO_CLUSTER;  /* a Redis by itself */
extern const struct redis_fault REDIS_NO_OWNER;    /* no master has that slot */
extern const struct redis_fault REDIS_NO_END;      /* one node names another */

#endif

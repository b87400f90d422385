/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REVOKING_H
#define REGISTRY_REVOKING_H

/* operator.revoke: a target is removed as one whose token is dead, by the token
 * that it has. If it is renewed in between, that is tried again. */

#include "services/registry/store.h"
#include "services/registry/task.h"

/* The task is answered when that is done, or cannot be. */
void revoking_start(struct task *task, store_t *store, const char *node);

#endif

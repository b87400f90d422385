/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REGISTRY_H
#define REGISTRY_REGISTRY_H

/* The registry on the bus: takes target.* jobs, asks the store, answers. */

#include "services/registry/store.h"

typedef struct registry registry_t;

/* `store`, `frontends` and `advertise` must outlive it. Never NULL. */
registry_t *registry_new(zloop_t *loop, store_t *store,
                         const struct name_list *frontends,
                         const char *advertise);

/* The store must be gone before: its last answers still go out through here. */
void registry_destroy(registry_t **self_p);

/* Take no more jobs; `on_drained` is called once when all are answered. */
void registry_drain(registry_t *self, void (*on_drained)(void *arg), void *arg);

#endif

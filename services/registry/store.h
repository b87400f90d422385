/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_STORE_H
#define REGISTRY_STORE_H

/* Where the targets are kept. Each request is answered by one call of its
 * callback, within seconds and possibly before the function returns; what the
 * callback gets lives during the call. What a request's strings point to need
 * not outlive the function.
 *
 * OK means that Redis has acknowledged it. LATER means that it could not be
 * done, or that nobody knows: every request may safely be made again. */

#include "proto/target.h"
#include "services/registry/redis.h"

typedef struct store store_t;

typedef void store_registered_fn(void *arg,
                                 const struct target_register_result *result);
typedef void store_found_fn(void *arg,
                            const struct target_lookup_result *result);
typedef void store_done_fn(void *arg, enum target_outcome outcome);

/* Borrows `redis`. Never NULL. */
store_t *store_new(redis_t *redis);
/* Redis must be gone before: what was open is answered LATER then. */
void store_destroy(store_t **self_p);

/* Device and channel must be valid hashes, see keys.h. OK or LATER. */
void store_register(store_t *self, const struct target_register *what,
                    store_registered_fn *on_registered, void *arg);

/* The same. OK, ABSENT or LATER. */
void store_unregister(store_t *self, const struct target_unregister *what,
                      store_done_fn *on_done, void *arg);

/* Any domain, node and secret. ABSENT alike, and after the same work, for an
 * unknown node, another domain and a wrong or missing secret. */
void store_lookup(store_t *self, const struct target_lookup *what,
                  store_found_fn *on_found, void *arg);

/* The device must be a valid hash. OK, ABSENT, KEPT or LATER. */
void store_forget(store_t *self, const struct target_forget *what,
                  store_done_fn *on_done, void *arg);

#endif

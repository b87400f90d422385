/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_HOST_ADDRESSES_H
#define REGISTRY_HOST_ADDRESSES_H

/* The addresses of a host, to be tried one after another. Nothing here waits:
 * names are looked up in the background. */

#include "common/resolver.h"

enum { HOST_ADDRESS_SIZE = 64 };

typedef struct host_addresses host_addresses_t;

/* Never NULL. */
host_addresses_t *host_addresses_new(void);
/* As resolver_destroy, this may wait. */
void host_addresses_destroy(host_addresses_t **self_p);

/* Begin to look up a name, or a numeric address. A look-up of another name that
 * is still under way is given up. */
void host_addresses_ask(host_addresses_t *self, const char *host);

/* How far that is; at RESOLVER_DONE the addresses are there, at RESOLVER_FAILED
 * `why` is set to a constant. RESOLVER_IDLE is not returned. */
enum resolver_state host_addresses_fetch(host_addresses_t *self,
                                         const char **why);

/* The next one, as text; false when there is none any more. */
bool host_addresses_next(host_addresses_t *self, char out[HOST_ADDRESS_SIZE]);

/* Those that are left are not needed. */
void host_addresses_forget(host_addresses_t *self);

#endif

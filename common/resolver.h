/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_RESOLVER_H
#define COMMON_RESOLVER_H

/* A host's addresses, asked for without blocking the loop: a resolver that
 * hangs must not stop everything else. */

#include <netdb.h>
#include <stdbool.h>

typedef struct resolver resolver_t;

enum resolver_state {
    RESOLVER_IDLE,   /* nothing asked, or the answer was fetched */
    RESOLVER_ASKING, /* no answer yet: look again later */
    RESOLVER_DONE,   /* `addresses` is set */
    RESOLVER_FAILED, /* `why` is set */
};

/* Never NULL. */
resolver_t *resolver_new(const char *host, const char *port);
/* Waits for the resolver's thread if it cannot be stopped. */
void resolver_destroy(resolver_t **self_p);

/* Ask, unless that was done and not yet answered. A numeric address is
 * answered at once. */
void resolver_ask(resolver_t *self);

/* Fetch the answer, once. `addresses` is then the caller's, to be given to
 * freeaddrinfo; `why` is a constant. */
enum resolver_state
resolver_fetch(resolver_t *self, struct addrinfo **addresses, const char **why);

#endif

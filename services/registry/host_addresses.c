/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/host_addresses.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct host_addresses {
    char *host; /* NULL: none yet */
    resolver_t *resolver;
    struct addrinfo *found; /* while they are tried */
    struct addrinfo *next;  /* the one to try next */
};

host_addresses_t *host_addresses_new(void)
{
    host_addresses_t *self = calloc(1, sizeof *self);

    assert(self);
    return self;
}

void host_addresses_destroy(host_addresses_t **self_p)
{
    host_addresses_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    host_addresses_forget(self);
    resolver_destroy(&self->resolver);
    free(self->host);
    free(self);
    *self_p = NULL;
}

/* A resolver that is still looking up cannot always be stopped, so it is kept
 * for the next time, as long as that is about the same name. */
static void set_host(host_addresses_t *self, const char *host)
{
    if (self->host != NULL && strcmp(host, self->host) == 0) {
        return;
    }
    resolver_destroy(&self->resolver);
    free(self->host);
    self->host = strdup(host);
    assert(self->host);
    self->resolver = resolver_new(host, "0");
}

void host_addresses_ask(host_addresses_t *self, const char *host)
{
    set_host(self, host);
    resolver_ask(self->resolver);
}

enum resolver_state host_addresses_fetch(host_addresses_t *self,
                                         const char **why)
{
    enum resolver_state state =
        resolver_fetch(self->resolver, &self->found, why);

    if (state == RESOLVER_DONE) {
        self->next = self->found;
    } else if (state == RESOLVER_IDLE) {
        resolver_ask(self->resolver);
        state = RESOLVER_ASKING;
    }
    return state;
}

bool host_addresses_next(host_addresses_t *self, char out[HOST_ADDRESS_SIZE])
{
    while (self->next != NULL) {
        const struct addrinfo *address = self->next;
        self->next = address->ai_next;
        if (getnameinfo(address->ai_addr, address->ai_addrlen, out,
                        HOST_ADDRESS_SIZE, NULL, 0, NI_NUMERICHOST) == 0) {
            return true;
        }
    }
    return false;
}

void host_addresses_forget(host_addresses_t *self)
{
    if (self->found != NULL) {
        freeaddrinfo(self->found);
        self->found = NULL;
    }
    self->next = NULL;
}

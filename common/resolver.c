/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/resolver.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct resolver {
    char *host;
    char *port;
    struct addrinfo hints; /* glibc reads both while it works */
    struct gaicb query;
    bool asking;
    struct addrinfo *ready; /* of a numeric address: no need to wait */
};

resolver_t *resolver_new(const char *host, const char *port)
{
    resolver_t *self = calloc(1, sizeof *self);

    assert(self);
    self->host = strdup(host);
    self->port = strdup(port);
    assert(self->host && self->port);
    return self;
}

void resolver_destroy(resolver_t **self_p)
{
    resolver_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    if (self->asking) {
        const struct gaicb *queries[] = {&self->query};
        gai_cancel(&self->query);
        while (gai_error(&self->query) == EAI_INPROGRESS) {
            gai_suspend(queries, 1, NULL);
        }
        if (gai_error(&self->query) == 0) {
            freeaddrinfo(self->query.ar_result);
        }
    }
    if (self->ready != NULL) {
        freeaddrinfo(self->ready);
    }
    free(self->host);
    free(self->port);
    free(self);
    *self_p = NULL;
}

void resolver_ask(resolver_t *self)
{
    struct gaicb *queries[] = {&self->query};
    const struct addrinfo numeric = {.ai_socktype = SOCK_STREAM,
                                     .ai_flags = AI_NUMERICHOST};

    if (self->asking || self->ready != NULL ||
        getaddrinfo(self->host, self->port, &numeric, &self->ready) == 0) {
        return;
    }
    self->hints = (struct addrinfo){.ai_socktype = SOCK_STREAM};
    self->query = (struct gaicb){.ar_name = self->host,
                                 .ar_service = self->port,
                                 .ar_request = &self->hints};
    /* Fails only when there is no thread to be had; the next try may. */
    self->asking = getaddrinfo_a(GAI_NOWAIT, queries, 1, NULL) == 0;
}

enum resolver_state
resolver_fetch(resolver_t *self, struct addrinfo **addresses, const char **why)
{
    if (self->ready != NULL) {
        *addresses = self->ready;
        self->ready = NULL;
        return RESOLVER_DONE;
    }
    if (!self->asking) {
        return RESOLVER_IDLE;
    }
    int status = gai_error(&self->query);
    if (status == EAI_INPROGRESS) {
        return RESOLVER_ASKING;
    }
    self->asking = false;
    if (status != 0) {
        *why = gai_strerror(status);
        return RESOLVER_FAILED;
    }
    *addresses = self->query.ar_result;
    return RESOLVER_DONE;
}

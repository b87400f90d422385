/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/job_pipe.h"

#include "common/ipc.h"
#include <assert.h>
#include <netdb.h>
#include <string.h>

enum { HOST_ROOM = 128, ENDPOINT_ROOM = 300 };

/* The local address from which packets to the frontend leave, in brackets if
 * it is IPv6. Nothing is sent: connecting a UDP socket only picks a route. */
static int local_address(const char *endpoint, char *out, size_t size)
{
    const char *host = endpoint + strlen("tcp://");
    const char *colon = strrchr(endpoint, ':');
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM,
                             .ai_flags = AI_NUMERICHOST};
    struct addrinfo *peer = NULL;
    struct sockaddr_storage own;
    socklen_t own_size = sizeof own;
    char name[64];
    int status = -1;

    snprintf(name, sizeof name, "%.*s", (int)(colon - host), host);
    if (name[0] == '[') {
        name[strcspn(name, "]")] = '\0';
        memmove(name, name + 1, strlen(name));
    }
    if (getaddrinfo(name, colon + 1, &hints, &peer) != 0) {
        return -1;
    }
    int fd = socket(peer->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, peer->ai_addr, peer->ai_addrlen) == 0 &&
        getsockname(fd, (struct sockaddr *)&own, &own_size) == 0 &&
        getnameinfo((struct sockaddr *)&own, own_size, name, sizeof name, NULL,
                    0, NI_NUMERICHOST) == 0) {
        snprintf(out, size, peer->ai_family == AF_INET6 ? "[%s]" : "%s", name);
        status = 0;
    }
    if (fd >= 0) {
        close(fd);
    }
    freeaddrinfo(peer);
    return status;
}

static bus_pull_t *bind_ipc(bus_t *bus, const struct job_pipe_place *place,
                            const struct bus_pull_events *events,
                            char **address)
{
    char endpoint[ENDPOINT_ROOM];

    snprintf(endpoint, sizeof endpoint, "%s.%s-%u", place->frontend,
             place->worker, place->serial);
    uid_t self = ipc_act_as_owner(place->frontend);
    bus_pull_t *pipe = bus_pull_new(bus, endpoint, ZAP_JOBS, events);
    ipc_act_as(self);
    *address = pipe != NULL ? strdup(endpoint) : NULL;
    return pipe;
}

/* What is advertised may be a translated address that is not ours; without
 * keys it is a loopback one. Fills `host` with what frontends are told. */
static int choose_host(const struct job_pipe_place *place, char host[HOST_ROOM],
                       const char **to_bind)
{
    *to_bind = host;
    if (strcmp(place->advertise, "auto") == 0) {
        return local_address(place->frontend, host, HOST_ROOM);
    }
    snprintf(host, HOST_ROOM, "%s", place->advertise);
    if (place->is_encrypted) {
        *to_bind = "*";
    }
    return 0;
}

static bus_pull_t *bind_tcp(bus_t *bus, const struct job_pipe_place *place,
                            const struct bus_pull_events *events,
                            char **address)
{
    const char *to_bind;
    char host[HOST_ROOM];
    char endpoint[ENDPOINT_ROOM];
    char bound[256];

    if (choose_host(place, host, &to_bind) != 0) {
        return NULL;
    }
    snprintf(endpoint, sizeof endpoint, "tcp://%s:*", to_bind);
    bus_pull_t *pipe = bus_pull_new(bus, endpoint, ZAP_JOBS, events);
    if (pipe == NULL) {
        return NULL;
    }
    bus_pull_endpoint(pipe, bound, sizeof bound);
    snprintf(endpoint, sizeof endpoint, "tcp://%s%s", host,
             strrchr(bound, ':'));
    *address = strdup(endpoint);
    assert(*address);
    return pipe;
}

bus_pull_t *job_pipe_bind(bus_t *bus, const struct job_pipe_place *place,
                          const struct bus_pull_events *events, char **address)
{
    *address = NULL;
    return ipc_path(place->frontend) != NULL
               ? bind_ipc(bus, place, events, address)
               : bind_tcp(bus, place, events, address);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_URL_H
#define REGISTRY_REDIS_URL_H

/* Where Redis is, and how to get in:
 *
 *     redis://[[user]:password@]host[:port][/database]
 *     unix:[//[[user]:password@]]/path[?db=database]
 *     redis+sentinel://[[user]:password@]host[:port][,host[:port]…]
 *                    /master[/database]
 *     redis+cluster://[[user]:password@]host[:port][,host[:port]…][/0]
 *
 * With +sentinel the hosts are sentinels, which know where the Redis is that
 * they call `master`; their port is 26379 unless it is said. They are shown
 * the same user and password as Redis. With +cluster they are some of the
 * cluster's nodes, which know the others.
 *
 * User and password may hold %xx for what would else have a meaning here. */

#include <stdbool.h>
#include <stddef.h>

enum { REDIS_PLACES_MAX = 8 };

struct redis_place {
    char host[256]; /* name or address; "" when it is a socket's path */
    int port;       /* 1..65535 */
    char path[108]; /* of the UNIX socket, or "" */
};

struct redis_url {
    char user[256];     /* "" is Redis's default user */
    char password[512]; /* "" if there is none to show */
    struct redis_place places[REDIS_PLACES_MAX]; /* Redis, or who knows it */
    size_t place_count;                          /* 1 or more */
    char master[128]; /* its name with the sentinels; "" without them */
    bool cluster;     /* the places are nodes of one */
    int database;     /* 0..65535 */
    char label[300];  /* the place without user and password, for logs */
};

/* Returns 0, or -1 with `why` pointing to a constant that says what is wrong
 * and holds nothing of the text. */
int redis_url_parse(struct redis_url *url, const char *text, const char **why);

#endif

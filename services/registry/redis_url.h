/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_URL_H
#define REGISTRY_REDIS_URL_H

/* Where Redis is, and how to get in:
 *
 *     redis://[[user]:password@]host[:port][/database]
 *     unix:[//[[user]:password@]]/path[?db=database]
 *
 * User and password may hold %xx for what would else have a meaning here. */

struct redis_url {
    char user[256];     /* "" is Redis's default user */
    char password[512]; /* "" if there is none to show */
    char host[256];     /* name or address; "" when it is a socket's path */
    char path[108];     /* of the UNIX socket, or "" */
    int port;           /* 1..65535 */
    int database;       /* 0..65535 */
    char label[300];    /* the place without user and password, for logs */
};

/* Returns 0, or -1 with `why` pointing to a constant that says what is wrong
 * and holds nothing of the text. */
int redis_url_parse(struct redis_url *url, const char *text, const char **why);

#endif

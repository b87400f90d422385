/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_SERVER_H
#define COMMON_HTTP_SERVER_H

/* A few pages about a process, for those who look after it: GET and HEAD, no
 * requests with a body. It runs in the loop, and whoever connects gets little
 * memory, few connections and little time, so that it cannot disturb the work
 * of the process. The only place that knows libmicrohttpd. */

#include <czmq.h>

typedef struct http_server http_server_t;

struct http_page {
    unsigned status;
    const char *type; /* Content-Type */
    char *body;       /* malloc'd, then freed by the server; never NULL */
};

/* Listens at `bind`, see http_address.h. NULL when it cannot: the reason is in
 * the log. */
http_server_t *http_server_new(zloop_t *loop, const char *bind);
void http_server_destroy(http_server_t **self_p);

/* Answer requests for `path`, which is kept, with what `write` makes of an
 * empty page. At most HTTP_PAGES_MAX times. */
enum { HTTP_PAGES_MAX = 8 };
void http_server_add(http_server_t *self, const char *path,
                     void (*write)(void *arg, struct http_page *page),
                     void *arg);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_MULTI_H
#define COMMON_HTTP_MULTI_H

/* A multi handle of libcurl on the loop, for http_client.c. What libcurl wants
 * of the kernel during a turn is done at its end: it wants to be told that it
 * can write, and no longer, and moves its timer, with each request, and each of
 * them would be a system call. Nor does what it writes leave before: else each
 * request would be two packets. */

#include "common/http_engine.h"

#include <curl/curl.h>

typedef struct http_multi http_multi_t;

/* `on_event` is called when libcurl has done what came of a descriptor or of
 * its timer. Never NULL. */
http_multi_t *http_multi_new(http_engine_t *engine, void (*on_event)(void *arg),
                             void *arg);
/* No easy handle may be left in it. */
void http_multi_destroy(http_multi_t **self_p);

CURLM *http_multi_curl(http_multi_t *self);

/* Does libcurl want to be called at once? */
bool http_multi_is_due(const http_multi_t *self);

/* Call it then; in any case a turn has begun, and all further calls of libcurl
 * are in it until http_multi_end. */
void http_multi_run(http_multi_t *self);
void http_multi_end(http_multi_t *self);

#endif

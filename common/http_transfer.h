/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_TRANSFER_H
#define COMMON_HTTP_TRANSFER_H

/* One request after the other on one easy handle of libcurl: its options, and
 * what its result means. For http_client.c, which owns the connections. */

#include "common/http_client.h"
#include <curl/curl.h>

enum { HTTP_SILENCE_MS = 4000 }; /* unacknowledged: the path is dead */

typedef struct http_transfer http_transfer_t;

/* `conf` must live as long. `owner` is the handle's CURLOPT_PRIVATE. Never
 * NULL. */
http_transfer_t *http_transfer_new(const struct http_client_conf *conf,
                                   void *owner);
void http_transfer_destroy(http_transfer_t **self_p);

/* To be added to a multi handle once prepared. Borrowed. */
CURL *http_transfer_easy(http_transfer_t *self);

/* Set the next request. `left_ms` is its time, at least 1. `opening` is set to
 * true when libcurl opens a socket for it. */
void http_transfer_prepare(http_transfer_t *self,
                           const struct http_request *request, int64_t left_ms,
                           bool *opening);

/* Fill all of `response` but the connection; its strings live until the
 * clear. */
void http_transfer_read(const http_transfer_t *self, CURLcode result,
                        struct http_response *response);

/* Did it open the connection that it went over? */
bool http_transfer_connected(const http_transfer_t *self);

/* Forget the request and the response. */
void http_transfer_clear(http_transfer_t *self);

#endif

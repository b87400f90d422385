/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HTTP_ADDRESS_H
#define COMMON_HTTP_ADDRESS_H

/* Where an HTTP server listens: "127.0.0.1:9750", "[::1]:9750". Pure. */

#include <stdbool.h>

struct http_address {
    char host[254]; /* a name, or an address without brackets */
    char port[6];   /* 1..65535 */
};

/* 1..65535, without zeros before it */
bool http_address_is_port(const char *text);

/* Returns 0, or -1 when `text` has another form. */
int http_address_read(struct http_address *address, const char *text);

/* What to connect to on the same host: "all addresses" becomes loopback. */
void http_address_make_local(struct http_address *address);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CALL_H
#define COMMON_CALL_H

/* A push in the provider's words. */

#include "common/content.h"

enum { CALL_HEADERS_MAX = 10 };

struct call {
    char *path;
    char *body;
    enum forwarding forwarding;
    char *headers[CALL_HEADERS_MAX]; /* "name: value"; NULL behind the last */
};

/* Append to the headers, as printf. */
void call_add_header(struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void call_clear(struct call *call);

#endif

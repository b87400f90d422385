/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/call.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void call_add_header(struct call *call, const char *format, ...)
{
    size_t n = 0;
    va_list args;

    while (call->headers[n] != NULL) {
        n++;
    }
    assert(n < CALL_HEADERS_MAX - 1);
    va_start(args, format);
    int length = vasprintf(&call->headers[n], format, args);
    va_end(args);
    assert(length >= 0);
}

void call_clear(struct call *call)
{
    free(call->path);
    free(call->body);
    for (size_t i = 0; i < CALL_HEADERS_MAX; i++) {
        free(call->headers[i]);
    }
    *call = (struct call){0};
}

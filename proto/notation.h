/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_NOTATION_H
#define PROTO_NOTATION_H

/* How hashes, nodes and secrets are written. */

#include <stdbool.h>

enum {
    HASH_DIGITS = 40, /* hex digits of a device or channel: SHA-1 */
    NODE_SIZE = 12,   /* characters of base64 (RFC 4648), as p2 has them: */
    SECRET_SIZE = 24, /* 72 and 144 bits without padding */
};

/* 40 lowercase hex digits? */
bool hash_is_valid(const char *text);

/* 12 characters of base64, as every node that was ever handed out? */
bool node_is_valid(const char *text);

/* 24 of them? */
bool secret_is_valid(const char *text);

#endif

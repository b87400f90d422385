/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/notation.h"

#include <string.h>

static const char HEX[] = "0123456789abcdef";
static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz"
                             "0123456789+/";

/* So many characters, all of these? */
static bool is_of(const char *text, const char *characters, size_t size)
{
    return strlen(text) == size && strspn(text, characters) == size;
}

bool hash_is_valid(const char *text)
{
    return is_of(text, HEX, HASH_DIGITS);
}

bool node_is_valid(const char *text)
{
    return is_of(text, BASE64, NODE_SIZE);
}

bool secret_is_valid(const char *text)
{
    return is_of(text, BASE64, SECRET_SIZE);
}

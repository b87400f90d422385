/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/glimpse.h"

#include <stdio.h>
#include <string.h>

void glimpse_of_hash(char out[GLIMPSE_ROOM], const char *hash)
{
    snprintf(out, GLIMPSE_ROOM, "%s", hash != NULL ? hash : "");
}

void glimpse_of_token(char out[GLIMPSE_ROOM], const char *token)
{
    size_t size = strlen(token);
    size_t shown = size / 4 < GLIMPSE_SIZE ? size / 4 : GLIMPSE_SIZE;

    snprintf(out, GLIMPSE_ROOM, "%s", token + size - shown);
    for (char *c = out; *c != '\0'; c++) {
        if (*c <= ' ' || *c >= 127) {
            *c = '?'; /* it may be half a character */
        }
    }
}

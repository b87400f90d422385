/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_info.h"

#include <stdlib.h>
#include <string.h>

/* The value, up to the end of its line, or NULL. */
static const char *find(const char *info, const char *name)
{
    size_t size = strlen(name);

    for (const char *at = info; (at = strstr(at, name)) != NULL; at += size) {
        if ((at == info || at[-1] == '\n') && at[size] == ':') {
            return at + size + 1;
        }
    }
    return NULL;
}

bool redis_info_text(const char *info, const char *name, char *out, size_t size)
{
    const char *value = find(info, name);

    if (value == NULL) {
        return false;
    }
    size_t length = strcspn(value, "\r\n");
    length = length < size ? length : size - 1;
    memcpy(out, value, length);
    out[length] = '\0';
    return true;
}

int64_t redis_info_number(const char *info, const char *name)
{
    char text[24];
    char *end;

    if (!redis_info_text(info, name, text, sizeof text) || text[0] < '0' ||
        text[0] > '9') {
        return -1;
    }
    long long number = strtoll(text, &end, 10);
    return *end == '\0' ? number : -1;
}

bool redis_info_is(const char *info, const char *name, const char *value)
{
    char text[64];

    return redis_info_text(info, name, text, sizeof text) &&
           strcmp(text, value) == 0;
}

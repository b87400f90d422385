/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/durability.h"

#include <stddef.h>
#include <string.h>

/* Is there this line? Lines end with CR LF. */
static bool says(const char *info, const char *line)
{
    size_t size = strlen(line);

    for (const char *at = info; (at = strstr(at, line)) != NULL; at += size) {
        if ((at == info || at[-1] == '\n') &&
            (at[size] == '\0' || at[size] == '\r' || at[size] == '\n')) {
            return true;
        }
    }
    return false;
}

bool durability_read(const char *info)
{
    return says(info, "aof_enabled:1") &&
           says(info, "aof_last_write_status:ok");
}

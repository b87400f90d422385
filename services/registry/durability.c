/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/durability.h"

#include "services/registry/redis_info.h"

bool durability_read(const char *info)
{
    return redis_info_is(info, "aof_enabled", "1") &&
           redis_info_is(info, "aof_last_write_status", "ok");
}

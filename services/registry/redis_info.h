/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_INFO_H
#define REGISTRY_REDIS_INFO_H

/* What Redis says of itself: lines "name:value" that end with CR LF.
 * https://redis.io/docs/latest/commands/info/ . Pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy the value of a line, cut if it is too long. Returns whether there is
 * one. */
bool redis_info_text(const char *info, const char *name, char *out,
                     size_t size);

/* Its value, or -1: there is none, or it is no whole number of 0 or more. */
int64_t redis_info_number(const char *info, const char *name);

/* Is there this line with this value? */
bool redis_info_is(const char *info, const char *name, const char *value);

#endif

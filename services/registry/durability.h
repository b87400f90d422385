/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_DURABILITY_H
#define REGISTRY_DURABILITY_H

#include <stdbool.h>

/* Does a Redis with this `INFO persistence` keep what it acknowledges, when it
 * is killed? It must have its log on (appendonly) and be able to write it. How
 * much a host that loses power takes along is up to appendfsync, which INFO
 * does not tell. Pure. */
bool durability_read(const char *info);

#endif

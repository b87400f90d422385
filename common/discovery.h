/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_DISCOVERY_H
#define COMMON_DISCOVERY_H

/* Which frontends are there? A name stands for every address that it has, as
 * a headless service of Kubernetes or a scaled service of Compose gives them,
 * and it is resolved again every few seconds, without blocking the loop. */

#include "proto/codec.h"
#include <czmq.h>

typedef struct discovery discovery_t;

/* Calls `on_endpoints` from the loop, at first and whenever anything may have
 * changed, with all endpoints known now: "tcp://192.0.2.7:5750", or ipc:// and
 * numeric ones just as configured. A name that can no longer be resolved keeps
 * the addresses that it had. The strings of `names` are borrowed. */
discovery_t *discovery_new(zloop_t *loop, const struct name_list *names,
                           void (*on_endpoints)(void *arg,
                                                const zlistx_t *endpoints),
                           void *arg);
void discovery_destroy(discovery_t **self_p);

#endif

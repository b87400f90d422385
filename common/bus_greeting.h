/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_GREETING_H
#define COMMON_BUS_GREETING_H

/* Asks a peer whether it wants keys. ZeroMQ cannot tell for certain: of two
 * sides whose mechanisms differ the one that first knows it hangs up, and often
 * before it has sent its own. So this goes up to the point where the peer has
 * told its mechanism and does not know ours, and leaves. */

#include "common/bus.h"

typedef struct bus_greeting bus_greeting_t;

/* Connects to `endpoint` until a greeting has come, which may be never.
 * `on_greeting` is then called once, from the loop, and may destroy it. NULL
 * with errno set when the endpoint makes no sense, or, EMFILE, when there is
 * no descriptor left. */
bus_greeting_t *
bus_greeting_new(bus_t *bus, const char *endpoint,
                 void (*on_greeting)(void *arg, bool wants_keys), void *arg);
/* Null-safe; sets the pointer to NULL. */
void bus_greeting_destroy(bus_greeting_t **self_p);

#endif

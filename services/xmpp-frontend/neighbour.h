/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_NEIGHBOUR_H
#define XMPP_FRONTEND_NEIGHBOUR_H

/* Does a frontend run already? Somebody listens then at our own inbox, or at
 * one of bus.frontends; nothing is said to him, so that he need not even
 * notice. */

#include "common/settings.h"
#include <czmq.h>

typedef struct neighbour neighbour_t;

/* `on_done` is called once, from the loop: with the endpoint at which somebody
 * listens, or NULL when that is nobody. The settings must live as long. Never
 * NULL. */
neighbour_t *neighbour_new(zloop_t *loop, const struct settings *settings,
                           void (*on_done)(void *arg, const char *endpoint),
                           void *arg);
void neighbour_destroy(neighbour_t **self_p);

#endif

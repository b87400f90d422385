/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_BUS_PROBE_H
#define COMMON_BUS_PROBE_H

/* Tries out the way to frontends with the keys of this process: connects to
 * their inboxes, says nothing, and leaves. */

#include "common/bus_pipe.h"
#include "common/checkup.h"

/* How long a frontend may take to answer. */
enum { BUS_PROBE_MS = 4000 };

typedef struct bus_probe bus_probe_t;

/* `names` are endpoints as in bus.frontends; a name stands for all its
 * addresses. `on_done` is called once, from the loop, when it is known of each
 * whether it lets us in. `keys` may be NULL; both and the strings of `names`
 * must live as long. Never NULL. */
bus_probe_t *bus_probe_new(zloop_t *loop, keyring_t *keys,
                           const struct name_list *names,
                           void (*on_done)(void *arg), void *arg);
void bus_probe_destroy(bus_probe_t **self_p);

/* Note under the step "bus" what became of each. */
void bus_probe_tell(const bus_probe_t *self, checkup_t *checkup);

#endif

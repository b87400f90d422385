/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_COMPONENT_H
#define TESTS_LOAD_COMPONENT_H

/* The XMPP server's side of a component's connection (XEP-0114): takes one
 * component at a time, which must know the secret. */

#include "tests/load/answers.h"
#include <poll.h>

typedef struct component component_t;

struct component_conf {
    int port; /* on 127.0.0.1 */
    const char *jid;
    const char *secret;
    void (*on_answer)(void *arg, const struct answer *answer);
    void *arg;
};

/* Strings of `conf` must outlive it. NULL when the port cannot be had, with
 * errno set. */
component_t *component_new(const struct component_conf *conf);
void component_destroy(component_t **self_p);

/* Is there one that has said who it is? */
bool component_is_up(const component_t *self);

/* How often a component was lost. */
unsigned component_losses(const component_t *self);

/* What to poll for, and what to do about it. */
struct pollfd component_poll(const component_t *self);
void component_turn(component_t *self, short happened);

/* Is what was written before gone, or nearly? Else writing more only makes a
 * queue here. */
bool component_has_room(const component_t *self);

/* Copies it; component_flush sends what can be sent now. */
void component_write(component_t *self, const char *bytes, size_t size);
void component_flush(component_t *self);

#endif

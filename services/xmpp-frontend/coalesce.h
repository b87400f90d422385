/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_COALESCE_H
#define XMPP_FRONTEND_COALESCE_H

/* Of many pushes for one target in a short time, few go to the provider, and
 * none is lost. A server may push for each stanza of a session (ejabberd), or
 * twice for one message (Prosody); the phone needs to wake up once.
 *
 * The first push goes at once. When it has been sent a window begins, in which
 * others wait for its end and go as one. A push that has not been sent yet can
 * be joined: the wake-up that it becomes is later than all that have joined, so
 * it is theirs as well. What is urgent does not wait for a window that one
 * began that was not: such a one may reach a phone that sleeps only when it
 * wakes up by itself. So within a window of each other two are sent at most,
 * and then the second is urgent and the first is not.
 *
 * A target is known by what the publish says, which nobody has looked up yet.
 * So what has a wrong secret is joined by its like only; and whoever invents
 * nodes leaves nothing behind, as windows begin with what is sent.
 *
 * Pure: time is an argument, and pushes are the caller's. */

#include "services/xmpp-frontend/siphash.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct coalesce coalesce_t;

/* Strings of the push that is given with it, who outlives its coalesce_close.
 * All but the first two may be NULL. */
struct push_target {
    const char *domain;
    const char *node;
    const char *secret;
    const char *module; /* whatever else chooses the app: see app_choice.h … */
    bool sandbox;       /* … likewise */
};

struct coalesce_conf {
    int64_t window_ms; /* 0: each goes at once, none is joined */
    size_t most;       /* windows that are remembered; past it the oldest are
                          taken for over */
    struct siphash_key key;
};

/* Never NULL. All pushes are closed before the end. */
coalesce_t *coalesce_new(const struct coalesce_conf *conf);
void coalesce_destroy(coalesce_t **self_p);

/* For windows that begin from now on. */
void coalesce_set_window(coalesce_t *self, int64_t window_ms);

/* The push that another one for this target can join, or NULL. */
void *coalesce_find(const coalesce_t *self, const struct push_target *target);

/* One joins it. True when it has waited and goes now, for what has joined is
 * urgent. */
bool coalesce_join(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, int64_t now_ms);

/* There is none to join, and this one can be joined from now on. True when it
 * goes at once, false when coalesce_due will tell. */
bool coalesce_lead(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, void *push, int64_t now_ms);

/* One whose wait is over and that goes now; NULL if there is none (more). */
void *coalesce_due(coalesce_t *self, int64_t now_ms);

/* It is handed to a sender, maybe not for the first time: its window begins,
 * and it cannot be joined. */
void coalesce_sent(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, const void *push, int64_t now_ms);

/* It cannot be joined any more, if it could until now. */
void coalesce_close(coalesce_t *self, const struct push_target *target,
                    const void *push);

/* How many pushes can be joined; how many windows are remembered, in how many
 * bytes, and how many were forgotten too early. */
size_t coalesce_joinable(const coalesce_t *self);
size_t coalesce_windows(const coalesce_t *self);
size_t coalesce_bytes(const coalesce_t *self);
uint64_t coalesce_forgotten(const coalesce_t *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_FORWARDED_H
#define XMPP_FRONTEND_FORWARDED_H

/* What an XMPP server has encrypted for the app, on its way through: nobody
 * here can read it, and it is in no log and no database. Pure.
 * https://xeps.tigase.net/docs/push-notifications/encrypt/ */

#include <stdbool.h>

/* All NULL: there is none. */
struct forwarded {
    char *encrypted;
    char *iv;
    bool is_urgent; /* so was the push that it came with */
};

/* Take a copy of what a notification has; both NULL if it has none. Returns
 * false when it cannot be forwarded: one of them is missing, is no base64 but
 * for blanks at its ends, or is longer than push_request has room for. */
bool forwarded_take(struct forwarded *self, const char *encrypted,
                    const char *iv, bool is_urgent);
void forwarded_drop(struct forwarded *self);

/* One push becomes one with a later one: what is urgent stays, and otherwise
 * what came last, which is what the app would show in the end. `later` has none
 * then. */
void forwarded_merge(struct forwarded *self, struct forwarded *later);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LINK_PAST_H
#define XMPP_FRONTEND_LINK_PAST_H

#include <stdint.h>

/* What is known of a link. All zero at start. */
struct link_past {
    int64_t up_ms;      /* when it last came up, monotonic */
    char why[200];      /* it could not be had when it was last tried … */
    const char *remedy; /* … and what to do; NULL: it could, or was not */
};

/* It could not be had. `text` is what the server has said beside `why`, or
 * NULL; it is cut between characters (UTF-8) if it is long. `remedy` is a
 * constant. Pure. */
void link_past_note(struct link_past *self, const char *why, const char *text,
                    const char *remedy);

#endif

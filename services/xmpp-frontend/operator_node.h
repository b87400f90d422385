/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_OPERATOR_NODE_H
#define XMPP_FRONTEND_OPERATOR_NODE_H

/* What an operator asks of a node, as far as no registry is needed: the node is
 * sealed, or the device token of an app that is stateless. Pure. */

#include "services/xmpp-frontend/trial.h"

struct node_answer {
    const char *why;     /* he gets no answer, for this reason; or NULL */
    char *frame;         /* his answer, malloc'd, or NULL … */
    const char *outcome; /* … and what it is */
    trial_t *trial;      /* owned: what to go on with; or NULL */
};

/* Nothing of `answer` is set when a registry is to be asked, or has more to
 * tell. `now_ms` is on the monotonic clock. */
void operator_node_answer(struct node_answer *answer,
                          const struct settings *settings, const struct msg *m,
                          int64_t now_ms);

#endif

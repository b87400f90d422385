/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_REPLAY_H
#define COMMON_REPLAY_H

/* Whether a push is sent again at once, within the time that its requester
 * waits. Pure. Only what is over at once is worth it: a lost connection or an
 * authorisation that ran out. An outage is not, the frontend defers for it. */

#include "common/http_client.h"
#include "common/judgement.h"

enum { REPLAY_TRIES = 3, REPLAY_MS = 100 };

struct tries {
    unsigned count;    /* requests made so far */
    bool reauthorised; /* one of them with a fresh authorisation */
};

/* Judge a response that is none. */
void replay_judge_failure(enum http_failure failure,
                          struct judgement *judgement);

/* `left_ms` is what remains of the budget. */
bool replay_is_due(const struct judgement *judgement, const struct tries *tries,
                   int64_t left_ms);

#endif

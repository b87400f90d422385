/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_STANDING_H
#define COMMON_STANDING_H

/* How an app stands with its provider. Two decisions rest on it, both pure:
 *
 * - Does the provider really say that a device is dead? Wrong settings of ours
 *   (another environment, topic or project) draw the same words for every
 *   device, and believing them would cost every user the registration. So
 *   words in doubt are believed only while the app is known to work: after a
 *   push that proves it, and for less than STANDING_DOUBTS in a row.
 * - Is it worth asking at all? After a refusal of our credentials, or many
 *   refusals in a row that concern the whole app, the app is held: its pushes
 *   are answered with the last such judgement, and one probe at a time finds
 *   out when it is over. Providers punish those who go on asking. */

#include "common/judgement.h"
#include <stdbool.h>

enum {
    STANDING_DOUBTS = 10,                /* in a row, then disbelieved */
    STANDING_WINDOW_MS = 30 * 60 * 1000, /* a row is not longer than this */
    STANDING_FAULTS = 10,                /* in a row, then held */
    STANDING_HOLD_MS = 1000,             /* at first, doubled up to … */
    STANDING_HOLD_MAX_MS = 60 * 1000,    /* … this */
    STANDING_PROBE_MS = 10 * 1000,       /* a probe that stays silent */
};

/* All zero at start. */
struct standing {
    bool proven;            /* the provider took a push of this app */
    unsigned doubts;        /* in a row */
    int64_t doubts_from_ms; /* when the row began */
    unsigned faults;        /* in a row that reach the whole app */
    unsigned holds;         /* in a row */
    int64_t held_until_ms;  /* or 0 */
    struct judgement last;  /* why it is held */
};

/* Returns true when a push may go out now. Else `answer` says what to answer
 * instead. `now_ms` is on the monotonic clock, as below. */
bool standing_admits(struct standing *self, int64_t now_ms,
                     struct judgement *answer);

/* Take in what the provider said. A GONE in doubt that is not believed becomes
 * MISCONFIGURED. */
void standing_note(struct standing *self, struct judgement *judgement,
                   int64_t now_ms);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_ADMISSION_H
#define XMPP_FRONTEND_ADMISSION_H

/* How many pushes may wait for a worker. A burst is taken whole as long as the
 * ledger has room for it: the queue that it makes is over soon. A queue that
 * does not end only makes everybody late, however long it may be: so when
 * pushes have been turned away for ADMISSION_LASTING_MS on end, no more may
 * wait than are done in ADMISSION_WAIT_MS, as much as is being done now; who
 * comes beyond is told so at once. (The idea of a queue that is judged by how
 * long it stands and not by its length is that of CoDel, RFC 8289.)
 *
 * It is over when nobody had to be turned away for ADMISSION_QUIET_MS. And
 * after ADMISSION_LONGEST_MS at most it is tried whether it still is so: what
 * could not be carried may be kept in Redis by now, see exchanges_work.c.
 *
 * Pure: time is an argument. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ADMISSION_TURN_MS = 100, /* about, between two calls of admission_turn */
    ADMISSION_LASTING_MS = 5000,
    ADMISSION_GAP_MS = 500, /* without one turned away, and it is a new burst */
    ADMISSION_WAIT_MS = 250,
    ADMISSION_QUIET_MS = 1000,
    ADMISSION_LONGEST_MS = 60000,
    ADMISSION_LEAST = 100, /* may wait in any case */
    ADMISSION_TURNS = 10,  /* over which is measured how much is done */
};

/* No limit but the ledger's own. */
#define ADMISSION_ANY SIZE_MAX

/* What has happened so far, in numbers that only grow. */
struct admission_counts {
    uint64_t ended;       /* of what was let in */
    uint64_t turned_away; /* for want of room */
};

/* All zero at start. */
struct admission {
    struct {
        int64_t at_ms;
        uint64_t ended;
    } past[ADMISSION_TURNS];
    size_t turns;         /* so far */
    uint64_t turned_away; /* until the last turn */
    bool has_refused;     /* ever, the last time … */
    int64_t refused_ms;   /* … then */
    int64_t burst_ms;     /* since when, with no gap */
    bool is_overloaded;
    int64_t overloaded_ms; /* since when */
    uint64_t times;        /* that it became so */
    size_t room;
};

/* Look at it; to be called every ADMISSION_TURN_MS. */
void admission_turn(struct admission *self,
                    const struct admission_counts *counts, int64_t now_ms);

/* How many may wait for a worker, or ADMISSION_ANY. */
size_t admission_room(const struct admission *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_SCHEDULE_H
#define TESTS_LOAD_SCHEDULE_H

/* When each request of a run is to be sent. Pure.
 *
 * Closed loop: always `window` of them are on the way. Open loop: at a rate,
 * whatever becomes of those before, as users do it. There each request has a
 * time at which it is due, and its latency counts from then and not from when
 * it could be sent: a server that stalls has kept all waiting that were due
 * meanwhile. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCHEDULE_STEPS_MAX = 8,
    /* Above this rate it would take more to wake up for each than to send it:
     * there are pauses of this length, and then all go that were due. */
    SCHEDULE_SINGLY = 5000,
    SCHEDULE_REST_US = 1000,
};

/* A window or a rate, for so long. */
struct schedule_step {
    double amount; /* on the way at once, or a second; > 0 */
    double seconds;
};

struct schedule {
    bool is_open;
    size_t count; /* of steps */
    struct schedule_step steps[SCHEDULE_STEPS_MAX];
    size_t step;       /* the one it is in; `count` when all are over */
    int64_t begin_us;  /* of that step */
    uint64_t in_step;  /* requests due in it so far */
    uint64_t requests; /* due so far, in all steps */
};

/* Fill `steps` from text such as 3000x60,500x10: amount, x, seconds. Returns
 * 0, or -1 when it is nothing of that kind. */
int schedule_read(struct schedule *self, bool is_open, const char *text);

void schedule_begin(struct schedule *self, int64_t now_us);

/* Is a request to be sent now? True, and `due_us` since when; call it until it
 * says no. What was due in a step comes even if that step is over. */
bool schedule_next(struct schedule *self, int64_t now_us, size_t on_the_way,
                   int64_t *due_us);

/* Nothing will be due any more. */
bool schedule_is_over(const struct schedule *self);

/* Microseconds from `now_us` until schedule_next is to be asked again, if no
 * answer comes before; -1 when it is over. */
int64_t schedule_pause_us(const struct schedule *self, int64_t now_us);

/* All steps together. */
double schedule_seconds(const struct schedule *self);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_OUTCOME_H
#define TESTS_LOAD_OUTCOME_H

/* What became of the requests of one run: each is answered once, or not at
 * all. Pure. */

#include "tests/load/latency.h"
#include <jansson.h>
#include <stddef.h>

enum { ERRORS_MAX = 16 }; /* kinds */

/* Of the requests that were due in one second of the run. */
struct outcome_second {
    uint64_t results;
    uint64_t errors;
    uint64_t got; /* results that came in this second, due whenever */
    int64_t result_max_us;
    int64_t error_max_us;
};

struct outcome {
    uint64_t first_id; /* of the run; ids go up by one */
    int64_t begin_us;
    double seconds;  /* in which requests are due */
    int64_t *due_us; /* of each request; ANSWERED when it was */
    size_t sent;
    size_t room;
    uint64_t results;
    uint64_t in_time; /* results that came before the run's time was up */
    uint64_t surplus; /* answers to nothing, or to what was answered before */
    struct latency result_latency;
    struct latency error_latency;
    struct {
        char name[96]; /* type/condition */
        uint64_t count;
    } errors[ERRORS_MAX + 1]; /* the last one for all other kinds */
    struct outcome_second *by_second;
    size_t second_count;
};

/* With 0 seconds it lasts until outcome_end. */
void outcome_begin(struct outcome *self, uint64_t first_id, int64_t begin_us,
                   double seconds);
void outcome_end(struct outcome *self, int64_t now_us);
void outcome_free(struct outcome *self);

/* Returns the id of the request. */
uint64_t outcome_send(struct outcome *self, int64_t due_us);

/* A result, or an error of this type and condition, to the request `id`.
 * Returns 0, or -1 when it answers nothing that is open. */
int outcome_result(struct outcome *self, uint64_t id, int64_t now_us);
int outcome_error(struct outcome *self, uint64_t id, const char *type,
                  const char *condition, int64_t now_us);

/* Requests without an answer. */
size_t outcome_open(const struct outcome *self);

/* All of it, for others to read; the caller's. */
json_t *outcome_report(const struct outcome *self);

#endif

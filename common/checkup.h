/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CHECKUP_H
#define COMMON_CHECKUP_H

/* What an examination has found, step by step: the result of --self-test, and
 * of `wakebusctl doctor`, which puts several together. It is read by people
 * and may end up in a bug report: nothing secret, and no identifier of a user
 * or a device, belongs in it. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum finding_state {
    FINDING_OK,
    FINDING_WARNING, /* it works today, but not for ever, or not for all */
    FINDING_FAULT,
    FINDING_SKIPPED, /* not done, because of something else */
};

struct finding {
    enum finding_state state;
    char step[96];    /* "bus", "redis.log", "ios.push" */
    char text[320];   /* what was found; of a skipped step why it was */
    char remedy[320]; /* what to do, or empty */
};

typedef struct checkup checkup_t;

/* Never NULL. */
checkup_t *checkup_new(void);
void checkup_destroy(checkup_t **self_p);

/* Say that there will be a finding for this step: findings are told in the
 * order in which their steps were announced. */
void checkup_expect(checkup_t *self, const char *step);

/* Add a finding; a step may have several. One that nobody announced is told
 * last. `remedy` may be NULL; the text is as with printf, and cut if long. */
void checkup_note(checkup_t *self, const char *step, enum finding_state state,
                  const char *remedy, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* What was announced and not found until now is a fault, with this text. */
void checkup_conclude(checkup_t *self, const char *text);

/* How many are in that state. */
size_t checkup_count(const checkup_t *self, enum finding_state state);

/* In their order; borrowed. */
size_t checkup_size(const checkup_t *self);
const struct finding *checkup_finding(const checkup_t *self, size_t index);

/* ---- for people ---- */

/* A table, with each remedy below its fault, in at most 80 columns. */
void checkup_print(const checkup_t *self, FILE *to, bool colours);

/* "no faults", "2 faults, 1 warning"; `size` 64 is enough. */
void checkup_summary(size_t faults, size_t warnings, char *out, size_t size);

/* Shall what goes to this file have colours? On a terminal, unless the
 * environment has NO_COLOR (no-color.org). */
bool checkup_wants_colours(FILE *to);

/* ---- for programs ---- */

/* An object a line:
 * {"service":"registry","step":"redis.log","state":"fault","text":"…",
 *  "remedy":"…"} */
void checkup_print_json(const checkup_t *self, FILE *to, const char *service);

/* Append the same objects to an array. */
void checkup_add_json(const checkup_t *self, const char *service,
                      json_t *array);

/* Add the finding of such a line. Returns 0, or -1 when it is none. */
int checkup_read_json(checkup_t *self, const char *line);

#endif

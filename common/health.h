/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_HEALTH_H
#define COMMON_HEALTH_H

/* Can a process do its work? A list of checks; it is ready when all are ok.
 * Names and reasons are read by whoever can ask: nothing secret, and no
 * identifier of a user or a device, belongs in them. Pure. */

#include "common/settings.h"

enum { HEALTH_CHECKS_MAX = APPS_MAX + 4 };

struct health_check {
    char name[72]; /* "redis", "sender.<app>" */
    bool ok;
    char why[232]; /* what to do, if it is not ok */
};

/* All zero at start. */
struct health {
    size_t count;
    struct health_check checks[HEALTH_CHECKS_MAX];
};

/* At most HEALTH_CHECKS_MAX times. `why` counts only if it is not ok. */
void health_add(struct health *self, const char *name, bool ok,
                const char *why);

bool health_is_ready(const struct health *self);

/* In a line, for people: "serving", or what it waits for and why:
 * "waiting for redis: OOM: give Redis more memory (and 2 more)". */
enum { HEALTH_LINE_SIZE = 340 };
void health_line(const struct health *self, char out[HEALTH_LINE_SIZE]);

/* As JSON, malloc'd:
 * {"ready":false,"checks":[{"name":"redis","ok":false,"why":"…"}]} */
char *health_print(const struct health *self);

#endif

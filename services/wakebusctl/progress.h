/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_PROGRESS_H
#define WAKEBUSCTL_PROGRESS_H

/* How far something is that takes a while, in one line of a terminal. Where
 * standard error is none, nothing is shown. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what; /* "import" */
    size_t total;     /* 0: not known */
    int64_t begun_ms; /* monotonic */
    int64_t shown_ms;
    bool on;
};

void progress_begin(struct progress *self, const char *what, size_t total);
void progress_show(struct progress *self, size_t done);
/* The same in other words, or so many of them as there is room for. */
void progress_say(struct progress *self, const char *words);
void progress_end(struct progress *self);

enum { PROGRESS_ROOM = 80 };

/* The line, after so many milliseconds. Pure. */
void progress_line(char out[PROGRESS_ROOM], const struct progress *self,
                   size_t done, int64_t ms);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_CHILD_H
#define WAKEBUSCTL_CHILD_H

/* Programs that are run for what they print, several at the same time. */

#include <stddef.h>
#include <stdint.h>

typedef struct child child_t;

struct child_conf {
    const char *program;     /* looked for beside this one, then in PATH */
    const char *const *argv; /* NULL-terminated, its name first */
    const char *directory;   /* to run it in, or NULL: where we are */
};

/* NULL with errno set when it cannot be started; ENOENT: there is none. It
 * reads nothing from standard input. */
child_t *child_start(const struct child_conf *conf);
void child_destroy(child_t **child_p);

/* Wait until all of them have ended; who has not in `patience_ms` is killed.
 * `children` may hold NULLs. */
void children_wait(child_t *const *children, size_t count, int64_t patience_ms);

/* Once they have been waited for: what it exited with, or 128 and the number
 * of the signal that ended it. */
int child_status(const child_t *self);

/* What it has written to standard output and error; borrowed. What is past a
 * megabyte is left out. */
const char *child_output(const child_t *self);
const char *child_errors(const child_t *self);

#endif

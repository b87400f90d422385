/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_SECRET_FILE_H
#define WAKEBUSCTL_SECRET_FILE_H

/* A file that nobody but its owner may read, and that is there as a whole or
 * not at all: until then it has another name. */

#include <stdbool.h>
#include <stdio.h>

struct secret_file {
    FILE *out;
    char *path;  /* NULL: it is standard output */
    char *draft; /* its name until it is whole */
};

/* `path` NULL is standard output. Returns 0, or -1 with errno set. */
int secret_file_open(struct secret_file *self, const char *path);

/* It is whole: to the disk with it. Returns 0, or -1 with errno set, and then
 * there is nothing. What had the name before is replaced. */
int secret_file_keep(struct secret_file *self);

/* It is not: nothing is left of it. Does nothing after the above. */
void secret_file_discard(struct secret_file *self);

#endif

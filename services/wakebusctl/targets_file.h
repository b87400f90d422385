/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_TARGETS_FILE_H
#define WAKEBUSCTL_TARGETS_FILE_H

/* A file of targets, in whichever of the formats: own_format.h, p2_table.h. */

#include "services/wakebusctl/p2_table.h"
#include "services/wakebusctl/target_rows.h"

enum targets_format {
    FORMAT_ANY, /* find out */
    FORMAT_OWN,
    FORMAT_P2,
};

struct targets_file {
    enum targets_format format;
    struct target_rows rows; /* those without a fault */
    struct faults faults;    /* all that is wrong */
    char *text;              /* which the rows point into */
};

/* Read `path`, or standard input for "-". `format` is what it must be. Returns
 * 0, or -1 with errno set when it cannot be read. Free it in either case. */
int targets_file_read(struct targets_file *self, const char *path,
                      enum targets_format format, const struct p2_apps *apps);

/* The same of a text of `size` bytes, with room for one more behind it. It was
 * malloc'd and is freed with the rest. Pure. */
void targets_file_parse(struct targets_file *self, char *text, size_t size,
                        enum targets_format format, const struct p2_apps *apps);

void targets_file_free(struct targets_file *self);

#endif

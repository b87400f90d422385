/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_TARGET_ROWS_H
#define WAKEBUSCTL_TARGET_ROWS_H

/* Targets as a file has them. Pure. */

#include "services/wakebusctl/faults.h"
#include <stdbool.h>
#include <stdint.h>

/* NULL and 0 for what is missing. */
struct target_row {
    size_t line;
    const char *app;
    const char *device;
    const char *channel;
    const char *domain;
    const char *token;
    const char *node;
    const char *secret;
    int64_t created_ms;
    int64_t renewed_ms;
};

struct target_rows {
    size_t seen; /* in the file, faulty ones as well */
    size_t count;
    size_t room;
    struct target_row *items;
};

void target_rows_add(struct target_rows *self, const struct target_row *row);
void target_rows_free(struct target_rows *self);

/* Is it one that a registry takes? Else one fault for each member that is not,
 * and -1. */
int target_row_check(const struct target_row *row, struct faults *faults);

/* Those of an app that is not known go, and become faults. */
void target_rows_check_apps(struct target_rows *self, struct faults *faults,
                            bool (*is_known)(const void *arg, const char *app),
                            const void *arg);

/* Of each node one row stays, the first; of each device with its channel and
 * app as well. The others become faults. */
void target_rows_check_nodes(struct target_rows *self, struct faults *faults);
void target_rows_check_places(struct target_rows *self, struct faults *faults);

#endif

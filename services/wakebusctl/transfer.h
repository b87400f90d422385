/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_TRANSFER_H
#define WAKEBUSCTL_TRANSFER_H

/* Gives targets to the registries, many at once, until each of them is in. */

#include "services/wakebusctl/client.h"
#include "services/wakebusctl/target_rows.h"

struct transfer {
    size_t imported;
    size_t kept;  /* here they are newer */
    size_t taken; /* another device has that node; each is a fault, too */
};

/* What cannot be done now is tried again for as long as anything else gets
 * done, and a while longer. Returns 0 when all were answered; else it has said
 * why not, and returns the exit status. */
int transfer_run(struct transfer *self, client_t *client,
                 const struct target_rows *rows, struct faults *faults);

#endif

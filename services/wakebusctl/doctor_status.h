/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_DOCTOR_STATUS_H
#define WAKEBUSCTL_DOCTOR_STATUS_H

/* What `wakebusctl status --json` says of a running deployment, as findings:
 * which frontends there are, how their links are, and whether there is a
 * worker for everything. Pure. */

#include "common/checkup.h"

struct doctor_scope {
    const char *app;   /* the only one that counts, or NULL: all do */
    bool is_stateless; /* what counts needs no registry */
};

/* Why there is none. */
extern const char DOCTOR_NO_NEED[];

/* Returns 0, or -1 when `json` is not what status prints. */
int doctor_status(checkup_t *checkup, const char *json,
                  const struct doctor_scope *scope);

#endif

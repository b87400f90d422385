/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_DOCTOR_STATUS_H
#define WAKEBUSCTL_DOCTOR_STATUS_H

/* What `wakebusctl status --json` says of a running deployment, as findings:
 * which frontends there are, how their links are, and whether there is a
 * worker for everything. Pure. */

#include "common/checkup.h"

/* `app` is the only one that counts, or NULL: all do. Returns 0, or -1 when
 * `json` is not what status prints. */
int doctor_status(checkup_t *checkup, const char *json, const char *app);

#endif

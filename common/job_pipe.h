/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_JOB_PIPE_H
#define COMMON_JOB_PIPE_H

/* Where a worker takes jobs from one frontend: a socket that the frontend can
 * reach, and the address to tell it. */

#include "common/bus_pull.h"

struct job_pipe_place {
    const char *frontend;  /* endpoint of its inbox */
    const char *advertise; /* an address, or "auto" */
    bool is_encrypted;     /* so that it may be open to the network */
    const char *worker;    /* id, and … */
    unsigned serial;       /* … a number, no pipe of this worker had it */
};

/* Binds a socket. `address` is set to what the frontend is to connect to, and
 * to be freed. Returns NULL when there is no way to the frontend now. */
bus_pull_t *job_pipe_bind(bus_t *bus, const struct job_pipe_place *place,
                          const struct bus_pull_events *events, char **address);

#endif

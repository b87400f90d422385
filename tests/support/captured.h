/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_CAPTURED_H
#define SUPPORT_CAPTURED_H

/* Run a function in a child process and see what it leaves behind: for code
 * that writes to standard error, reads the environment or ends the process. */

enum { CAPTURED_MAX = 64 * 1024 };

struct captured {
    int status;             /* what `act` returned, 0..255, or -1: it died */
    char out[CAPTURED_MAX]; /* standard output, as a string */
    char err[CAPTURED_MAX]; /* standard error */
};

void capture(struct captured *captured, int (*act)(void *arg), void *arg);

#endif

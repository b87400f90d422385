/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_FAULTS_H
#define WAKEBUSCTL_FAULTS_H

/* What is wrong with a file. Of very many only the first are kept, but all are
 * counted. Texts are constants: what stands in the file is secret. */

#include <stddef.h>

enum { FAULTS_KEPT = 50 };

struct file_fault {
    size_t line;        /* 0: of the whole file */
    size_t other_line;  /* that it does not agree with, or 0 */
    const char *member; /* or NULL: of the whole line */
    const char *why;
};

struct faults {
    size_t count;
    struct file_fault kept[FAULTS_KEPT]; /* so many, or fewer */
};

void faults_add(struct faults *self, const struct file_fault *fault);

#endif

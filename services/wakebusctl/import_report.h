/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_IMPORT_REPORT_H
#define WAKEBUSCTL_IMPORT_REPORT_H

/* What an import tells: of faults by their line, and what became of the rest.
 */

#include "services/wakebusctl/targets_file.h"
#include "services/wakebusctl/transfer.h"
#include <stdbool.h>

struct import_report {
    const char *path;
    const struct targets_file *file;
    const struct transfer *transfer;
    size_t faulty; /* targets of the file that were left out */
    bool dry_run;
    bool refused; /* because of the faults nothing was begun */
};

/* For people: faults on standard error, the rest on standard output. */
void import_report_print(const struct import_report *self);

/* For scripts: one object on standard output. */
void import_report_print_json(const struct import_report *self);

#endif

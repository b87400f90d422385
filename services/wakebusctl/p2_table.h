/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_P2_TABLE_H
#define WAKEBUSCTL_P2_TABLE_H

/* The table of p2 (github.com/iNPUTmice/p2), as MariaDB and MySQL give it away:
 *
 *     mysqldump --tab, with tabs or with --fields-terminated-by=, and
 *     --fields-enclosed-by='"': no header, the columns in the table's order
 *     mysql --batch: tabs and a header
 *     CSV with a header, RFC 4180
 *
 * With a header the columns may come in any order, and ones that p2 does not
 * have are left alone. Pure. */

#include "services/wakebusctl/target_rows.h"
#include <stdbool.h>

/* p2 knows a service where Wakebus knows apps. NULL: there is none. */
struct p2_apps {
    const char *fcm;
    const char *apns;
};

/* Add the rows of a text of `size` bytes, with room for one more behind it. It
 * is changed, and the rows point into it. */
void p2_table_read(struct target_rows *rows, struct faults *faults, char *text,
                   size_t size, const struct p2_apps *apps);

#endif

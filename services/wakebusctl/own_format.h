/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_OWN_FORMAT_H
#define WAKEBUSCTL_OWN_FORMAT_H

/* Targets as JSON Lines (jsonlines.org): one object a line.
 *
 *     {"format":"wakebus-targets","version":1}
 *     {"app":…,"device":…,"channel":…,"domain":…,"token":…,"node":…,"secret":…,
 *      "created":1780000000000,"renewed":1790000000000}
 *     …
 *     {"targets":2}
 *
 * The members are those of target.import; the times are Unix milliseconds, and
 * like `channel` are left out where there is none. The last line has the number
 * of targets, so that a file that was cut short is noticed. Pure. */

#include "services/wakebusctl/target_rows.h"
#include <stdbool.h>

/* Does a text of `size` bytes look like it? */
bool own_format_is(const char *text, size_t size);

/* Add the rows of a text of `size` bytes, with room for one more behind it. It
 * is changed, and the rows point into it. */
void own_format_read(struct target_rows *rows, struct faults *faults,
                     char *text, size_t size);

/* A line of a file with its line end, to be freed by the caller. NULL when the
 * row is not UTF-8. */
char *own_format_head(void);
char *own_format_row(const struct target_row *row);
char *own_format_end(size_t targets);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_SCRATCH_DIR_H
#define SUPPORT_SCRATCH_DIR_H

/* For tests of code that reads files: work in an empty directory of one's own,
 * so that names can be short and the same each time. Both serve as fixtures of
 * a cmocka group. */
int scratch_dir_enter(void **state);
int scratch_dir_leave(void **state);

/* Write a file there. */
void scratch_file(const char *name, const char *text);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_VERSION_H
#define COMMON_VERSION_H

extern const char VERSION_NUMBER[]; /* "0.1.0" */

/* What it was built from, "6053e9c1f0aa", with "-dirty" behind it if that was
 * not all committed; "unknown" when it was not built from a repository. */
extern const char VERSION_COMMIT[];

extern const char VERSION_TEXT[]; /* "0.1.0 (cc563994c86b)" */

/* "wakebus-registry 0.1.0 (6053e9c1f0aa)" on standard output. */
void version_print(const char *program);

#endif

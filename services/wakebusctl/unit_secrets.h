/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_UNIT_SECRETS_H
#define WAKEBUSCTL_UNIT_SECRETS_H

/* Where relative paths of wakebus.json lead, with systemd: to the secrets of
 * the unit, under the names that LoadCredential= gives them. They are there
 * only while the unit runs. This is the same view of the files that they are
 * made from, for who has to run a program by hand. */

#include <stdbool.h>

enum { UNIT_SECRETS_ROOM = 64 };

/* Make a directory of links for the program with that role, its name in `out`:
 *     secrets/NAME              NAME
 *     secrets/DIRECTORY/NAME    DIRECTORY_NAME
 *     keys/ROLE.key_secret      curve-key
 * Both are below `base`, "/etc/wakebus". Returns false with errno set when that
 * cannot be; ENOENT: there are no secrets. */
bool unit_secrets_make(const char *base, const char *role,
                       char out[UNIT_SECRETS_ROOM]);

/* Remove it. */
void unit_secrets_remove(const char *directory);

#endif

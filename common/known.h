/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_KNOWN_H
#define COMMON_KNOWN_H

/* The members that a configuration can have, by their paths: "xmpp.host". What
 * is in a file or the environment and is none of them is a slip, and this
 * tells what may have been meant. Pure. */

#include <stdbool.h>

typedef struct known known_t;

/* Never NULL. */
known_t *known_new(void);
void known_destroy(known_t **self_p);

/* A path that ends in a dot is a group that may be empty. */
void known_add(known_t *self, const char *path);

bool known_is_member(const known_t *self, const char *path);
bool known_is_group(const known_t *self, const char *path);

/* Is it the environment variable of a member? */
bool known_is_variable(const known_t *self, const char *variable);

/* The member or group that is nearest to a path among those of the same group;
 * the variable that is nearest to another one. Malloc'd; NULL when none looks
 * alike. */
char *known_near_path(const known_t *self, const char *path);
char *known_near_variable(const known_t *self, const char *variable);

/* The environment variable of a path: WAKEBUS_XMPP_HOST. */
#define VARIABLE_PREFIX "WAKEBUS_"
enum { VARIABLE_SIZE = 200 };
void known_variable(const char *path, char out[VARIABLE_SIZE]);

#endif

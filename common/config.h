/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

/* Reads a JSON file and the environment into structs, by table. Knows nothing
 * of what the settings mean: that is settings.c. */

#include "common/notes.h"
#include "common/setting.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct config config_t;

/* A table, and where in the file it applies: "" for the whole file, or
 * "apps.ios" for a group. `audience` is compared with needed_by. */
struct config_scope {
    const struct setting *table;
    size_t count;
    const char *prefix;
    const char *audience;
};

/* `path` may be NULL or, if `optional`, name a file that is not there: then
 * only the environment counts. Never NULL; a file that cannot be read or is
 * not JSON is a fault. */
config_t *config_open(const char *path, bool optional);
void config_close(config_t **self_p);

/* Fill `to` from environment, file and defaults. Strings and objects are owned
 * by the config. What is missing or wrong is a fault and stays zero. */
void config_read(config_t *self, const struct config_scope *scope, void *to);

/* Names of the members of an object in the file, e.g. of "apps"; at most
 * `max` are written, borrowed. Returns how many there are. */
size_t config_members(config_t *self, const char *prefix, const char **names,
                      size_t max);

/* Note a fault: the member's path, what is wrong, and what to do. */
void config_fault(config_t *self, const char *path, const char *what,
                  const char *remedy);

/* The same for what works today, but not for ever. */
void config_warn(config_t *self, const char *path, const char *what,
                 const char *remedy);

/* After all reads: every member of the file, and every variable WAKEBUS_… of
 * the environment, that no read has asked for is a fault. */
void config_refuse_unknown(config_t *self);

/* All that is wrong so far; borrowed. */
notes_t *config_notes(config_t *self);

/* Print them on standard error, one a line. Returns how many faults. */
size_t config_report(const config_t *self);

/* What was read, as JSON without the secrets, to be freed by the caller. */
char *config_print(const config_t *self);

#endif

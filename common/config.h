/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

/* Reads a JSON file and the environment into structs, by table. Knows nothing
 * of what the settings mean: that is settings.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* C type of the member: const char *, the same, int64_t, bool, an enum,
 * struct name_list. A list is an array of strings, in the environment with
 * spaces or commas between them. */
enum setting_kind {
    SETTING_TEXT,
    SETTING_SECRET, /* never printed; may stand in a file, see NAME_file */
    SETTING_INT,
    SETTING_BOOL,
    SETTING_WORD,
    SETTING_LIST,
};

struct setting {
    const char *name; /* "xmpp.host", or a member's name in a group */
    enum setting_kind kind;
    size_t offset;            /* of the member in its struct */
    const char *fallback;     /* default, as in the environment, or NULL */
    int64_t min, max;         /* of a number, or bytes of a text */
    const char *const *words; /* SETTING_WORD: NULL-terminated */
    const char *needed_by;    /* who cannot do without, or NULL: nobody; nobody
                               * else opens the file of a secret, and one that
                               * may be empty (min 0) is not required */
    const char *help;         /* what it is: one line, also the remedy */
};

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

/* Fill `to` from environment, file and defaults. Strings are owned by the
 * config. What is missing or wrong is a fault and stays zero. */
void config_read(config_t *self, const struct config_scope *scope, void *to);

/* Names of the members of an object in the file, e.g. of "apps"; at most
 * `max` are written, borrowed. Returns how many there are. */
size_t config_members(config_t *self, const char *prefix, const char **names,
                      size_t max);

/* Note a fault: the member's path, what is wrong, and what to do. */
void config_fault(config_t *self, const char *path, const char *what,
                  const char *remedy);

/* After all reads: every member of the file that no read has asked for is a
 * fault. */
void config_refuse_unknown(config_t *self);

/* Print all faults on standard error, one a line. Returns how many. */
size_t config_report(const config_t *self);

/* What was read, as JSON without the secrets, to be freed by the caller. */
char *config_print(const config_t *self);

/* The environment variable of a path: WAKEBUS_XMPP_HOST. */
void config_variable(const char *path, char *out, size_t size);

#endif

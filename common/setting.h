/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SETTING_H
#define COMMON_SETTING_H

/* One member of a configuration, as a line of a table. Pure. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* C type of the member: const char *, the same, int64_t, bool, an enum,
 * struct name_list, json_t *. A list is an array of strings, in the
 * environment with spaces or commas between them; an object is JSON there as
 * well. */
enum setting_kind {
    SETTING_TEXT,
    SETTING_SECRET, /* never printed; may stand in a file, see NAME_file */
    SETTING_INT,
    SETTING_BOOL,
    SETTING_WORD,
    SETTING_LIST,
    SETTING_OBJECT, /* what is in it is for who asked for it to look at */
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

/* Has it the same value in both structs? */
bool setting_is_same(const struct setting *setting, const void *a,
                     const void *b);

/* Strings are not copied: they must live as long as both structs. */
void setting_copy(const struct setting *setting, void *to, const void *from);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_FLAT_H
#define PROTO_FLAT_H

/* The messages that there are many of, read fast: JSON objects whose members
 * are strings and integers, in ASCII. Whatever is not as plain as that, or is
 * wrong, is left to jansson, which takes ten times as long: it has the last
 * word on what is JSON. */

#include <stddef.h>
#include <stdint.h>

enum { FLAT_MEMBERS_MAX = 24 };

struct flat_member {
    const char *name;
    const char *string; /* NULL: it is a number */
    size_t size;        /* of the string */
    int64_t number;
};

struct flat {
    size_t count;
    struct flat_member members[FLAT_MEMBERS_MAX];
    char text[]; /* the frame; names and strings end with NUL in it */
};

/* Free it with free(). NULL when jansson should look at it. */
struct flat *flat_read(const char *frame, size_t size);

/* NULL if it has none of that name. */
const struct flat_member *flat_find(const struct flat *self, const char *name);

#endif

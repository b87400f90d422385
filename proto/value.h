/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_VALUE_H
#define PROTO_VALUE_H

/* What a member of a message is, however the message was read; for proto/
 * alone. */

#include "proto/codec.h"
#include "proto/flat.h"

struct value {
    enum { ABSENT, STRING, INTEGER, OTHER } kind;
    const char *string; /* STRING, and its size in bytes */
    int64_t size;
    int64_t number;     /* INTEGER */
    const json_t *json; /* OTHER */
};

struct value value_in_flat(const struct flat *flat, const char *name);
struct value value_in_json(const json_t *object, const char *name);

/* In the one of them that is not NULL. */
static inline struct value value_in(const struct flat *flat,
                                    const json_t *object, const char *name)
{
    return flat != NULL ? value_in_flat(flat, name)
                        : value_in_json(object, name);
}

#endif

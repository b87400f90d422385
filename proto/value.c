/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/value.h"

struct value value_in_flat(const struct flat *flat, const char *name)
{
    const struct flat_member *member = flat_find(flat, name);

    if (member == NULL) {
        return (struct value){.kind = ABSENT};
    }
    if (member->string == NULL) {
        return (struct value){.kind = INTEGER, .number = member->number};
    }
    return (struct value){.kind = STRING,
                          .string = member->string,
                          .size = (int64_t)member->size};
}

struct value value_in_json(const json_t *object, const char *name)
{
    const json_t *json = json_object_get(object, name);

    if (json == NULL) {
        return (struct value){.kind = ABSENT};
    }
    if (json_is_integer(json)) {
        return (struct value){.kind = INTEGER,
                              .number = json_integer_value(json)};
    }
    if (json_is_string(json)) {
        return (struct value){.kind = STRING,
                              .string = json_string_value(json),
                              .size = (int64_t)json_string_length(json)};
    }
    return (struct value){.kind = OTHER, .json = json};
}

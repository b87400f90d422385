/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/field.h"
#include "proto/value.h"
#include <string.h>

int refuse(struct proto_err *err, const char *field, const char *why)
{
    err->field = field;
    err->why = why;
    return -1;
}

bool in_bounds(const struct field *f, int64_t n)
{
    return n >= f->min && n <= f->max;
}

static int word_index(const char *const *words, const char *word)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

static int decode_list(const struct field *f, const struct value *value,
                       struct name_list *list, struct proto_err *err)
{
    if (value->kind != OTHER || !json_is_array(value->json)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (json_array_size(value->json) > PROTO_LIST_MAX) {
        return refuse(err, f->name, "too many items");
    }
    list->count = json_array_size(value->json);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *item = json_array_get(value->json, i);
        if (!json_is_string(item)) {
            return refuse(err, f->name, "has an item that is no string");
        }
        if (!in_bounds(f, (int64_t)json_string_length(item))) {
            return refuse(err, f->name, "has an item out of bounds");
        }
        list->items[i] = json_string_value(item);
    }
    return 0;
}

static int decode_string(const struct field *f, const struct value *value,
                         const char **text, struct proto_err *err)
{
    if (value->kind != STRING) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, value->size)) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    *text = value->string;
    return 0;
}

static int decode_int(const struct field *f, const struct value *value,
                      int64_t *number, struct proto_err *err)
{
    if (value->kind != INTEGER) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, value->number)) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    *number = value->number;
    return 0;
}

static int decode_enum(const struct field *f, const struct value *value,
                       int *number, struct proto_err *err)
{
    if (value->kind != STRING) {
        return refuse(err, f->name, MISTYPED);
    }
    *number = word_index(f->names, value->string);
    if (*number < 0) {
        return refuse(err, f->name, "not one of the words that are allowed");
    }
    return 0;
}

static void decode_absent(const struct field *f, char *member)
{
    switch (f->kind) {
    case FIELD_STRING:
        *(const char **)(void *)member = NULL;
        break;
    case FIELD_INT:
        *(int64_t *)(void *)member = 0;
        break;
    case FIELD_ENUM:
        *(int *)(void *)member = 0;
        break;
    case FIELD_LIST:
        ((struct name_list *)(void *)member)->count = 0;
        break;
    case FIELD_ROWS:
        *(size_t *)(void *)member = 0;
        break;
    }
}

/* Fill the struct at `to` from the one of `flat` and `object` that is there. */
static int decode_members(const struct rows *table, char *to,
                          const struct flat *flat, const json_t *object,
                          struct proto_err *err);

/* `member` is the struct of the table. */
static int decode_rows(const struct field *f, const struct value *value,
                       char *member, struct proto_err *err)
{
    const struct rows *rows = f->rows;
    size_t *count = (size_t *)(void *)member;

    if (value->kind != OTHER || !json_is_array(value->json)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, (int64_t)json_array_size(value->json))) {
        return refuse(err, f->name, "too many items");
    }
    *count = json_array_size(value->json);
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = json_array_get(value->json, i);
        if (!json_is_object(item)) {
            return refuse(err, f->name, "has an item that is no object");
        }
        if (decode_members(rows, member + rows->offset + i * rows->size, NULL,
                           item, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int decode_field(const struct field *f, const struct value *value,
                        char *member, struct proto_err *err)
{
    if (value->kind == ABSENT && f->optional) {
        decode_absent(f, member);
        return 0;
    }
    switch (f->kind) {
    case FIELD_STRING:
        return decode_string(f, value, (const char **)(void *)member, err);
    case FIELD_INT:
        return decode_int(f, value, (int64_t *)(void *)member, err);
    case FIELD_ENUM:
        return decode_enum(f, value, (int *)(void *)member, err);
    case FIELD_LIST:
        return decode_list(f, value, (struct name_list *)(void *)member, err);
    case FIELD_ROWS:
        return decode_rows(f, value, member, err);
    }
    return refuse(err, f->name, "of no kind");
}

static int decode_members(const struct rows *table, char *to,
                          const struct flat *flat, const json_t *object,
                          struct proto_err *err)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct field *f = &table->fields[i];
        const struct value value = value_in(flat, object, f->name);
        if (decode_field(f, &value, to + f->offset, err) != 0) {
            return -1;
        }
    }
    return 0;
}

int codec_decode(const struct schema *schema, void *to, const struct msg *m,
                 struct proto_err *err)
{
    if (!msg_is(m, schema->type)) {
        return refuse(err, "type", "not the expected one");
    }
    const struct rows table = {.fields = schema->fields,
                               .count = schema->count};
    return decode_members(&table, to, m->flat, m->root, err);
}

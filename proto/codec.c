/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/codec.h"

#include <stdlib.h>
#include <string.h>

static const char MISTYPED[] = "missing or of the wrong type";
static const char OUT_OF_BOUNDS[] = "out of bounds";

static int refuse(struct proto_err *err, const char *field, const char *why)
{
    err->field = field;
    err->why = why;
    return -1;
}

static bool in_bounds(const struct field *f, int64_t n)
{
    return n >= f->min && n <= f->max;
}

/* ---- receiving ---- */

static int check_id(const json_t *id, struct proto_err *err)
{
    if (!json_is_string(id)) {
        return refuse(err, "id", MISTYPED);
    }
    if (json_string_length(id) < 1 || json_string_length(id) > PROTO_ID_MAX) {
        return refuse(err, "id", OUT_OF_BOUNDS);
    }
    return 0;
}

static int check_envelope(struct msg *m, struct proto_err *err)
{
    const json_t *version = json_object_get(m->root, "v");
    const json_t *type = json_object_get(m->root, "type");
    const json_t *id = json_object_get(m->root, "id");

    if (!json_is_object(m->root)) {
        return refuse(err, "message", "not a JSON object");
    }
    if (!json_is_integer(version)) {
        return refuse(err, "v", MISTYPED);
    }
    if (json_integer_value(version) != PROTO_VERSION) {
        return refuse(err, "v", "not a version that is known here");
    }
    if (!json_is_string(type)) {
        return refuse(err, "type", MISTYPED);
    }
    if (check_id(id, err) != 0) {
        return -1;
    }
    m->type = json_string_value(type);
    m->id = json_string_value(id);
    return 0;
}

int msg_open(struct msg *m, const void *frame, size_t size,
             struct proto_err *err)
{
    if (size > PROTO_FRAME_MAX) {
        return refuse(err, "message", "longer than 64 KiB");
    }
    m->root = json_loadb(frame, size, JSON_REJECT_DUPLICATES, NULL);
    if (m->root == NULL) {
        return refuse(err, "message",
                      "not JSON in UTF-8, or a member stands twice");
    }
    if (check_envelope(m, err) != 0) {
        msg_close(m);
        return -1;
    }
    return 0;
}

void msg_close(struct msg *m)
{
    json_decref(m->root);
    *m = (struct msg){0};
}

bool msg_is(const struct msg *m, const char *type)
{
    return strcmp(m->type, type) == 0;
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

static int decode_list(const struct field *f, const json_t *value,
                       struct name_list *list, struct proto_err *err)
{
    if (!json_is_array(value)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (json_array_size(value) > PROTO_LIST_MAX) {
        return refuse(err, f->name, "too many items");
    }
    list->count = json_array_size(value);
    for (size_t i = 0; i < list->count; i++) {
        const json_t *item = json_array_get(value, i);
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

static int decode_string(const struct field *f, const json_t *value,
                         const char **text, struct proto_err *err)
{
    if (!json_is_string(value)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, (int64_t)json_string_length(value))) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    *text = json_string_value(value);
    return 0;
}

static int decode_int(const struct field *f, const json_t *value,
                      int64_t *number, struct proto_err *err)
{
    if (!json_is_integer(value)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, json_integer_value(value))) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    *number = json_integer_value(value);
    return 0;
}

static int decode_enum(const struct field *f, const json_t *value, int *number,
                       struct proto_err *err)
{
    if (!json_is_string(value)) {
        return refuse(err, f->name, MISTYPED);
    }
    *number = word_index(f->names, json_string_value(value));
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

static int decode_members(const struct field *fields, size_t count, char *to,
                          const json_t *object, struct proto_err *err);

/* `member` is the struct of the table. */
static int decode_rows(const struct field *f, const json_t *value, char *member,
                       struct proto_err *err)
{
    const struct rows *rows = f->rows;
    size_t *count = (size_t *)(void *)member;

    if (!json_is_array(value)) {
        return refuse(err, f->name, MISTYPED);
    }
    if (!in_bounds(f, (int64_t)json_array_size(value))) {
        return refuse(err, f->name, "too many items");
    }
    *count = json_array_size(value);
    for (size_t i = 0; i < *count; i++) {
        const json_t *item = json_array_get(value, i);
        if (!json_is_object(item)) {
            return refuse(err, f->name, "has an item that is no object");
        }
        if (decode_members(rows->fields, rows->count,
                           member + rows->offset + i * rows->size, item,
                           err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int decode_field(const struct field *f, const json_t *value,
                        char *member, struct proto_err *err)
{
    if (value == NULL && f->optional) {
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

static int decode_members(const struct field *fields, size_t count, char *to,
                          const json_t *object, struct proto_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *f = &fields[i];
        const json_t *value = json_object_get(object, f->name);
        if (decode_field(f, value, to + f->offset, err) != 0) {
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
    return decode_members(schema->fields, schema->count, to, m->root, err);
}

/* ---- sending ---- */

/* The encoders return a new JSON value; NULL without `err` set means that the
 * optional member is absent and stays out of the message. */

static json_t *new_string(const struct field *f, const char *text,
                          struct proto_err *err)
{
    if (!in_bounds(f, (int64_t)strlen(text))) {
        refuse(err, f->name, OUT_OF_BOUNDS);
        return NULL;
    }
    json_t *value = json_string(text);
    if (value == NULL) {
        refuse(err, f->name, "not UTF-8");
    }
    return value;
}

static json_t *encode_string(const struct field *f, const char *text,
                             struct proto_err *err)
{
    if (text == NULL) {
        if (!f->optional) {
            refuse(err, f->name, "unset");
        }
        return NULL;
    }
    return new_string(f, text, err);
}

static json_t *encode_int(const struct field *f, int64_t number,
                          struct proto_err *err)
{
    if (number == 0 && f->optional) {
        return NULL;
    }
    if (!in_bounds(f, number)) {
        refuse(err, f->name, OUT_OF_BOUNDS);
        return NULL;
    }
    return json_integer(number);
}

static json_t *encode_list(const struct field *f, const struct name_list *list,
                           struct proto_err *err)
{
    json_t *array = json_array();

    for (size_t i = 0; i < list->count; i++) {
        json_t *item = new_string(f, list->items[i], err);
        if (item == NULL) {
            json_decref(array);
            return NULL;
        }
        json_array_append_new(array, item);
    }
    return array;
}

static json_t *encode_rows(const struct field *f, const char *member,
                           struct proto_err *err);

static json_t *encode_field(const struct field *f, const char *member,
                            struct proto_err *err)
{
    switch (f->kind) {
    case FIELD_STRING:
        return encode_string(f, *(const char *const *)(const void *)member,
                             err);
    case FIELD_INT:
        return encode_int(f, *(const int64_t *)(const void *)member, err);
    case FIELD_ENUM:
        return json_string(f->names[*(const int *)(const void *)member]);
    case FIELD_LIST:
        return encode_list(f, (const struct name_list *)(const void *)member,
                           err);
    case FIELD_ROWS:
        return encode_rows(f, member, err);
    }
    return NULL;
}

/* Returns 0, or -1 with `err` set. */
static int encode_members(const struct field *fields, size_t count,
                          const char *from, json_t *object,
                          struct proto_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *f = &fields[i];
        json_t *value = encode_field(f, from + f->offset, err);
        if (err->why != NULL) {
            json_decref(value);
            return -1;
        }
        if (value != NULL) {
            json_object_set_new_nocheck(object, f->name, value);
        }
    }
    return 0;
}

static json_t *encode_rows(const struct field *f, const char *member,
                           struct proto_err *err)
{
    const struct rows *rows = f->rows;
    size_t count = *(const size_t *)(const void *)member;
    json_t *array = json_array();

    if (!in_bounds(f, (int64_t)count)) {
        refuse(err, f->name, "too many items");
    }
    for (size_t i = 0; i < count && err->why == NULL; i++) {
        json_t *item = json_object();
        encode_members(rows->fields, rows->count,
                       member + rows->offset + i * rows->size, item, err);
        json_array_append_new(array, item);
    }
    return array;
}

static json_t *encode_message(const struct schema *schema, const void *from,
                              const char *id, struct proto_err *err)
{
    json_t *root = json_pack("{s:i,s:s,s:s}", "v", PROTO_VERSION, "type",
                             schema->type, "id", id);

    if (root == NULL) {
        refuse(err, "id", "not UTF-8");
        return NULL;
    }
    if (encode_members(schema->fields, schema->count, from, root, err) != 0) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static char *print(const json_t *root, struct proto_err *err)
{
    char *frame = json_dumps(root, JSON_COMPACT);

    if (frame == NULL || strlen(frame) > PROTO_FRAME_MAX) {
        refuse(err, "message", "longer than 64 KiB");
        free(frame);
        return NULL;
    }
    return frame;
}

char *codec_encode(const struct schema *schema, const void *from,
                   const char *id, struct proto_err *err)
{
    *err = (struct proto_err){0};
    if (strlen(id) < 1 || strlen(id) > PROTO_ID_MAX) {
        refuse(err, "id", OUT_OF_BOUNDS);
        return NULL;
    }
    json_t *root = encode_message(schema, from, id, err);
    if (root == NULL) {
        return NULL;
    }
    char *frame = print(root, err);
    json_decref(root);
    return frame;
}

char *msg_readdress(const struct msg *m, const char *id, struct proto_err *err)
{
    json_t *root = json_copy(m->root);

    *err = (struct proto_err){0};
    if (json_object_set_new(root, "id", json_string(id)) != 0) {
        refuse(err, "id", "not UTF-8");
        json_decref(root);
        return NULL;
    }
    char *frame = print(root, err);
    json_decref(root);
    return frame;
}

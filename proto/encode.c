/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/field.h"
#include "proto/text.h"
#include <stdlib.h>
#include <string.h>

/* Each returns 0, or -1 with `err` set. */

static int encode_text(struct text *out, const struct field *f,
                       const char *text, struct proto_err *err)
{
    if (!in_bounds(f, (int64_t)strlen(text))) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    return text_string(out, text) ? 0 : refuse(err, f->name, "not UTF-8");
}

static int encode_list(struct text *out, const struct field *f,
                       const struct name_list *list, struct proto_err *err)
{
    text_open(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        text_item(out);
        if (encode_text(out, f, list->items[i], err) != 0) {
            return -1;
        }
    }
    text_close(out, ']');
    return 0;
}

static int encode_string(struct text *out, const struct field *f,
                         const char *text, struct proto_err *err)
{
    if (text == NULL) {
        return f->optional ? 0 : refuse(err, f->name, "unset");
    }
    text_name(out, f->name);
    return encode_text(out, f, text, err);
}

static int encode_int(struct text *out, const struct field *f, int64_t number,
                      struct proto_err *err)
{
    if (number == 0 && f->optional) {
        return 0;
    }
    if (!in_bounds(f, number)) {
        return refuse(err, f->name, OUT_OF_BOUNDS);
    }
    text_name(out, f->name);
    text_integer(out, number);
    return 0;
}

static int encode_rows(struct text *out, const struct field *f,
                       const char *member, struct proto_err *err);

static int encode_field(struct text *out, const struct field *f,
                        const char *member, struct proto_err *err)
{
    switch (f->kind) {
    case FIELD_STRING:
        return encode_string(out, f, *(const char *const *)(const void *)member,
                             err);
    case FIELD_INT:
        return encode_int(out, f, *(const int64_t *)(const void *)member, err);
    case FIELD_ENUM:
        text_name(out, f->name);
        text_string(out, f->names[*(const int *)(const void *)member]);
        return 0;
    case FIELD_LIST:
        text_name(out, f->name);
        return encode_list(out, f,
                           (const struct name_list *)(const void *)member, err);
    case FIELD_ROWS:
        text_name(out, f->name);
        return encode_rows(out, f, member, err);
    }
    return 0;
}

static int encode_members(struct text *out, const struct field *fields,
                          size_t count, const char *from, struct proto_err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct field *f = &fields[i];
        if (encode_field(out, f, from + f->offset, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int encode_rows(struct text *out, const struct field *f,
                       const char *member, struct proto_err *err)
{
    const struct rows *rows = f->rows;
    size_t count = *(const size_t *)(const void *)member;

    if (!in_bounds(f, (int64_t)count)) {
        return refuse(err, f->name, "too many items");
    }
    text_open(out, '[');
    for (size_t i = 0; i < count; i++) {
        text_item(out);
        text_open(out, '{');
        if (encode_members(out, rows->fields, rows->count,
                           member + rows->offset + i * rows->size, err) != 0) {
            return -1;
        }
        text_close(out, '}');
    }
    text_close(out, ']');
    return 0;
}

static int encode_envelope(struct text *out, const char *type, const char *id,
                           struct proto_err *err)
{
    if (strlen(id) < 1 || strlen(id) > PROTO_ID_MAX) {
        return refuse(err, "id", OUT_OF_BOUNDS);
    }
    text_name(out, "v");
    text_integer(out, PROTO_VERSION);
    text_name(out, "type");
    text_string(out, type);
    text_name(out, "id");
    return text_string(out, id) ? 0 : refuse(err, "id", "not UTF-8");
}

char *codec_encode(const struct schema *schema, const void *from,
                   const char *id, struct proto_err *err)
{
    struct text out;

    *err = (struct proto_err){0};
    text_begin(&out);
    int status = encode_envelope(&out, schema->type, id, err);
    if (status == 0) {
        status = encode_members(&out, schema->fields, schema->count, from, err);
    }
    char *frame = text_end(&out);
    if (status == 0 && strlen(frame) > PROTO_FRAME_MAX) {
        status = refuse(err, "message", "longer than 64 KiB");
    }
    if (status != 0) {
        free(frame);
        return NULL;
    }
    return frame;
}

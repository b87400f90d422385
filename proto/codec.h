/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_CODEC_H
#define PROTO_CODEC_H

/* How a struct becomes a message on the bus and back.
 *
 * A message is one JSON object in one ZeroMQ frame, with the envelope
 *     {"v":1, "type":"push.request", "id":"k3f9-17.2", …members…}
 * Each message has one field table, and that table drives encoding, decoding
 * and every check of length and range: the two directions cannot drift apart.
 * Unknown members are ignored, so that a newer peer may add some; members that
 * are missing, of another type or out of bounds are refused by name. */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROTO_VERSION = 1,
    PROTO_FRAME_MAX = 64 * 1024, /* bytes in a frame, both directions */
    PROTO_ID_MAX = 64,           /* bytes in an id */
    PROTO_LIST_MAX = 64,         /* items in a list of names */
};

/* Why a message was refused. Both point to constants; `field` is the member's
 * name, or "message" when the fault is in the whole of it. */
struct proto_err {
    const char *field;
    const char *why;
};

/* A short list of names, such as the apps that a sender serves. */
struct name_list {
    size_t count;
    const char *items[PROTO_LIST_MAX];
};

enum field_kind {
    FIELD_STRING,
    FIELD_INT,
    FIELD_ENUM,
    FIELD_LIST,
    FIELD_ROWS,
};

struct field {
    const char *name;         /* of the JSON member, same as in the struct */
    enum field_kind kind;     /* decides the member's C type, see below */
    size_t offset;            /* of the member in its struct */
    bool optional;            /* absent is NULL, 0 or an empty list */
    int64_t min, max;         /* bytes of a string or list item, or range */
    const char *const *names; /* FIELD_ENUM: the words, NULL-terminated */
    const struct rows *rows;  /* FIELD_ROWS: at most `max` of these */
};

/* A table: a struct that begins with `size_t count`, and has at `offset` an
 * array of structs, each an object with these fields. */
struct rows {
    const struct field *fields;
    size_t count;
    size_t offset;
    size_t size; /* of a struct in the array */
};

struct schema {
    const char *type;
    const struct field *fields;
    size_t count;
};

/* C type of the member: const char *, int64_t, an enum, struct name_list, a
 * struct as above. */
/* clang-format off */
#define STR_FIELD(s, m, lo, hi)                                                \
    {#m, FIELD_STRING, offsetof(s, m), false, lo, hi, NULL, NULL}
#define OPT_STR_FIELD(s, m, lo, hi)                                            \
    {#m, FIELD_STRING, offsetof(s, m), true, lo, hi, NULL, NULL}
#define INT_FIELD(s, m, lo, hi)                                                \
    {#m, FIELD_INT, offsetof(s, m), false, lo, hi, NULL, NULL}
#define OPT_INT_FIELD(s, m, lo, hi)                                            \
    {#m, FIELD_INT, offsetof(s, m), true, lo, hi, NULL, NULL}
#define ENUM_FIELD(s, m, words)                                                \
    {#m, FIELD_ENUM, offsetof(s, m), false, 0, 0, words, NULL}
#define OPT_LIST_FIELD(s, m, lo, hi)                                           \
    {#m, FIELD_LIST, offsetof(s, m), true, lo, hi, NULL, NULL}
#define OPT_ROWS_FIELD(s, m, hi, rows)                                         \
    {#m, FIELD_ROWS, offsetof(s, m), true, 0, hi, NULL, rows}
#define ROWS(fields, s, items, row)                                            \
    {fields, sizeof fields / sizeof *fields, offsetof(s, items), sizeof(row)}
/* clang-format on */

/* A received message. `type` and `id` and every string decoded from it live
 * until msg_close. */
struct msg {
    json_t *root; /* or NULL, when it was plain enough for `flat` */
    const char *type;
    const char *id;
    struct flat *flat;
};

/* Parse the envelope of a frame. Returns 0, or -1 with `err` set when it is
 * too long, not a JSON object in UTF-8, has a member twice, has another
 * version, or lacks a type or an id; then there is nothing to close. */
int msg_open(struct msg *m, const void *frame, size_t size,
             struct proto_err *err);
void msg_close(struct msg *m);
bool msg_is(const struct msg *m, const char *type);

/* One of the same content that lives until its own msg_close. */
struct msg msg_copy(const struct msg *m);

/* The string that a member is; NULL if there is none. Borrowed. */
const char *msg_string(const struct msg *m, const char *name);

/* Returns malloc'd JSON that the caller frees, or NULL with `err` set when a
 * member is unset, out of bounds or not UTF-8, or the whole is too long. */
char *codec_encode(const struct schema *schema, const void *from,
                   const char *id, struct proto_err *err);

/* Fill the struct at `to` from `m`, which must be of the schema's type; its
 * strings are borrowed from `m`. Returns 0, or -1 with `err` set and the
 * struct not to be read. */
int codec_decode(const struct schema *schema, void *to, const struct msg *m,
                 struct proto_err *err);

/* The same message under another id of 1..PROTO_ID_MAX bytes, for who hands it
 * on: malloc'd, or NULL with `err` set when it gets too long. */
char *msg_readdress(const struct msg *m, const char *id, struct proto_err *err);

/* Each message NAME with its struct NAME has these two functions, typed
 * wrappers of the two above. */
#define PROTO_DECLARE(name)                                                    \
    char *name##_encode(const struct name *from, const char *id,               \
                        struct proto_err *err);                                \
    int name##_decode(struct name *to, const struct msg *m,                    \
                      struct proto_err *err)

#define PROTO_DEFINE(name, type, table)                                        \
    static const struct schema name##_schema = {type, table,                   \
                                                sizeof table / sizeof *table}; \
    char *name##_encode(const struct name *from, const char *id,               \
                        struct proto_err *err)                                 \
    {                                                                          \
        return codec_encode(&name##_schema, from, id, err);                    \
    }                                                                          \
    int name##_decode(struct name *to, const struct msg *m,                    \
                      struct proto_err *err)                                   \
    {                                                                          \
        return codec_decode(&name##_schema, to, m, err);                       \
    }                                                                          \
    _Static_assert(sizeof table / sizeof *table > 0, "a message has members")

#endif

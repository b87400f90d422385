/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_TEXT_H
#define PROTO_TEXT_H

/* A JSON object being written, straight into its text: jansson would make a
 * tree of it first, with three allocations a member, and take ten times as
 * long. For what is written with each push. */

#include "proto/bytes.h"
#include <stdbool.h>

struct text {
    struct bytes written; /* not terminated */
};

/* An empty object. */
void text_begin(struct text *self);

/* A member, and then its value. `name` needs no escapes. The string is false
 * when it is not UTF-8; what was written is of no use then. */
void text_name(struct text *self, const char *name);
bool text_string(struct text *self, const char *value);
void text_integer(struct text *self, int64_t value);
void text_true(struct text *self);

/* Both at once; a NULL value leaves the member out. */
bool text_member(struct text *self, const char *name, const char *value);

/* JSON that is written already: one member or more, its end or its beginning
 * at will. `size` without its NUL. */
void text_raw(struct text *self, const char *json, size_t size);

/* A value that has others: a list ('[' and ']') or an object ('{' and '}').
 * Each item of a list is preceded by text_item. */
void text_open(struct text *self, char bracket);
void text_close(struct text *self, char bracket);
void text_item(struct text *self);

/* The whole, NUL-terminated; the caller's. */
char *text_end(struct text *self);

#endif

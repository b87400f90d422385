/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static void append(struct text *self, const char *bytes, size_t size)
{
    bytes_append(&self->written, bytes, size);
}

void text_begin(struct text *self)
{
    *self = (struct text){0};
    append(self, "{", 1);
}

void text_item(struct text *self)
{
    char before = self->written.data[self->written.size - 1];

    if (before != '{' && before != '[') {
        append(self, ",", 1);
    }
}

void text_name(struct text *self, const char *name)
{
    text_item(self);
    append(self, "\"", 1);
    append(self, name, strlen(name));
    append(self, "\":", 2);
}

/* Everything else stands for itself. */
static bool needs_escape(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}

static size_t write_escape(char *out, unsigned char c)
{
    static const char SHORT[] = "btn\0fr"; /* 8 to 13; 11 has none */

    if (c == '"' || c == '\\') {
        out[0] = '\\';
        out[1] = (char)c;
        return 2;
    }
    if (c >= 8 && c <= 13 && c != 11) {
        out[0] = '\\';
        out[1] = SHORT[c - 8];
        return 2;
    }
    return (size_t)snprintf(out, 7, "\\u%04X", c);
}

static bool is_utf8(const char *text, size_t size)
{
    json_t *taken = json_stringn(text, size);

    json_decref(taken);
    return taken != NULL;
}

bool text_string(struct text *self, const char *value)
{
    size_t size = strlen(value);
    char *begin = bytes_extend(&self->written,
                               6 * size + 2); /* if all had to be escaped */
    char *out = begin;
    unsigned char seen = 0;

    *out++ = '"';
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)value[i];
        seen |= c;
        if (needs_escape(c)) {
            out += write_escape(out, c);
        } else {
            *out++ = (char)c;
        }
    }
    *out++ = '"';
    self->written.size += (size_t)(out - begin);
    return seen < 0x80 || is_utf8(value, size);
}

void text_integer(struct text *self, int64_t value)
{
    bytes_append_number(&self->written, value);
}

void text_true(struct text *self)
{
    append(self, "true", 4);
}

bool text_member(struct text *self, const char *name, const char *value)
{
    if (value == NULL) {
        return true;
    }
    text_name(self, name);
    return text_string(self, value);
}

void text_raw(struct text *self, const char *json, size_t size)
{
    append(self, json, size);
}

void text_open(struct text *self, char bracket)
{
    append(self, &bracket, 1);
}

void text_close(struct text *self, char bracket)
{
    append(self, &bracket, 1);
}

char *text_end(struct text *self)
{
    append(self, "}", 2); /* with its NUL */
    return self->written.data;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/records.h"

#include <string.h>

void records_begin(struct records *self, char *text, size_t size,
                   const struct records_format *format)
{
    *self = (struct records){
        .at = text, .end = text + size, .line = 1, .format = *format};
    *self->end = '\n';
}

/* A field while it is read: `out` never overtakes what is read. */
struct field {
    char *begin;
    char *out;
    bool is_quoted;
    bool is_null; /* begins with \N */
    const char *why;
};

static void put(struct field *field, char c)
{
    if (c == '\0') {
        field->why = "has a NUL in it";
    }
    *field->out++ = c;
}

static char escaped(char c)
{
    switch (c) {
    case '0':
        return '\0';
    case 'b':
        return '\b';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'Z':
        return 26; /* what DOS took for the end of a file */
    default:
        return c;
    }
}

/* Stands behind a backslash. */
static void take_escape(struct records *self, struct field *field)
{
    if (self->at == self->end) {
        field->why = "ends with a backslash";
        return;
    }
    char c = *self->at++;
    if (c == '\n') {
        self->line++;
    }
    if (c == 'N' && field->out == field->begin && !field->is_quoted) {
        field->is_null = true;
    }
    put(field, escaped(c));
}

static bool is_end_of_field(const struct records *self, char c)
{
    return c == self->format.separator || c == '\n';
}

/* Stops at what ends it. */
static void take_plain(struct records *self, struct field *field)
{
    while (!is_end_of_field(self, *self->at)) {
        char c = *self->at++;
        if (c == '\\' && self->format.escapes) {
            take_escape(self, field);
        } else {
            put(field, c);
        }
    }
}

/* Stands behind the opening quote; stops behind the closing one. */
static void take_quoted(struct records *self, struct field *field)
{
    while (self->at < self->end) {
        char c = *self->at++;
        if (c == '"') {
            if (*self->at != '"') {
                return;
            }
            self->at++;
        } else if (c == '\\' && self->format.escapes) {
            take_escape(self, field);
            continue;
        }
        self->line += c == '\n';
        put(field, c);
    }
    field->why =
        "has a quote that is not closed, so that all behind it is unread";
}

static bool is_null(const struct records *self, const struct field *field)
{
    size_t size = (size_t)(field->out - field->begin);
    bool is_escaped_n = self->format.escapes
                            ? field->is_null && size == 1
                            : size == 2 && memcmp(field->begin, "\\N", 2) == 0;

    return !field->is_quoted &&
           (is_escaped_n ||
            (size == 4 && memcmp(field->begin, "NULL", 4) == 0));
}

/* Returns what ended it: the separator, or the end of the line. */
static char next_field(struct records *self, struct record *record)
{
    struct field field = {.is_quoted = self->format.quotes && *self->at == '"'};

    self->at += field.is_quoted;
    field.begin = field.out = self->at;
    if (field.is_quoted) {
        take_quoted(self, &field);
        if (self->at[0] == '\r' && self->at[1] == '\n') {
            self->at++;
        } else if (!is_end_of_field(self, *self->at) && field.why == NULL) {
            field.why = "goes on behind a closing quote";
        }
    } else {
        take_plain(self, &field);
        if (*self->at == '\n' && field.out > field.begin &&
            self->at[-1] == '\r') {
            field.out--;
        }
    }
    if (field.why != NULL) {
        record->why = field.why;
        self->at = memchr(self->at, '\n', (size_t)(self->end - self->at) + 1);
    }
    char end = *self->at;
    *field.out = '\0';
    if (record->count < FIELDS_MAX) {
        record->fields[record->count++] =
            is_null(self, &field) ? NULL : field.begin;
    } else {
        record->why = "has too many fields";
    }
    return end;
}

static void next_line(struct records *self)
{
    self->line++;
    self->at += self->at < self->end;
}

static bool is_empty_line(const struct records *self)
{
    return self->at[0] == '\n' || (self->at[0] == '\r' && self->at[1] == '\n');
}

bool records_next(struct records *self, struct record *record)
{
    while (self->at < self->end && is_empty_line(self)) {
        self->at += self->at[0] == '\r';
        next_line(self);
    }
    *record = (struct record){.line = self->line};
    if (self->at == self->end) {
        return false;
    }
    while (next_field(self, record) != '\n') {
        self->at++;
    }
    if (record->why != NULL) {
        record->count = 0;
    }
    next_line(self);
    return true;
}

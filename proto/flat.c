/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/flat.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DIGITS_MAX = 18 }; /* that surely fit into 64 bits */

/* What is read: `text` ends with a NUL, which no JSON has inside. */
struct scan {
    char *at;
};

static void skip_blanks(struct scan *scan)
{
    while (*scan->at == ' ' || *scan->at == '\t' || *scan->at == '\n' ||
           *scan->at == '\r') {
        scan->at++;
    }
}

/* Is it that character, blanks aside? Then it is passed. */
static bool pass(struct scan *scan, char c)
{
    skip_blanks(scan);
    if (*scan->at != c) {
        return false;
    }
    scan->at++;
    return true;
}

/* The character that a backslash and `c` stand for; 0 of \u and of none. */
static char unescaped(char c)
{
    static const char NAMES[] = "\"\\/bfnrt";
    static const char CHARACTERS[] = "\"\\/\b\f\n\r\t";
    const char *at = c != '\0' ? strchr(NAMES, c) : NULL;

    if (at == NULL) {
        return '\0';
    }
    return CHARACTERS[at - NAMES];
}

/* Of a string behind its first quote: it is terminated in place. */
static bool read_string(struct scan *scan, const char **string, size_t *size)
{
    char *begin = scan->at;
    char *out = begin;

    for (; *scan->at != '"'; scan->at++) {
        char c = *scan->at;
        if (c == '\\') {
            c = unescaped(*++scan->at);
            if (c == '\0') {
                return false;
            }
        } else if ((unsigned char)c < 0x20 || (unsigned char)c >= 0x80) {
            return false;
        }
        *out++ = c;
    }
    scan->at++;
    *out = '\0';
    *string = begin;
    *size = (size_t)(out - begin);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* -?(0|[1-9][0-9]*), and nothing behind it that makes it more. */
static bool read_integer(struct scan *scan, int64_t *number)
{
    bool is_negative = *scan->at == '-';
    const char *begin = scan->at += is_negative ? 1 : 0;
    int64_t value = 0;

    while (is_digit(*scan->at) && scan->at - begin < DIGITS_MAX) {
        value = 10 * value + (*scan->at++ - '0');
    }
    *number = is_negative ? -value : value;
    return scan->at > begin && (*begin != '0' || scan->at == begin + 1) &&
           !is_digit(*scan->at) && *scan->at != '.' && *scan->at != 'e' &&
           *scan->at != 'E';
}

static bool read_member(struct scan *scan, struct flat_member *member)
{
    size_t size;

    if (!pass(scan, '"') || !read_string(scan, &member->name, &size) ||
        !pass(scan, ':')) {
        return false;
    }
    if (pass(scan, '"')) {
        return read_string(scan, &member->string, &member->size);
    }
    member->string = NULL;
    return read_integer(scan, &member->number);
}

static bool read_members(struct flat *self)
{
    struct scan scan = {self->text};

    if (!pass(&scan, '{')) {
        return false;
    }
    do {
        struct flat_member *member = &self->members[self->count];
        if (self->count == FLAT_MEMBERS_MAX || !read_member(&scan, member) ||
            flat_find(self, member->name) != NULL) {
            return false;
        }
        self->count++;
    } while (pass(&scan, ','));
    if (!pass(&scan, '}')) {
        return false;
    }
    skip_blanks(&scan);
    return *scan.at == '\0';
}

struct flat *flat_read(const char *frame, size_t size)
{
    struct flat *self = malloc(sizeof *self + size + 1);

    assert(self != NULL);
    self->count = 0;
    memcpy(self->text, frame, size);
    self->text[size] = '\0';
    if (memchr(frame, '\0', size) != NULL || !read_members(self)) {
        free(self);
        return NULL;
    }
    return self;
}

const struct flat_member *flat_find(const struct flat *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->members[i].name, name) == 0) {
            return &self->members[i];
        }
    }
    return NULL;
}

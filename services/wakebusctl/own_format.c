/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/own_format.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "wakebus-targets"

enum { VERSION = 1 };

/* ---- reading ---- */

static const struct {
    const char *name;
    size_t offset;
} TEXTS[] = {
    {"app", offsetof(struct target_row, app)},
    {"device", offsetof(struct target_row, device)},
    {"channel", offsetof(struct target_row, channel)},
    {"domain", offsetof(struct target_row, domain)},
    {"token", offsetof(struct target_row, token)},
    {"node", offsetof(struct target_row, node)},
    {"secret", offsetof(struct target_row, secret)},
};
static const struct {
    const char *name;
    size_t offset;
} TIMES[] = {
    {"created", offsetof(struct target_row, created_ms)},
    {"renewed", offsetof(struct target_row, renewed_ms)},
};

enum {
    TEXT_COUNT = sizeof TEXTS / sizeof *TEXTS,
    TIME_COUNT = sizeof TIMES / sizeof *TIMES,
};

struct reader {
    struct target_rows *rows;
    struct faults *faults;
    size_t line;
    bool has_head;
    bool has_end;
};

static void fault(struct reader *self, const char *member, const char *why)
{
    faults_add(
        self->faults,
        &(struct file_fault){.line = self->line, .member = member, .why = why});
}

/* Copies the texts of a target to where its line stands: there is room, since
 * there each was in quotes. */
static bool take_texts(struct reader *self, struct target_row *row,
                       const json_t *object, char *room)
{
    size_t before = self->faults->count;

    for (size_t i = 0; i < TEXT_COUNT; i++) {
        const json_t *value = json_object_get(object, TEXTS[i].name);
        const char *text = json_string_value(value);
        if (text != NULL) {
            size_t size = strlen(text) + 1;
            *(const char **)((char *)row + TEXTS[i].offset) =
                memcpy(room, text, size);
            room += size;
        } else if (value != NULL) {
            fault(self, TEXTS[i].name, "is not a string");
        }
    }
    return self->faults->count == before;
}

static bool take_times(struct reader *self, struct target_row *row,
                       const json_t *object)
{
    size_t before = self->faults->count;

    for (size_t i = 0; i < TIME_COUNT; i++) {
        const json_t *value = json_object_get(object, TIMES[i].name);
        if (value != NULL && json_integer_value(value) < 1) {
            fault(self, TIMES[i].name, "is not a time in Unix milliseconds");
        }
        *(int64_t *)((char *)row + TIMES[i].offset) = json_integer_value(value);
    }
    return self->faults->count == before;
}

static void take_target(struct reader *self, const json_t *object, char *line)
{
    struct target_row row = {.line = self->line};

    self->rows->seen++;
    bool taken = take_texts(self, &row, object, line);
    taken = take_times(self, &row, object) && taken;
    if (taken && target_row_check(&row, self->faults) == 0) {
        target_rows_add(self->rows, &row);
    }
}

static void take_head(struct reader *self, const json_t *object)
{
    const char *format = json_string_value(json_object_get(object, "format"));

    self->has_head = true;
    if (format == NULL || strcmp(format, FORMAT) != 0) {
        fault(self, "format", "is not " FORMAT);
    } else if (json_integer_value(json_object_get(object, "version")) !=
               VERSION) {
        fault(self, "version", "is not 1: another Wakebus has written this");
    }
}

static void take_end(struct reader *self, const json_t *object)
{
    json_int_t targets = json_integer_value(json_object_get(object, "targets"));

    self->has_end = true;
    if ((size_t)targets != self->rows->seen) {
        fault(self, "targets", "is not the number of targets in this file");
    }
}

static void take_line(struct reader *self, char *line, size_t size)
{
    json_t *object = json_loadb(line, size, JSON_REJECT_DUPLICATES, NULL);

    if (!json_is_object(object)) {
        self->rows->seen += self->has_head && !self->has_end;
        fault(self, NULL, "is not a JSON object in one line, in UTF-8");
    } else if (self->has_end) {
        fault(self, NULL, "comes after the end");
    } else if (!self->has_head) {
        take_head(self, object);
    } else if (json_object_get(object, "targets") != NULL) {
        take_end(self, object);
    } else {
        take_target(self, object, line);
    }
    json_decref(object);
}

static bool is_empty(const char *line, size_t size)
{
    return size == 0 || (size == 1 && line[0] == '\r');
}

bool own_format_is(const char *text, size_t size)
{
    return size > 0 && text[0] == '{';
}

void own_format_read(struct target_rows *rows, struct faults *faults,
                     char *text, size_t size)
{
    struct reader self = {.rows = rows, .faults = faults, .line = 1};
    char *end = text + size;

    for (char *line = text; line < end; self.line++) {
        char *next = memchr(line, '\n', (size_t)(end - line));
        next = next != NULL ? next : end;
        if (!is_empty(line, (size_t)(next - line))) {
            take_line(&self, line, (size_t)(next - line));
        }
        line = next + 1;
    }
    if (!self.has_end) {
        self.line = 0;
        fault(&self, NULL,
              "ends too early: its last line, with the number of targets, is "
              "missing");
    }
}

/* ---- writing ---- */

static char *to_line(json_t **object_p)
{
    char *text = json_dumps(*object_p, JSON_COMPACT);

    json_decref(*object_p);
    *object_p = NULL;
    assert(text != NULL);
    size_t size = strlen(text);
    text = realloc(text, size + 2);
    assert(text != NULL);
    memcpy(text + size, "\n", 2);
    return text;
}

char *own_format_head(void)
{
    json_t *object =
        json_pack("{s:s, s:i}", "format", FORMAT, "version", VERSION);

    return to_line(&object);
}

char *own_format_row(const struct target_row *row)
{
    json_t *object = json_object();
    bool whole = true;

    for (size_t i = 0; i < TEXT_COUNT; i++) {
        const char *text =
            *(const char *const *)((const char *)row + TEXTS[i].offset);
        if (text != NULL) {
            whole = json_object_set_new(object, TEXTS[i].name,
                                        json_string(text)) == 0 &&
                    whole;
        }
    }
    for (size_t i = 0; i < TIME_COUNT; i++) {
        int64_t time = *(const int64_t *)((const char *)row + TIMES[i].offset);
        if (time > 0) {
            json_object_set_new(object, TIMES[i].name, json_integer(time));
        }
    }
    if (!whole) {
        json_decref(object);
        return NULL;
    }
    return to_line(&object);
}

char *own_format_end(size_t targets)
{
    json_t *object = json_pack("{s:I}", "targets", (json_int_t)targets);

    return to_line(&object);
}

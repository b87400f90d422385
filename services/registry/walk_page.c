/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/walk_page.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MAX = 1023, /* as in proto/operator.c */
    ROW_BYTES = 64,  /* names and quotes in a message */
    FIELDS = 4,
};

/* ---- lines ---- */

/* Cuts the line that begins at *at into its fields, and moves behind it. Those
 * that are missing are "". */
static void next_line(char **at, const char *fields[FIELDS])
{
    char *line = strsep(at, "\n");

    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = line != NULL ? strsep(&line, "\t") : "";
    }
}

static int64_t number_of(const char *text)
{
    long long number = strtoll(text, NULL, 10);

    return number > 0 ? number : 0;
}

/* Others may have written what no message can hold. */
static char *copy_text(const char *text, size_t most)
{
    size_t size = strnlen(text, most + 1);
    json_t *string = size <= most ? json_string(text) : NULL;
    char *copy = strdup(string != NULL ? text : "?");

    assert(copy);
    json_decref(string);
    return copy;
}

/* ---- rows ---- */

static struct walk_row *find(struct walk_page *self, const char *app,
                             const char *domain)
{
    for (size_t i = 0; i < self->count; i++) {
        struct walk_row *row = &self->rows[i];
        if (strcmp(row->first, app) == 0 && strcmp(row->second, domain) == 0) {
            return row;
        }
    }
    return NULL;
}

static void free_row(struct walk_row *row)
{
    free(row->first);
    free(row->second);
}

static bool add_row(struct walk_page *self, struct walk_row row)
{
    size_t bytes = strlen(row.first) + strlen(row.second) + ROW_BYTES;
    struct walk_row *same =
        self->counts ? find(self, row.first, row.second) : NULL;

    if (same != NULL) {
        same->a += row.a;
        free_row(&row);
        return true;
    }
    if (self->count == WALK_ROWS_MAX || self->bytes + bytes > WALK_BYTES_MAX) {
        free_row(&row);
        return false;
    }
    self->rows[self->count++] = row;
    self->bytes += bytes;
    return true;
}

static bool add_line(struct walk_page *self, const char *fields[FIELDS])
{
    size_t most = self->whole ? WALK_BYTES_MAX - ROW_BYTES : TEXT_MAX;
    struct walk_row row = {copy_text(fields[0], most),
                           copy_text(fields[1], TEXT_MAX), number_of(fields[2]),
                           number_of(fields[3])};

    return add_row(self, row);
}

/* The rows before are put back if there is no room for all. */
static void take_back(struct walk_page *self, const struct walk_page *before)
{
    for (size_t i = before->count; i < self->count; i++) {
        free_row(&self->rows[i]);
    }
    *self = *before; /* counts that were added to are among these */
}

bool walk_page_add(struct walk_page *self, const char *lines)
{
    struct walk_page before = *self;
    char *copy = strdup(lines);
    char *at = copy;
    const char *fields[FIELDS];
    bool fits = true;

    assert(copy);
    while (fits && at != NULL && *at != '\0') {
        next_line(&at, fields);
        fits = add_line(self, fields);
    }
    if (!fits) {
        take_back(self, &before);
    }
    free(copy);
    return fits;
}

bool walk_page_is_full(const struct walk_page *self)
{
    return self->count >= WALK_ROWS_MAX / 2 ||
           self->bytes >= WALK_BYTES_MAX / 4 * 3;
}

void walk_page_release(struct walk_page *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free_row(&self->rows[i]);
    }
    self->count = self->bytes = 0;
}

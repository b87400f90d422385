/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/table.h"

#include "common/words.h"
#include "services/wakebusctl/text.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_SIZE = 256 };

struct table {
    char *columns; /* 'l' or 'r' each */
    size_t width;  /* cells in a row */
    char **cells;
    size_t count;
    size_t room;
};

table_t *table_new(const char *columns)
{
    table_t *self = calloc(1, sizeof *self);

    assert(self);
    self->columns = strdup(columns);
    assert(self->columns);
    self->width = strlen(columns);
    return self;
}

void table_destroy(table_t **self_p)
{
    table_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        free(self->cells[i]);
    }
    free(self->cells);
    free(self->columns);
    free(self);
    *self_p = NULL;
}

void table_add(table_t *self, const char *text)
{
    char plain[CELL_SIZE];

    text_plain(plain, sizeof plain, text);
    if (self->count == self->room) {
        self->room = self->room * 2 + self->width;
        self->cells = realloc(self->cells, self->room * sizeof *self->cells);
        assert(self->cells);
    }
    self->cells[self->count] = strdup(plain);
    assert(self->cells[self->count]);
    self->count++;
}

void table_add_count(table_t *self, double number)
{
    char text[WORD_ROOM];

    word_count(text, number);
    table_add(self, text);
}

/* Characters, as far as each takes one place: bytes that begin one. */
static int width_of(const char *text)
{
    int width = 0;

    for (; *text != '\0'; text++) {
        width += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    }
    return width;
}

/* Cells in whole rows. */
static size_t whole(const table_t *self)
{
    return self->count - self->count % self->width;
}

static int widest(const table_t *self, size_t column)
{
    int most = 0;

    for (size_t i = column; i < whole(self); i += self->width) {
        int width = width_of(self->cells[i]);
        most = width > most ? width : most;
    }
    return most;
}

static void print_cell(const table_t *self, size_t index, FILE *to)
{
    size_t column = index % self->width;
    bool last = column + 1 == self->width;
    int space = widest(self, column) - width_of(self->cells[index]);
    bool right = self->columns[column] == 'r';

    fprintf(to, "%*s%s", right ? space : 0, "", self->cells[index]);
    if (last) {
        fputc('\n', to);
    } else {
        fprintf(to, "%*s", (right ? 0 : space) + 2, "");
    }
}

void table_print(const table_t *self, FILE *to)
{
    for (size_t i = 0; i < whole(self); i++) {
        print_cell(self, i, to);
    }
}

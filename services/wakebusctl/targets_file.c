/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/targets_file.h"

#include "services/wakebusctl/own_format.h"
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Editors of Windows put it at the beginning of UTF-8. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

void targets_file_parse(struct targets_file *self, char *text, size_t size,
                        enum targets_format format, const struct p2_apps *apps)
{
    size_t mark = strlen(BYTE_ORDER_MARK);

    *self = (struct targets_file){.format = format, .text = text};
    if (size >= mark && memcmp(text, BYTE_ORDER_MARK, mark) == 0) {
        text += mark;
        size -= mark;
    }
    if (format == FORMAT_ANY) {
        self->format = own_format_is(text, size) ? FORMAT_OWN : FORMAT_P2;
    }
    if (self->format == FORMAT_OWN) {
        own_format_read(&self->rows, &self->faults, text, size);
    } else {
        p2_table_read(&self->rows, &self->faults, text, size, apps);
    }
    if (self->format == FORMAT_P2 && self->rows.seen == 0 &&
        self->faults.count == 0) {
        /* Hardly anybody means that; a dump that failed looks like it. */
        faults_add(&self->faults,
                   &(struct file_fault){.why = "has no targets in it: is it "
                                               "the right file?"});
    }
    target_rows_check_nodes(&self->rows, &self->faults);
    if (self->format == FORMAT_P2) {
        target_rows_check_places(&self->rows, &self->faults);
    } /* an export may have met one before and one after it was made anew: the
         registry knows which is newer */
}

/* Returns it malloc'd with room for one byte more, or NULL with errno set. */
static char *read_all(FILE *file, size_t *size)
{
    size_t room = 0;
    char *text = NULL;

    *size = 0;
    do {
        room = room == 0 ? 65536 : room * 2;
        text = realloc(text, room + 1);
        assert(text != NULL);
        *size += fread(text + *size, 1, room - *size, file);
    } while (*size == room);
    if (ferror(file)) {
        free(text);
        return NULL;
    }
    return text;
}

int targets_file_read(struct targets_file *self, const char *path,
                      enum targets_format format, const struct p2_apps *apps)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    size_t size;

    *self = (struct targets_file){0};
    if (file == NULL) {
        return -1;
    }
    char *text = read_all(file, &size);
    int error = errno;
    if (!is_stdin) {
        fclose(file);
    }
    if (text == NULL) {
        errno = error;
        return -1;
    }
    targets_file_parse(self, text, size, format, apps);
    return 0;
}

void targets_file_free(struct targets_file *self)
{
    target_rows_free(&self->rows);
    free(self->text);
    *self = (struct targets_file){0};
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/walk_cursor.h"

#include <stdio.h>
#include <string.h>

void walk_cursor_begin(struct walk_cursor *self, unsigned parts)
{
    *self = (struct walk_cursor){.parts = parts, .scan = "0"};
}

/* A start that is not known is "-". */
void walk_cursor_print(const struct walk_cursor *self, char out[CURSOR_ROOM])
{
    snprintf(out, CURSOR_ROOM, "%u/%u/%s/%s", self->part, self->parts,
             self->scan, self->run[0] != '\0' ? self->run : "-");
}

bool walk_cursor_read(struct walk_cursor *self, const char *text)
{
    int end = -1;

    *self = (struct walk_cursor){0};
    /* NOLINTNEXTLINE(cert-err34-c): so few digits always fit */
    if (sscanf(text, "%4u/%4u/%20[0-9]/%11[0-9a-f-]%n", &self->part,
               &self->parts, self->scan, self->run, &end) != 4 ||
        text[end] != '\0' || self->part >= self->parts) {
        return false;
    }
    if (strcmp(self->run, "-") == 0) {
        self->run[0] = '\0';
    }
    return true;
}

bool walk_cursor_advance(struct walk_cursor *self, const char *scan,
                         const char *run)
{
    snprintf(self->scan, sizeof self->scan, "%s", scan);
    snprintf(self->run, sizeof self->run, "%s", run);
    if (strcmp(scan, "0") == 0) {
        self->part++;
        self->run[0] = '\0';
    }
    return self->part < self->parts;
}

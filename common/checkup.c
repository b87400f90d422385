/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/checkup.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct finding finding;
    bool open; /* announced, and nothing found yet */
};

struct checkup {
    struct entry *entries;
    size_t count;
};

/* ---- the list ---- */

checkup_t *checkup_new(void)
{
    checkup_t *self = calloc(1, sizeof *self);

    assert(self);
    return self;
}

void checkup_destroy(checkup_t **self_p)
{
    if (*self_p != NULL) {
        free((*self_p)->entries);
        free(*self_p);
        *self_p = NULL;
    }
}

static struct entry *insert(checkup_t *self, size_t at, const char *step)
{
    size_t size = (self->count + 1) * sizeof *self->entries;
    struct entry *entries = realloc(self->entries, size);

    assert(entries);
    self->entries = entries;
    memmove(&entries[at + 1], &entries[at],
            (self->count - at) * sizeof *entries);
    self->count++;
    entries[at] = (struct entry){.open = true};
    snprintf(entries[at].finding.step, sizeof entries[at].finding.step, "%s",
             step);
    return &entries[at];
}

/* Where the next finding of this step has its place: the entry that was
 * announced for it, or a new one behind those it has. */
static struct entry *place(checkup_t *self, const char *step)
{
    size_t at = self->count;

    for (size_t i = 0; i < self->count; i++) {
        struct entry *entry = &self->entries[i];
        if (strcmp(entry->finding.step, step) == 0) {
            if (entry->open) {
                return entry;
            }
            at = i + 1;
        }
    }
    return insert(self, at, step);
}

void checkup_expect(checkup_t *self, const char *step)
{
    insert(self, self->count, step);
}

/* Words of a server may be in it: it shall not write to the terminal as it
 * likes, nor end the line. */
static void make_plain(char *text)
{
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 127) {
            *c = ' ';
        }
    }
}

void checkup_note(checkup_t *self, const char *step, enum finding_state state,
                  const char *remedy, const char *format, ...)
{
    struct entry *entry = place(self, step);
    struct finding *finding = &entry->finding;
    va_list args;

    entry->open = false;
    finding->state = state;
    snprintf(finding->remedy, sizeof finding->remedy, "%s",
             remedy != NULL ? remedy : "");
    va_start(args, format);
    vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
    make_plain(finding->text);
}

void checkup_conclude(checkup_t *self, const char *text)
{
    for (size_t i = 0; i < self->count; i++) {
        struct entry *entry = &self->entries[i];
        if (entry->open) {
            entry->open = false;
            entry->finding.state = FINDING_FAULT;
            snprintf(entry->finding.text, sizeof entry->finding.text, "%s",
                     text);
        }
    }
}

size_t checkup_count(const checkup_t *self, enum finding_state state)
{
    size_t count = 0;

    for (size_t i = 0; i < self->count; i++) {
        count += self->entries[i].finding.state == state ? 1 : 0;
    }
    return count;
}

size_t checkup_size(const checkup_t *self)
{
    return self->count;
}

const struct finding *checkup_finding(const checkup_t *self, size_t index)
{
    assert(index < self->count);
    return &self->entries[index].finding;
}

/* ---- for programs ---- */

static const char *const STATES[] = {"ok", "warning", "fault", "skipped"};

enum { STATE_COUNT = sizeof STATES / sizeof *STATES };

static json_t *new_line(const struct finding *finding, const char *service)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s*}", "service", service, "step",
                     finding->step, "state", STATES[finding->state], "text",
                     finding->text, "remedy",
                     finding->remedy[0] != '\0' ? finding->remedy : NULL);
}

void checkup_print_json(const checkup_t *self, FILE *to, const char *service)
{
    for (size_t i = 0; i < self->count; i++) {
        json_t *line = new_line(&self->entries[i].finding, service);
        json_dumpf(line, to, JSON_COMPACT);
        fputc('\n', to);
        json_decref(line);
    }
}

void checkup_add_json(const checkup_t *self, const char *service, json_t *array)
{
    for (size_t i = 0; i < self->count; i++) {
        json_array_append_new(array,
                              new_line(&self->entries[i].finding, service));
    }
}

static const char *text_of(const json_t *line, const char *member)
{
    return json_string_value(json_object_get(line, member));
}

int checkup_read_json(checkup_t *self, const char *text)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *step = text_of(line, "step");
    const char *state = text_of(line, "state");
    const char *found = text_of(line, "text");
    int status = -1;

    for (int i = 0; step && state && found && i < STATE_COUNT; i++) {
        if (strcmp(STATES[i], state) == 0) {
            checkup_note(self, step, (enum finding_state)i,
                         text_of(line, "remedy"), "%s", found);
            status = 0;
        }
    }
    json_decref(line);
    return status;
}

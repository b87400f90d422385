/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/notes.h"

#include "common/log.h"
#include <assert.h>
#include <czmq.h>

struct notes {
    zlistx_t *list; /* struct note *, as they came */
};

struct note {
    enum note_kind kind;
    char *path;
    char *what;
    char *remedy;
};

static void note_destroy(struct note **note_p)
{
    free((*note_p)->path);
    free((*note_p)->what);
    free((*note_p)->remedy);
    free(*note_p);
    *note_p = NULL;
}

notes_t *notes_new(void)
{
    notes_t *self = zmalloc(sizeof *self);

    assert(self);
    self->list = zlistx_new();
    assert(self->list);
    zlistx_set_destructor(self->list, (zlistx_destructor_fn *)note_destroy);
    return self;
}

void notes_destroy(notes_t **self_p)
{
    if (*self_p != NULL) {
        zlistx_destroy(&(*self_p)->list);
        free(*self_p);
        *self_p = NULL;
    }
}

void notes_add(notes_t *self, enum note_kind kind, const char *path,
               const char *what, const char *remedy)
{
    struct note *note = zmalloc(sizeof *note);

    assert(note);
    note->kind = kind;
    note->path = strdup(path);
    note->what = strdup(what);
    note->remedy = strdup(remedy);
    assert(note->path && note->what && note->remedy);
    zlistx_add_end(self->list, note);
}

size_t notes_count(const notes_t *self, enum note_kind kind)
{
    size_t count = 0;

    for (const struct note *note = zlistx_first(self->list); note != NULL;
         note = zlistx_next(self->list)) {
        count += note->kind == kind ? 1 : 0;
    }
    return count;
}

void notes_each(const notes_t *self, notes_tell_fn *tell, void *arg)
{
    for (const struct note *note = zlistx_first(self->list); note != NULL;
         note = zlistx_next(self->list)) {
        tell(arg, note->kind, note->path, note->what, note->remedy);
    }
}

void notes_print(const notes_t *self, const char *source)
{
    for (const struct note *note = zlistx_first(self->list); note != NULL;
         note = zlistx_next(self->list)) {
        fprintf(stderr, "%s: %s%s: %s; %s\n", source,
                note->kind == NOTE_WARNING ? "warning: " : "", note->path,
                note->what, note->remedy);
    }
}

void notes_log(const notes_t *self)
{
    for (const struct note *note = zlistx_first(self->list); note != NULL;
         note = zlistx_next(self->list)) {
        if (note->kind == NOTE_WARNING) {
            log_warn("config.warning", TEXT("member", note->path),
                     TEXT("why", note->what), TEXT("remedy", note->remedy));
        } else {
            log_error("config.fault", TEXT("member", note->path),
                      TEXT("why", note->what), TEXT("remedy", note->remedy));
        }
    }
}

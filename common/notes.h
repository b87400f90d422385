/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_NOTES_H
#define COMMON_NOTES_H

/* What is wrong with a configuration, all of it, to be told at once. */

#include <stddef.h>

typedef struct notes notes_t;

enum note_kind {
    NOTE_FAULT,   /* with it nothing starts */
    NOTE_WARNING, /* it works today, but not for ever */
};

/* Never NULL. */
notes_t *notes_new(void);
void notes_destroy(notes_t **self_p);

/* The member's path, what is wrong with it, and what to do; copied. */
void notes_add(notes_t *self, enum note_kind kind, const char *path,
               const char *what, const char *remedy);

size_t notes_count(const notes_t *self, enum note_kind kind);

/* Call `tell` for each, as they came. */
typedef void notes_tell_fn(void *arg, enum note_kind kind, const char *path,
                           const char *what, const char *remedy);
void notes_each(const notes_t *self, notes_tell_fn *tell, void *arg);

/* One a line on standard error: "SOURCE: PATH: WHAT; REMEDY"; or as events
 * config.fault and config.warning in the log. */
void notes_print(const notes_t *self, const char *source);
void notes_log(const notes_t *self);

#endif

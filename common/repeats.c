/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/repeats.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_MAX = 64 };

struct entry {
    char key[160];
    int64_t since_ms; /* when its minute began … */
    unsigned lines;   /* … and how many were written in it */
    int64_t quiet;    /* not reported since */
};

struct repeats {
    size_t count;
    struct entry entries[KEYS_MAX];
};

repeats_t *repeats_new(void)
{
    repeats_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    return self;
}

void repeats_destroy(repeats_t **self_p)
{
    free(*self_p);
    *self_p = NULL;
}

static struct entry *find_oldest(repeats_t *self)
{
    struct entry *oldest = &self->entries[0];

    for (size_t i = 1; i < KEYS_MAX; i++) {
        if (self->entries[i].since_ms < oldest->since_ms) {
            oldest = &self->entries[i];
        }
    }
    return oldest;
}

static struct entry *find(repeats_t *self, const char *key, int64_t now_ms)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strncmp(self->entries[i].key, key,
                    sizeof self->entries[i].key - 1) == 0) {
            return &self->entries[i];
        }
    }
    struct entry *entry = self->count < KEYS_MAX ? &self->entries[self->count++]
                                                 : find_oldest(self);
    snprintf(entry->key, sizeof entry->key, "%s", key);
    entry->quiet = 0;
    entry->since_ms = now_ms - REPEATS_MS;
    return entry;
}

static int64_t note(repeats_t *self, const char *key, unsigned lines_max,
                    int64_t now_ms)
{
    struct entry *entry = find(self, key, now_ms);
    int64_t count = ++entry->quiet;

    if (now_ms - entry->since_ms >= REPEATS_MS) {
        entry->since_ms = now_ms;
        entry->lines = 0;
    }
    if (entry->lines == lines_max) {
        return 0;
    }
    entry->lines++;
    entry->quiet = 0;
    return count;
}

int64_t repeats_note(repeats_t *self, const char *key, int64_t now_ms)
{
    return note(self, key, 1, now_ms);
}

int64_t repeats_note_change(repeats_t *self, const char *key, int64_t now_ms)
{
    return note(self, key, REPEATS_CHANGES, now_ms);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/marks.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 64 };

/* Items are numbered from 1; 0 is the end of a chain, and between the oldest
 * and the youngest item in the order of their age. */
struct item {
    uint64_t key;
    int64_t mark;
    uint32_t chain; /* the next item of the same slot */
    uint32_t older;
    uint32_t younger;
};

struct marks {
    size_t most;
    size_t room;  /* a power of two: items, and slots */
    size_t count; /* items in use */
    struct item *items;
    uint32_t *slots; /* the first item of each chain */
    uint64_t pushed_out;
};

/* ---- chains ---- */

/* Keys are hashes: any of their bits will do. */
static uint32_t *slot_of(const marks_t *self, uint64_t key)
{
    return &self->slots[key & (self->room - 1)];
}

static uint32_t find(const marks_t *self, uint64_t key)
{
    uint32_t at = *slot_of(self, key);

    while (at != 0 && self->items[at].key != key) {
        at = self->items[at].chain;
    }
    return at;
}

static void chain(marks_t *self, uint32_t at)
{
    uint32_t *slot = slot_of(self, self->items[at].key);

    self->items[at].chain = *slot;
    *slot = at;
}

static void unchain(marks_t *self, uint32_t at)
{
    uint32_t *link = slot_of(self, self->items[at].key);

    while (*link != at) {
        link = &self->items[*link].chain;
    }
    *link = self->items[at].chain;
}

/* ---- age ---- */

static void become_youngest(marks_t *self, uint32_t at)
{
    struct item *items = self->items;

    items[at].older = items[0].older;
    items[at].younger = 0;
    items[items[0].older].younger = at;
    items[0].older = at;
}

static void leave_order(marks_t *self, uint32_t at)
{
    struct item *items = self->items;

    items[items[at].older].younger = items[at].younger;
    items[items[at].younger].older = items[at].older;
}

/* ---- room ---- */

static void grow(marks_t *self, size_t room)
{
    self->items = realloc(self->items, (room + 1) * sizeof *self->items);
    free(self->slots);
    self->slots = calloc(room, sizeof *self->slots);
    assert(self->items && self->slots);
    self->room = room;
    for (uint32_t at = 1; at <= self->count; at++) {
        chain(self, at);
    }
}

static uint32_t reuse(marks_t *self, uint32_t at)
{
    unchain(self, at);
    leave_order(self, at);
    return at;
}

static uint32_t make_room(marks_t *self, int64_t over)
{
    uint32_t oldest = self->items[0].younger;

    if (oldest != 0 && self->items[oldest].mark <= over) {
        return reuse(self, oldest);
    }
    if (self->count == self->most) {
        self->pushed_out++;
        return reuse(self, oldest);
    }
    if (self->count == self->room) {
        grow(self, 2 * self->room);
    }
    return (uint32_t)++self->count;
}

/* ---- */

int64_t marks_get(const marks_t *self, uint64_t key)
{
    uint32_t at = find(self, key);

    return at != 0 ? self->items[at].mark : 0;
}

void marks_set(marks_t *self, uint64_t key, int64_t mark, int64_t over)
{
    uint32_t at = find(self, key);

    if (at != 0) {
        leave_order(self, at);
    } else {
        at = make_room(self, over);
        self->items[at].key = key;
        chain(self, at);
    }
    self->items[at].mark = mark;
    become_youngest(self, at);
}

size_t marks_count(const marks_t *self)
{
    return self->count;
}

size_t marks_bytes(const marks_t *self)
{
    return sizeof *self + (self->room + 1) * sizeof *self->items +
           self->room * sizeof *self->slots;
}

uint64_t marks_pushed_out(const marks_t *self)
{
    return self->pushed_out;
}

marks_t *marks_new(size_t most)
{
    marks_t *self = calloc(1, sizeof *self);

    assert(self && most > 0 && most < INT32_MAX);
    self->most = most;
    grow(self, ROOM_FIRST);
    memset(&self->items[0], 0, sizeof self->items[0]);
    return self;
}

void marks_destroy(marks_t **self_p)
{
    marks_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->items);
    free(self->slots);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/stanza_text.h"

#include <assert.h>
#include <string.h>

/* A guard that has read the header of its stream. */
static guard_t *open_stream(void)
{
    guard_t *guard = guard_new();
    struct guard_item item;

    guard_feed(guard, STREAM_HEADER, strlen(STREAM_HEADER));
    while (guard_next(guard, &item)) {
        assert(item.kind == GUARD_BYTES);
    }
    return guard;
}

static bool is_one_stanza(const char *xml)
{
    guard_t *guard = open_stream();
    struct guard_item item;
    size_t stanzas = 0, others = 0;

    guard_feed(guard, xml, strlen(xml));
    while (guard_next(guard, &item)) {
        *(item.kind == GUARD_STANZA ? &stanzas : &others) += 1;
    }
    guard_destroy(&guard);
    return stanzas == 1 && others == 0;
}

int stanza_text_open(struct stanza_text *t, const char *xml)
{
    struct guard_item item;

    if (!is_one_stanza(xml)) {
        return -1;
    }
    t->guard = open_stream();
    guard_feed(t->guard, xml, strlen(xml));
    bool is_there = guard_next(t->guard, &item);
    assert(is_there && item.kind == GUARD_STANZA);
    t->stanza = item.stanza;
    stanza_read(&t->iq, t->stanza);
    return 0;
}

void stanza_text_close(struct stanza_text *t)
{
    guard_destroy(&t->guard);
}

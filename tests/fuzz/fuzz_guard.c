/* SPDX-License-Identifier: BSD-3-Clause */
/* The stream from the XMPP server. How it is cut into reads does not change
 * what comes out, and what has passed once passes a second time. */
#include "services/xmpp-frontend/guard.h"
#include "tests/fuzz/fuzz_target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct output {
    char *bytes; /* for libstrophe */
    size_t size;
    char *stanzas; /* each of them written down */
    size_t stanzas_size;
    unsigned dropped;
    bool is_broken;
};

static void write_element(FILE *out, const struct element *e)
{
    fprintf(out, "{%s|%s|%s", e->name, e->ns != NULL ? e->ns : "",
            e->text != NULL ? e->text : "");
    for (size_t i = 0; i < e->attribute_count; i++) {
        fprintf(out, "|%s=%s", e->attributes[i].name, e->attributes[i].value);
    }
    for (const struct element *c = e->child; c != NULL; c = c->next) {
        write_element(out, c);
    }
    fputc('}', out);
}

static void take(struct output *output, const struct guard_item *item,
                 FILE *bytes, FILE *stanzas)
{
    switch (item->kind) {
    case GUARD_BYTES:
        fwrite(item->bytes, 1, item->size, bytes);
        break;
    case GUARD_STANZA:
        write_element(stanzas, item->stanza);
        break;
    case GUARD_DROPPED:
        assert(item->why != NULL);
        output->dropped++;
        break;
    case GUARD_BROKEN:
        assert(item->why != NULL);
        output->is_broken = true;
        break;
    }
}

/* Feed it all, `piece` bytes at a time, until the end or a failure. */
static struct output feed(const char *bytes, size_t size, size_t piece)
{
    struct output output = {0};
    FILE *passed = open_memstream(&output.bytes, &output.size);
    FILE *stanzas = open_memstream(&output.stanzas, &output.stanzas_size);
    guard_t *guard = guard_new();

    assert(passed != NULL && stanzas != NULL);
    while (size > 0 && !output.is_broken) {
        struct guard_item item;
        size_t some = size < piece ? size : piece;
        char *copy = malloc(some); /* so that nobody reads beyond it */
        assert(copy != NULL);
        memcpy(copy, bytes, some);
        guard_feed(guard, copy, some);
        while (guard_next(guard, &item)) {
            take(&output, &item, passed, stanzas);
        }
        free(copy);
        bytes += some;
        size -= some;
    }
    fclose(passed);
    fclose(stanzas);
    guard_destroy(&guard);
    return output;
}

static void release(struct output *output)
{
    free(output->bytes);
    free(output->stanzas);
}

static bool have_same_start(const char *a, size_t a_size, const char *b,
                            size_t b_size)
{
    return memcmp(a, b, a_size < b_size ? a_size : b_size) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    struct output whole = feed(bytes, size - 1, size);
    struct output cut = feed(bytes, size - 1, data[0] + 1U);
    struct output again = feed(whole.bytes, whole.size, size);

    /* Of a stream that breaks, either may have seen more. */
    assert(have_same_start(whole.bytes, whole.size, cut.bytes, cut.size));
    assert(have_same_start(whole.stanzas, whole.stanzas_size, cut.stanzas,
                           cut.stanzas_size));
    assert(!again.is_broken && again.dropped == 0 && again.stanzas_size == 0);
    release(&again);
    release(&cut);
    release(&whole);
    return 0;
}

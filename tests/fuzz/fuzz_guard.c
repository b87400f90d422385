/* SPDX-License-Identifier: BSD-3-Clause */
/* The stream from the XMPP server. How it is cut into reads does not change
 * what passes, and what has passed once passes a second time. */
#include "services/xmpp-frontend/guard.h"
#include "tests/fuzz/fuzz_target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct passed {
    char *bytes;
    size_t size;
    unsigned dropped;
    int status; /* of the last feed */
};

/* Feed it all, `piece` bytes at a time, until the end or a failure. */
static struct passed feed(const char *bytes, size_t size, size_t piece)
{
    struct passed passed = {0};
    FILE *out = open_memstream(&passed.bytes, &passed.size);
    guard_t *guard = guard_new();

    assert(out != NULL);
    while (size > 0 && passed.status == 0) {
        struct guard_result result;
        size_t some = size < piece ? size : piece;
        passed.status = guard_feed(guard, bytes, some, &result);
        assert(passed.status == 0 || result.why != NULL);
        if (result.size > 0) {
            fwrite(result.bytes, 1, result.size, out);
        }
        passed.dropped += result.dropped;
        bytes += some;
        size -= some;
    }
    fclose(out);
    guard_destroy(&guard);
    return passed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    const char *bytes = (const char *)data + 1;
    struct passed whole = feed(bytes, size - 1, size);
    struct passed cut = feed(bytes, size - 1, data[0] + 1U);
    struct passed again = feed(whole.bytes, whole.size, size);

    /* The end of either may still be held. */
    assert(memcmp(whole.bytes, cut.bytes,
                  whole.size < cut.size ? whole.size : cut.size) == 0);
    assert(again.status == 0 && again.dropped == 0);
    free(again.bytes);
    free(cut.bytes);
    free(whole.bytes);
    return 0;
}

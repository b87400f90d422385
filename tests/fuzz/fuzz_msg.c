/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames from the bus. What decodes encodes again, and then stays the same. */
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/every_message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Decode `frame`, which must be possible, and encode what it says. */
static char *encode_again(const struct message_kind *kind, const char *frame)
{
    union any_message taken;
    struct proto_err err;
    struct msg m;

    int status = msg_open(&m, frame, strlen(frame), &err);
    assert(status == 0);
    status = kind->decode(&taken, &m, &err);
    assert(status == 0);
    char *again = kind->encode(&taken, m.id, &err);
    msg_close(&m);
    return again;
}

static void check_kind(const struct message_kind *kind, const struct msg *m)
{
    union any_message taken;
    struct proto_err err = {0};

    if (kind->decode(&taken, m, &err) != 0) {
        assert(err.field != NULL && err.why != NULL);
        return;
    }
    assert(msg_is(m, kind->type));
    char *once = kind->encode(&taken, m->id, &err);
    assert(once != NULL);
    char *twice = encode_again(kind, once);
    assert(twice != NULL && strcmp(once, twice) == 0);
    free(twice);
    free(once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proto_err err = {0};
    struct msg m;

    if (msg_open(&m, data, size, &err) != 0) {
        assert(err.field != NULL && err.why != NULL);
        return 0;
    }
    for (const struct message_kind *k = EVERY_MESSAGE; k->type != NULL; k++) {
        check_kind(k, &m);
    }
    msg_close(&m);
    return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames from the bus. What decodes encodes again, and then stays the same;
 * what is read without jansson is what jansson reads. */
#include "proto/flat.h"
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

static void check_member(const struct flat_member *member, const json_t *value)
{
    if (member->string == NULL) {
        assert(json_is_integer(value));
        assert(json_integer_value(value) == member->number);
    } else {
        assert(json_is_string(value));
        assert(json_string_length(value) == member->size);
        assert(strcmp(json_string_value(value), member->string) == 0);
    }
}

static void check_flat(const uint8_t *data, size_t size)
{
    struct flat *flat = flat_read((const char *)data, size);

    if (flat == NULL) {
        return;
    }
    json_t *root =
        json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
    assert(json_is_object(root) && json_object_size(root) == flat->count);
    for (size_t i = 0; i < flat->count; i++) {
        const struct flat_member *member = &flat->members[i];
        check_member(member, json_object_get(root, member->name));
    }
    json_decref(root);
    free(flat);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proto_err err = {0};
    struct msg m;

    check_flat(data, size);
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

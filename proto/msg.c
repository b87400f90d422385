/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/field.h"
#include "proto/value.h"
#include <stdlib.h>
#include <string.h>

const char *msg_string(const struct msg *m, const char *name)
{
    return value_in(m->flat, m->root, name).string;
}

static int check_id(const struct value *id, struct proto_err *err)
{
    if (id->kind != STRING) {
        return refuse(err, "id", MISTYPED);
    }
    if (id->size < 1 || id->size > PROTO_ID_MAX) {
        return refuse(err, "id", OUT_OF_BOUNDS);
    }
    return 0;
}

static int check_envelope(struct msg *m, struct proto_err *err)
{
    const struct value version = value_in(m->flat, m->root, "v");
    const struct value type = value_in(m->flat, m->root, "type");
    const struct value id = value_in(m->flat, m->root, "id");

    if (m->flat == NULL && !json_is_object(m->root)) {
        return refuse(err, "message", "not a JSON object");
    }
    if (version.kind != INTEGER) {
        return refuse(err, "v", MISTYPED);
    }
    if (version.number != PROTO_VERSION) {
        return refuse(err, "v", "not a version that is known here");
    }
    if (type.kind != STRING) {
        return refuse(err, "type", MISTYPED);
    }
    if (check_id(&id, err) != 0) {
        return -1;
    }
    m->type = type.string;
    m->id = id.string;
    return 0;
}

int msg_open(struct msg *m, const void *frame, size_t size,
             struct proto_err *err)
{
    if (size > PROTO_FRAME_MAX) {
        return refuse(err, "message", "longer than 64 KiB");
    }
    *m = (struct msg){.flat = flat_read(frame, size)};
    if (m->flat == NULL) {
        m->root = json_loadb(frame, size, JSON_REJECT_DUPLICATES, NULL);
    }
    if (m->flat == NULL && m->root == NULL) {
        return refuse(err, "message",
                      "not JSON in UTF-8, or a member stands twice");
    }
    if (check_envelope(m, err) != 0) {
        msg_close(m);
        return -1;
    }
    return 0;
}

void msg_close(struct msg *m)
{
    json_decref(m->root);
    free(m->flat);
    *m = (struct msg){0};
}

bool msg_is(const struct msg *m, const char *type)
{
    return strcmp(m->type, type) == 0;
}

/* ---- keeping, and handing on ---- */

static json_t *tree_of(const struct msg *m)
{
    if (m->flat == NULL) {
        return json_copy(m->root);
    }
    json_t *root = json_object();
    for (size_t i = 0; i < m->flat->count; i++) {
        const struct flat_member *member = &m->flat->members[i];
        json_object_set_new(root, member->name,
                            member->string != NULL
                                ? json_stringn(member->string, member->size)
                                : json_integer(member->number));
    }
    return root;
}

struct msg msg_copy(const struct msg *m)
{
    struct msg copy = {.root = tree_of(m)};

    copy.type = msg_string(&copy, "type");
    copy.id = msg_string(&copy, "id");
    return copy;
}

char *msg_readdress(const struct msg *m, const char *id, struct proto_err *err)
{
    json_t *root = tree_of(m);

    *err = (struct proto_err){0};
    if (json_object_set_new(root, "id", json_string(id)) != 0) {
        refuse(err, "id", "not UTF-8");
        json_decref(root);
        return NULL;
    }
    char *frame = json_dumps(root, JSON_COMPACT);
    json_decref(root);
    if (strlen(frame) > PROTO_FRAME_MAX) {
        refuse(err, "message", "longer than 64 KiB");
        free(frame);
        return NULL;
    }
    return frame;
}

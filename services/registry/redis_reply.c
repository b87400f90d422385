/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_reply.h"

#include <assert.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

static bool is_text(const redisReply *reply)
{
    return reply->type == REDIS_REPLY_STRING ||
           reply->type == REDIS_REPLY_STATUS || reply->type == REDIS_REPLY_NIL;
}

/* hiredis has str NULL in a nil. */
int redis_reply_read(const redisReply *reply, struct redis_answer *answer)
{
    if (is_text(reply)) {
        *answer = (struct redis_answer){1, {reply->str}};
        return 0;
    }
    if (reply->type == REDIS_REPLY_INTEGER) {
        *answer = (struct redis_answer){0, {NULL}};
        return 0;
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements > REDIS_ITEMS_MAX) {
        return -1;
    }
    answer->count = reply->elements;
    for (size_t i = 0; i < reply->elements; i++) {
        const redisReply *element = reply->element[i];
        answer->items[i] = is_text(element) ? element->str : NULL;
    }
    return 0;
}

struct redis_value redis_reply_copy(const redisReply *reply)
{
    struct redis_value value = {.text = is_text(reply) ? reply->str : NULL};

    if (reply->type == REDIS_REPLY_INTEGER) {
        value.number = reply->integer;
    }
    if (reply->type == REDIS_REPLY_ARRAY && reply->elements > 0) {
        struct redis_value *items = calloc(reply->elements, sizeof *items);
        assert(items);
        for (size_t i = 0; i < reply->elements; i++) {
            items[i] = redis_reply_copy(reply->element[i]);
        }
        value.count = reply->elements;
        value.items = items;
    }
    return value;
}

void redis_reply_drop(const struct redis_value *value)
{
    for (size_t i = 0; i < value->count; i++) {
        redis_reply_drop(&value->items[i]);
    }
    free((void *)(uintptr_t)value->items);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/target_row.h"

#include "services/registry/keys.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    APP,
    DOMAIN,
    DEVICE,
    CHANNEL,
    TOKEN,
    DEFERRED,
    CREATED,
    RENEWED,
    AT,
    ROW_FIELDS,
};
_Static_assert((int)ROW_FIELDS <= (int)REDIS_ITEMS_MAX, "an answer has room");

struct reading {
    redis_t *redis;
    target_row_fn *on_row;
    void *arg;
    bool is_second; /* the key was in a pointer */
    char node[NODE_SIZE + 1];
};

static int64_t number_of(const char *text)
{
    long long number = text != NULL ? strtoll(text, NULL, 10) : 0;

    return number > 0 ? number : 0;
}

static void give(const struct reading *reading, const char *const *items)
{
    const struct target_row row = {.app = items[APP],
                                   .domain = items[DOMAIN],
                                   .device = items[DEVICE],
                                   .channel = items[CHANNEL],
                                   .token = items[TOKEN],
                                   .deferred = items[DEFERRED],
                                   .created_ms = number_of(items[CREATED]),
                                   .renewed_ms = number_of(items[RENEWED])};

    reading->on_row(reading->arg, true, row.token != NULL ? &row : NULL);
}

static redis_answer_fn on_answer;

static void ask(const struct reading *reading, const char *key)
{
    const char *argv[] = {"HMGET",   key,       "app",   "domain",
                          "device",  "channel", "token", "deferred",
                          "created", "renewed", "at"};
    struct reading *copy = malloc(sizeof *copy);

    assert(copy);
    *copy = *reading;
    redis_send(reading->redis, argv, sizeof argv / sizeof *argv, on_answer,
               copy);
}

static void on_answer(void *arg, const struct redis_answer *answer)
{
    struct reading reading = *(struct reading *)arg;
    char key[KEY_ROOM];

    free(arg);
    if (answer == NULL || answer->count != ROW_FIELDS) {
        reading.on_row(reading.arg, false, NULL);
    } else if (!reading.is_second && answer->items[AT] != NULL &&
               key_of_pointed(key, answer->items[AT], reading.node)) {
        reading.is_second = true;
        ask(&reading, key);
    } else {
        give(&reading, answer->items);
    }
}

void target_row_read(redis_t *redis, const char *node, target_row_fn *on_row,
                     void *arg)
{
    struct reading reading = {redis, on_row, arg, false, ""};
    char key[KEY_ROOM];

    if (!node_is_valid(node)) {
        on_row(arg, true, NULL); /* no such node was ever handed out */
        return;
    }
    memcpy(reading.node, node, sizeof reading.node);
    key_of_node(key, node);
    ask(&reading, key);
}

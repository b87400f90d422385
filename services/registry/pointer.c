/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/pointer.h"

#include "services/registry/keys.h"
#include "services/registry/scripts.h"

void pointer_write(redis_t *redis, const char *node, const char *at,
                   redis_answer_fn *on_answer, void *arg)
{
    char place[KEY_ROOM];

    key_of_node(place, node);
    const char *argv[] = {"EVAL", SCRIPT_POINT, "1", place, at};
    redis_send(redis, argv, sizeof argv / sizeof *argv, on_answer, arg);
}

static void on_removed(void *arg, const struct redis_answer *answer)
{
    (void)arg;
    (void)answer;
}

void pointers_remove(redis_t *redis, const struct redis_answer *answer)
{
    char place[KEY_ROOM];

    for (size_t i = 1; answer != NULL && i + 1 < answer->count; i += 2) {
        const char *node = answer->items[i];
        const char *at = answer->items[i + 1];
        if (node != NULL && at != NULL && node_is_valid(node)) {
            key_of_node(place, node);
            const char *argv[] = {"EVAL", SCRIPT_UNPOINT, "1", place, at};
            redis_send(redis, argv, sizeof argv / sizeof *argv, on_removed,
                       NULL);
        }
    }
}

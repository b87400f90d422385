/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_LINK_H
#define REGISTRY_REDIS_LINK_H

/* One connection to Redis, with many commands on the way at once. The only
 * place that knows hiredis.
 *
 * It connects by itself and goes on trying for as long as it lives. Whatever
 * happens to a command, its caller hears of it once, in less than
 * REDIS_ANSWER_MS and a bit. */

#include "services/registry/redis_url.h"
#include <czmq.h>

enum {
    REDIS_ANSWER_MS = 3000, /* no answer to anything for so long: it hangs */
    REDIS_CALLS_MAX = 1024, /* commands on the way */
    REDIS_ITEMS_MAX = 8,    /* texts in an answer */
};

typedef struct redis_link redis_link_t;

/* One text, or an array of them; NULL stands for nil. */
struct redis_answer {
    size_t count;
    const char *items[REDIS_ITEMS_MAX];
};

/* `answer` lives during the call. NULL when Redis refused the command or did
 * not answer it: in the latter case nobody knows whether it was carried out.
 * The reason has then been logged. */
typedef void redis_answer_fn(void *arg, const struct redis_answer *answer);

/* `url` is copied. Never NULL: a Redis that is not there yet is waited for.
 * The process must ignore SIGPIPE, since hiredis does not. */
redis_link_t *redis_link_new(zloop_t *loop, const struct redis_url *url);

/* Commands that are still on the way hear of it with NULL. */
void redis_link_destroy(redis_link_t **self_p);

/* Send a command of `argc` texts. `on_answer` may be called before this
 * returns: with NULL, when there is no connection now or too much on the way.
 * A command is never sent twice. */
void redis_link_send(redis_link_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg);

#endif

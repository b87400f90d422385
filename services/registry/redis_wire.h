/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_REDIS_WIRE_H
#define REGISTRY_REDIS_WIRE_H

/* A connection to a server that speaks Redis's protocol, be it Redis or a
 * sentinel, with many commands on the way at once. With redis_reply.c the only
 * place that knows hiredis. Nothing here waits: names are looked up in the
 * background, and what takes too long ends the connection. */

#include "services/registry/redis_fault.h"
#include "services/registry/redis_url.h"
#include "services/registry/redis_value.h"
#include <czmq.h>

enum {
    REDIS_CALLS_MAX = 1024, /* commands on the way */
    REDIS_ARGS_MAX = 24,    /* texts in a command */
};

typedef struct redis_wire redis_wire_t;

/* `answer` lives during the call. NULL when the server refused the command or
 * did not answer it: in the latter case nobody knows whether it was carried
 * out. */
typedef void redis_answer_fn(void *arg, const struct redis_answer *answer);
typedef void redis_value_fn(void *arg, const struct redis_value *value);

struct redis_wire_events {
    /* Connected; nothing has been said yet. */
    void (*on_open)(void *arg);
    /* A command was refused, with this error, or with "" if what came makes
     * no sense as its answer. Its own callback, `whose`, then gets NULL. */
    void (*on_refused)(void *arg, const char *error, redis_answer_fn *whose);
    /* There is no connection any more, or there was none to be had. Commands
     * that were on the way have heard of it. `fault` is NULL if that was
     * wanted; `detail` may be. */
    void (*on_closed)(void *arg, const struct redis_fault *fault,
                      const char *detail);
    void *arg;
};

/* Never NULL. A server that answers nothing for `patience_ms` is given up, and
 * so is a name or an address for which nothing happens within it. The process
 * must ignore SIGPIPE, since hiredis does not. */
redis_wire_t *redis_wire_new(zloop_t *loop, int64_t patience_ms,
                             const struct redis_wire_events *events);
/* Not from one of its callbacks. Commands on the way hear of it; on_closed is
 * not called. */
void redis_wire_destroy(redis_wire_t **self_p);

/* Begin to connect, to one address of the host after another or to a UNIX
 * socket: on_open or on_closed follows, possibly before this returns. There
 * must be no connection. `place` is copied. */
void redis_wire_open(redis_wire_t *self, const struct redis_place *place);

/* End the connection at once, or as soon as the callback that this is called
 * from has returned; on_closed follows. */
void redis_wire_close(redis_wire_t *self);

/* The same, but once all that is on the way has been answered. */
void redis_wire_finish(redis_wire_t *self);

/* Send a command of `argc` texts. `on_answer` may be called before this
 * returns: with NULL, when there is no connection or too much on the way. A
 * command is never sent twice. */
void redis_wire_send(redis_wire_t *self, const char *const *argv, size_t argc,
                     redis_answer_fn *on_answer, void *arg);

/* The same for a command whose answer has another shape; the value lives
 * during the call. */
void redis_wire_ask(redis_wire_t *self, const char *const *argv, size_t argc,
                    redis_value_fn *on_value, void *arg);

#endif

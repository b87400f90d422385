/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_ANSWERS_H
#define TESTS_LOAD_ANSWERS_H

/* What a component says to its XMPP server, from the bytes of its stream. */

#include <stdbool.h>
#include <stddef.h>

typedef struct answers answers_t;

/* An IQ. The texts are "" where there is none, and live in the callback. */
struct answer {
    const char *id;
    const char *type;
    const char *to;
    const char *error_type; /* of the <error/> */
    const char *condition;  /* of RFC 6120 in it */
    const char *node;       /* a registration's; only its form has fields … */
    const char *secret;     /* … with these names */
};

struct answers_events {
    void (*on_open)(void *arg); /* the stream's header has come */
    void (*on_handshake)(void *arg, const char *digest);
    void (*on_answer)(void *arg, const struct answer *answer);
    void *arg;
};

/* Never NULL. */
answers_t *answers_new(const struct answers_events *events);
void answers_destroy(answers_t **self_p);

/* Returns 0, or -1 when that is no XML or the stream has ended. */
int answers_feed(answers_t *self, const char *bytes, size_t size);

#endif

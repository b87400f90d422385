/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_REQUESTS_H
#define TESTS_LOAD_REQUESTS_H

/* The stanzas that an XMPP server hands to Wakebus. */

#include <stddef.h>
#include <stdint.h>

enum {
    REQUEST_ROOM = 2048, /* bytes that any of them needs at most */
    NODE_ROOM = 13,      /* as Wakebus gives them, with NUL */
    SECRET_ROOM = 25,
};

/* Who speaks to whom. */
struct addresses {
    const char *component;
    const char *domain; /* of the users' server */
};

/* Both return the length, and have written that many bytes to `out`, which has
 * room for REQUEST_ROOM. `id` makes the stanza's own. */

/* An app registers: user `device` of the domain, on a device of that number.
 * `service` is fcm or apns; tokens are as long as those of each are. */
size_t request_register(char *out, const struct addresses *who, uint64_t id,
                        const char *service, uint64_t device);

/* A message came for somebody who is away, as Prosody 0.12 puts it. */
size_t request_publish(char *out, const struct addresses *who, uint64_t id,
                       const char *node, const char *secret);

#endif

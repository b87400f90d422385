/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_SEALED_NODE_H
#define XMPP_FRONTEND_SEALED_NODE_H

/* A pubsub node that is the target itself, sealed under a key that only the
 * operator has: who holds it can neither read the device token in it, nor
 * change it, nor use it for another domain than the one it was sealed for.
 *
 *     "s1." base64url(tag, id of the key, ciphertext)
 *
 * The cipher is AES-256-SIV (RFC 5297), with "s1.", the id and the domain as
 * associated data. It needs no nonce: the same target is sealed to the same
 * node. That is wanted. Apps register at each login, and servers keep a
 * subscription for each node that they were told of, so a node that was
 * different each time would wake a device once more with each login. What is
 * given away is that two nodes are equal.
 *
 * A node has a secret, as registered ones have, made of it by HMAC. Pure. */

#include "services/xmpp-frontend/sealed_keys.h"

enum {
    SEALED_NODE_MAX = 1024,                 /* bytes */
    SEALED_NODE_SIZE = SEALED_NODE_MAX + 1, /* with its NUL */
    SEALED_SECRET_SIZE = 25,                /* with its NUL */
    SEALED_TEXT_SIZE = SEALED_NODE_MAX,     /* room for what is in it */
};

struct sealed_target {
    const char *app;
    const char *device;  /* 40 hex digits */
    const char *channel; /* the same, or empty */
    const char *token;
    int64_t sealed_s; /* Unix time, as it was sealed with */
};

/* Does it look like one? No node of a registry does, and no device token. */
bool sealed_node_is(const char *node);

/* Seal a target for a domain with the first key. Returns 0, or -1 when the node
 * would be too long. */
int sealed_node_seal(const struct sealed_keys *keys,
                     const struct sealed_target *target, const char *domain,
                     char node[SEALED_NODE_SIZE]);

/* Open what a server of `domain` pushes to. Returns 0 with the strings of
 * `target` in `text`, or -1: it was changed, or sealed for another domain or
 * under a key that is not there. */
int sealed_node_open(const struct sealed_keys *keys, const char *node,
                     const char *domain, struct sealed_target *target,
                     char text[SEALED_TEXT_SIZE]);

/* The secret of a node that these keys have sealed, or can open. */
void sealed_node_secret(const struct sealed_keys *keys, const char *node,
                        char secret[SEALED_SECRET_SIZE]);

/* Is it that? In constant time; NULL is not. */
bool sealed_node_has_secret(const struct sealed_keys *keys, const char *node,
                            const char *secret);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_SEALED_KEYS_H
#define XMPP_FRONTEND_SEALED_KEYS_H

/* The operator's keys for sealed nodes, from the file sealed.keys_file: one a
 * line, in 64 hex digits. The first one seals; all open, so that nodes go on
 * when another key takes over. */

#include "common/keyfile.h"
#include "common/settings.h"

enum {
    SEALED_KEYS_MAX = 16,
    SEALED_KEY_ID_SIZE = 4,
    SEALED_SUBKEY_SIZE = 64,
};

/* What is used of a key: never the key itself, but what HMAC-SHA-512 makes of
 * it for each purpose (HKDF-Expand of RFC 5869, 2.3, in one block). */
struct sealed_key {
    unsigned char id[SEALED_KEY_ID_SIZE];     /* stands in the nodes */
    unsigned char cipher[SEALED_SUBKEY_SIZE]; /* for AES-256-SIV */
    unsigned char secret[SEALED_SUBKEY_SIZE]; /* for the secrets of nodes */
};

struct sealed_keys {
    size_t count; /* 1..SEALED_KEYS_MAX */
    struct sealed_key items[SEALED_KEYS_MAX];
};

/* Read the text of a keys file. NULL with `fault` set if a line is no key, a
 * key stands twice, or there are none or too many. */
struct sealed_keys *sealed_keys_parse(const char *text, struct fault *fault);
/* Wipes them. Null-safe. */
void sealed_keys_destroy(struct sealed_keys **self_p);

/* NULL if there is none of that id. */
const struct sealed_key *
sealed_keys_find(const struct sealed_keys *self,
                 const unsigned char id[SEALED_KEY_ID_SIZE]);

/* The check of the frontend's settings: reads the file that they name. */
void sealed_keys_check(struct settings *settings);

/* What it has read: NULL if no file is named. */
const struct sealed_keys *sealed_keys_of(const struct settings *settings);

#endif

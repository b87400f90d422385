/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_KEYRING_H
#define COMMON_KEYRING_H

/* The CURVE keys of a process (CurveZMQ, RFC 26): its own pair, and the public
 * keys of those that it lets in, each with the role that its certificate
 * names. The directory of public keys is read again when it has changed, so
 * that a key can be added or taken away while everything runs. Files are those
 * of `wakebusctl keygen`, in CZMQ's format for certificates. */

#include "common/keyfile.h"
#include <czmq.h>

typedef struct keyring keyring_t;

/* The role of those that bind the inbox; all others are workers, but for the
 * operator's tool, which asks. */
#define ROLE_FRONTEND "xmpp-frontend"
#define ROLE_OPERATOR "wakebusctl"

/* `key_file` must hold a pair whose certificate is for `role`, and nobody but
 * its owner and group may read it: else NULL, with `fault` set. Lets nobody
 * in yet. */
keyring_t *keyring_open(const char *key_file, const char *role,
                        struct fault *fault);
void keyring_close(keyring_t **self_p);

/* Let in those whose public certificates are in this directory. Returns 0, or
 * -1 with `fault` set when it cannot be read. Files in it that are none are
 * named in the log, and taken for absent. */
int keyring_admit(keyring_t *self, const char *directory, struct fault *fault);

/* Look whether the directory has changed, and read it again then. While it
 * cannot be read all stays as it was. */
void keyring_refresh(keyring_t *self);

/* Its own pair; borrowed. */
zcert_t *keyring_own(const keyring_t *self);

/* The role of a public key in Z85 text (RFC 32), or NULL: nobody we know.
 * Borrowed until the next refresh. */
const char *keyring_role(const keyring_t *self, const char *public_key);

/* One of the public keys with that role: the one after `previous`, the first
 * after the last, NULL when there is none. `previous` may be NULL. Borrowed
 * until the next refresh. */
const char *keyring_next(const keyring_t *self, const char *role,
                         const char *previous);

#endif

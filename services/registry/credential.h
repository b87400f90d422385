/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REGISTRY_CREDENTIAL_H
#define REGISTRY_CREDENTIAL_H

/* What a server has to show in order to push: a node, which names the target,
 * and a secret. Both are handed to the device when it registers. */

#include "services/registry/keys.h"

struct credential {
    char node[NODE_SIZE + 1];     /* its device's tag and 60 random bits */
    char secret[SECRET_SIZE + 1]; /* 144 random bits */
};

/* Draw a new pair for a valid device hash. Returns 0, or -1 when the system
 * has no randomness to give. */
int credential_draw(struct credential *fresh, const char *device);

/* A digest of who may push, or of who wants to. */
struct proof {
    unsigned char digest[64];
};

/* Makes proofs. What OpenSSL needs for a digest is looked for once: it takes
 * longer than the digest. */
typedef struct prover prover_t;

/* Never NULL. */
prover_t *prover_new(void);
void prover_destroy(prover_t **self_p);

/* `secret` may be NULL when none was shown. */
void proof_make(prover_t *prover, struct proof *proof, const char *domain,
                const char *secret);

/* Same domain, same secret? Takes as long for every answer and length. */
bool proof_equal(const struct proof *a, const struct proof *b);

#endif

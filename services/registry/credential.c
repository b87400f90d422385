/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/credential.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

enum { NODE_BYTES = NODE_SIZE / 4 * 3, SECRET_BYTES = SECRET_SIZE / 4 * 3 };

static void to_base64(char *text, const unsigned char *bytes, int size)
{
    EVP_EncodeBlock((unsigned char *)text, bytes, size);
}

int credential_draw(struct credential *fresh, const char *device)
{
    unsigned char node[NODE_BYTES];
    unsigned char secret[SECRET_BYTES];
    unsigned tag = device_bits(device);

    if (RAND_bytes(node, sizeof node) != 1 ||
        RAND_bytes(secret, sizeof secret) != 1) {
        return -1;
    }
    node[0] = (unsigned char)(tag >> 4);
    node[1] = (unsigned char)((tag & 0xf) << 4 | (node[1] & 0xf));
    to_base64(fresh->node, node, sizeof node);
    to_base64(fresh->secret, secret, sizeof secret);
    OPENSSL_cleanse(secret, sizeof secret);
    return 0;
}

struct prover {
    EVP_MD_CTX *context;
};

prover_t *prover_new(void)
{
    prover_t *self = calloc(1, sizeof *self);

    assert(self);
    self->context = EVP_MD_CTX_new();
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    int done = EVP_DigestInit_ex2(self->context, sha256, NULL);
    assert(done == 1);
    EVP_MD_free(sha256); /* the context has it */
    return self;
}

void prover_destroy(prover_t **self_p)
{
    prover_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    EVP_MD_CTX_free(self->context);
    free(self);
    *self_p = NULL;
}

static void digest(const prover_t *self, const char *text, unsigned char *out)
{
    int done = EVP_DigestInit_ex2(self->context, NULL, NULL) == 1 &&
               EVP_DigestUpdate(self->context, text, strlen(text)) == 1 &&
               EVP_DigestFinal_ex(self->context, out, NULL) == 1;

    assert(done);
}

/* A digest is compared instead of the text, because its length is always the
 * same: comparing texts would tell how long the right one is. */
void proof_make(prover_t *prover, struct proof *proof, const char *domain,
                const char *secret)
{
    _Static_assert(sizeof proof->digest == 2UL * SHA256_DIGEST_LENGTH,
                   "one half for each text");
    digest(prover, domain, proof->digest);
    digest(prover, secret == NULL ? "" : secret,
           proof->digest + SHA256_DIGEST_LENGTH);
}

bool proof_equal(const struct proof *a, const struct proof *b)
{
    return CRYPTO_memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

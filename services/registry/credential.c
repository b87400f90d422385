/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/credential.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
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

/* A digest is compared instead of the text, because its length is always the
 * same: comparing texts would tell how long the right one is. */
void proof_make(struct proof *proof, const char *domain, const char *secret)
{
    const char *shown = secret == NULL ? "" : secret;

    _Static_assert(sizeof proof->digest == 2UL * SHA256_DIGEST_LENGTH,
                   "one half for each text");
    SHA256((const unsigned char *)domain, strlen(domain), proof->digest);
    SHA256((const unsigned char *)shown, strlen(shown),
           proof->digest + SHA256_DIGEST_LENGTH);
}

bool proof_equal(const struct proof *a, const struct proof *b)
{
    return CRYPTO_memcmp(a->digest, b->digest, sizeof a->digest) == 0;
}

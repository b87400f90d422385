/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_JWT_H
#define COMMON_JWT_H

/* Signed JSON Web Tokens (RFC 7515, 7519): RS256 for Google's token endpoint,
 * ES256 for Apple. The only file that knows libjwt. */

#include "common/keyfile.h"
#include <stdbool.h>

enum signing_algorithm {
    SIGN_RS256, /* an RSA key of at least 2048 bits */
    SIGN_ES256, /* an EC key on P-256 */
};

typedef struct signing_key signing_key_t;

/* Check and keep a private key in PEM (PKCS#8 or the older forms, without a
 * password): a token is signed with it, and must verify. Returns NULL with
 * `fault` set when it is not PEM, is locked by a password, is of another kind
 * than the algorithm needs, or is damaged. */
signing_key_t *signing_key_new(enum signing_algorithm algorithm,
                               const char *pem, struct fault *fault);
/* Overwrites the key. */
void signing_key_destroy(signing_key_t **self_p);

signing_key_t *signing_key_copy(const signing_key_t *self);
bool signing_key_is_same(const signing_key_t *a, const signing_key_t *b);

/* Sign `claims`, a JSON object, with `key_id` as the header's `kid`. Takes
 * about a millisecond. Returns the compact form, which the caller frees, or
 * NULL when the claims are no JSON or the library fails. */
char *signing_key_sign(const signing_key_t *self, const char *key_id,
                       const char *claims);

#endif

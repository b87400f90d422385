/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SUPPORT_KEY_PEM_H
#define SUPPORT_KEY_PEM_H

#include <openssl/evp.h>
#include <stdbool.h>

/* Private keys in PEM (PKCS#8) that the caller frees, made anew: of "RSA" with
 * that many bits, or on an elliptic curve of that name. */
char *key_pem_rsa(unsigned bits);
char *key_pem_ec(const char *curve);

/* The same key, locked by a password. */
char *key_pem_locked(const char *pem, const char *password);

/* A key on P-256 whose public part belongs to another key. */
char *key_pem_damaged(void);

/* Does the token's signature verify with the key, by OpenSSL alone? For RS256
 * and ES256. */
bool key_pem_verifies(const char *pem, const char *token);

/* A part of a token, 0 or 1, decoded: JSON that the caller frees. */
char *key_pem_token_part(const char *token, int part);

#endif

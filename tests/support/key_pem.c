/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/support/key_pem.h"

#include <assert.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

static char *to_pem(EVP_PKEY *key, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;

    int done = PEM_write_bio_PKCS8PrivateKey(
        bio, key, password != NULL ? EVP_aes_128_cbc() : NULL, password,
        password != NULL ? (int)strlen(password) : 0, NULL, NULL);
    assert(done == 1);
    long size = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)size);
    assert(pem != NULL);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return pem;
}

static EVP_PKEY *from_pem(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);

    assert(key != NULL);
    BIO_free(bio);
    return key;
}

char *key_pem_rsa(unsigned bits)
{
    return to_pem(EVP_RSA_gen(bits), NULL);
}

char *key_pem_ec(const char *curve)
{
    return to_pem(EVP_EC_gen(curve), NULL);
}

char *key_pem_locked(const char *pem, const char *password)
{
    return to_pem(from_pem(pem), password);
}

/* An EC key in its own DER form ends with its public point. */
char *key_pem_damaged(void)
{
    enum { POINT_SIZE = 65 };
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-256")};
    unsigned char *der[2] = {NULL, NULL};
    int size = i2d_PrivateKey(keys[0], &der[0]);
    int other = i2d_PrivateKey(keys[1], &der[1]);
    char *data;

    assert(size == other && size > POINT_SIZE);
    memcpy(der[0] + size - POINT_SIZE, der[1] + size - POINT_SIZE, POINT_SIZE);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio(bio, "EC PRIVATE KEY", "", der[0], size);
    long length = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)length);
    assert(pem != NULL);
    BIO_free(bio);
    for (size_t i = 0; i < 2; i++) {
        EVP_PKEY_free(keys[i]);
        OPENSSL_free(der[i]);
    }
    return pem;
}

/* base64url without padding (RFC 4648, 5). Returns the number of bytes. */
static size_t decode(const char *text, size_t length, unsigned char *out)
{
    static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "abcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned bits = 0;
    unsigned value = 0;
    size_t size = 0;

    for (size_t i = 0; i < length; i++) {
        const char *at = strchr(ALPHABET, text[i]);
        assert(at != NULL);
        value = (value << 6 | (unsigned)(at - ALPHABET)) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[size++] = (unsigned char)(value >> bits);
        }
    }
    return size;
}

/* JWS has the two numbers of an ECDSA signature raw, OpenSSL wants DER. */
static size_t to_der(const unsigned char *raw, unsigned char *der)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    unsigned char *end = der;

    ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL),
                   BN_bin2bn(raw + 32, 32, NULL));
    int size = i2d_ECDSA_SIG(signature, &end);
    ECDSA_SIG_free(signature);
    assert(size > 0);
    return (size_t)size;
}

bool key_pem_verifies(const char *pem, const char *token)
{
    EVP_PKEY *key = from_pem(pem);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const char *dot = strrchr(token, '.');
    unsigned char raw[1024];
    unsigned char der[128];
    const unsigned char *signature = raw;

    size_t size = decode(dot + 1, strlen(dot + 1), raw);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC) {
        assert(size == 64);
        size = to_der(raw, der);
        signature = der;
    }
    bool good =
        EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
        EVP_DigestVerify(context, signature, size, (const unsigned char *)token,
                         (size_t)(dot - token)) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

char *key_pem_token_part(const char *token, int part)
{
    const char *from = part == 0 ? token : strchr(token, '.') + 1;
    size_t length = strcspn(from, ".");
    char *text = calloc(1, length + 1);

    assert(text != NULL);
    decode(from, length, (unsigned char *)text);
    return text;
}

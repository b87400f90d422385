/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/jwt.h"

#include <assert.h>
#include <jwt.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_BITS_MIN = 2048 };

struct signing_key {
    jwt_alg_t algorithm;
    char *pem; /* libjwt parses it anew for each signature */
};

/* Without a callback OpenSSL would ask for the password on the terminal. */
static int have_no_password(char *buffer, int size, int writing, void *asked)
{
    (void)buffer;
    (void)size;
    (void)writing;
    *(bool *)asked = true;
    return -1;
}

static EVP_PKEY *parse_pem(const char *pem, struct fault *fault)
{
    bool locked = false;
    BIO *bio = BIO_new_mem_buf(pem, -1);
    assert(bio != NULL);
    EVP_PKEY *key =
        PEM_read_bio_PrivateKey(bio, NULL, have_no_password, &locked);

    BIO_free(bio);
    ERR_clear_error();
    if (key == NULL && locked) {
        fault_set(fault, "remove the password: openssl pkey -in KEY -out NEW",
                  "is locked by a password");
    } else if (key == NULL) {
        fault_set(fault,
                  "give the file as it was downloaded, beginning with "
                  "-----BEGIN PRIVATE KEY-----",
                  "holds no private key in PEM");
    }
    return key;
}

static bool is_on_p256(const EVP_PKEY *key)
{
    char group[32] = "";

    return EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
                                          group, sizeof group, NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static int check_kind(enum signing_algorithm algorithm, const EVP_PKEY *key,
                      struct fault *fault)
{
    switch (algorithm) {
    case SIGN_RS256:
        if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
            return fault_set(fault,
                             "download the key of a Google service account",
                             "is not an RSA key");
        }
        if (EVP_PKEY_get_bits(key) < RSA_BITS_MIN) {
            return fault_set(fault, "make a new key in the Google console",
                             "is an RSA key of less than %d bits",
                             RSA_BITS_MIN);
        }
        break;
    case SIGN_ES256:
        if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC || !is_on_p256(key)) {
            return fault_set(fault,
                             "download a .p8 key for APNs from Apple's "
                             "developer site",
                             "is not an elliptic curve key on P-256");
        }
        break;
    }
    return 0;
}

static char *public_pem(const EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;

    assert(bio != NULL);
    int written = PEM_write_bio_PUBKEY(bio, key);
    assert(written == 1);
    (void)written;
    long size = BIO_get_mem_data(bio, &data);
    char *pem = strndup(data, (size_t)size);
    assert(pem != NULL);
    BIO_free(bio);
    return pem;
}

/* Does its public part verify what its private part has signed? */
static int try_out(const signing_key_t *self, const EVP_PKEY *key,
                   struct fault *fault)
{
    char *token = signing_key_sign(self, "check", "{\"iss\":\"check\"}");
    char *pem = public_pem(key);
    jwt_t *decoded = NULL;
    bool verifies =
        token != NULL && jwt_decode(&decoded, token, (const unsigned char *)pem,
                                    (int)strlen(pem)) == 0;

    jwt_free(decoded);
    free(pem);
    free(token);
    ERR_clear_error();
    return verifies ? 0
                    : fault_set(fault, "download the key once more",
                                "is damaged: it does not verify what it signs");
}

static signing_key_t *key_of(jwt_alg_t algorithm, const char *pem)
{
    signing_key_t *self = calloc(1, sizeof *self);

    assert(self != NULL);
    self->algorithm = algorithm;
    self->pem = strdup(pem);
    assert(self->pem != NULL);
    return self;
}

signing_key_t *signing_key_new(enum signing_algorithm algorithm,
                               const char *pem, struct fault *fault)
{
    EVP_PKEY *key = parse_pem(pem, fault);
    signing_key_t *self = NULL;

    if (key != NULL && check_kind(algorithm, key, fault) == 0) {
        self = key_of(algorithm == SIGN_RS256 ? JWT_ALG_RS256 : JWT_ALG_ES256,
                      pem);
        if (try_out(self, key, fault) != 0) {
            signing_key_destroy(&self);
        }
    }
    EVP_PKEY_free(key);
    return self;
}

void signing_key_destroy(signing_key_t **self_p)
{
    if (*self_p != NULL) {
        keyfile_wipe(&(*self_p)->pem);
        free(*self_p);
        *self_p = NULL;
    }
}

signing_key_t *signing_key_copy(const signing_key_t *self)
{
    return key_of(self->algorithm, self->pem);
}

bool signing_key_is_same(const signing_key_t *a, const signing_key_t *b)
{
    return a->algorithm == b->algorithm && strcmp(a->pem, b->pem) == 0;
}

char *signing_key_sign(const signing_key_t *self, const char *key_id,
                       const char *claims)
{
    jwt_t *token = NULL;
    char *text = NULL;

    if (jwt_new(&token) != 0) {
        return NULL;
    }
    if (jwt_set_alg(token, self->algorithm, (const unsigned char *)self->pem,
                    (int)strlen(self->pem)) == 0 &&
        jwt_add_header(token, "kid", key_id) == 0 &&
        jwt_add_grants_json(token, claims) == 0) {
        text = jwt_encode_str(token);
    }
    jwt_free(token);
    return text;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/certificate.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOPICS_OID "1.2.840.113635.100.6.3.6"

static const char CHECK_PASSWORD[] =
    "check certificate_password; it may stand in a file of its own, see "
    "certificate_password_file";
static const char EXPORT_AGAIN[] =
    "export it anew: openssl pkcs12 -legacy -in OLD -nodes -out x.pem, then "
    "openssl pkcs12 -export -in x.pem -out NEW; or use x.pem itself";
static const char GIVE_BOTH[] =
    "give the certificate from Apple's developer site together with the key "
    "that its request was made with, in one file or in certificate_key_file";
static const char RENEW[] =
    "make a new certificate on Apple's developer site, or better use a .p8 "
    "key, which does not expire";

struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static BIO *open_text(const char *data, size_t size)
{
    BIO *bio = BIO_new_mem_buf(data, (int)size);

    assert(bio != NULL);
    return bio;
}

/* ---- PKCS#12 ---- */

static int unpack(PKCS12 *p12, const char *password, struct pair *pair,
                  struct fault *fault)
{
    if (PKCS12_verify_mac(p12, password, -1) != 1 &&
        (password[0] != '\0' || PKCS12_verify_mac(p12, NULL, 0) != 1)) {
        return fault_set(fault, CHECK_PASSWORD,
                         "does not open with the password");
    }
    if (PKCS12_parse(p12, password, &pair->key, &pair->certificate, NULL) !=
        1) {
        return fault_set(fault, EXPORT_AGAIN,
                         "is encrypted in an old way that OpenSSL 3 refuses");
    }
    if (pair->key == NULL || pair->certificate == NULL) {
        return fault_set(fault, GIVE_BOTH,
                         "lacks the certificate or its private key");
    }
    return 0;
}

static int load_pkcs12(const struct certificate *certificate,
                       const char *password, struct pair *pair,
                       struct fault *fault)
{
    BIO *bio = open_text(certificate->data, certificate->size);
    int status;

    PKCS12 *p12 = d2i_PKCS12_bio(bio, NULL);
    if (p12 == NULL) {
        status = fault_set(fault, "a .p12 file is binary; name PEM files .pem",
                           "is not in the format PKCS#12");
    } else {
        status = unpack(p12, password != NULL ? password : "", pair, fault);
    }
    PKCS12_free(p12);
    BIO_free(bio);
    return status;
}

/* ---- PEM ---- */

/* In place of OpenSSL's own, which asks on the terminal. */
static int give_password(char *buffer, int size, int writing, void *arg)
{
    const char *password = arg;

    size_t length = strlen(password);

    (void)writing;
    if (length >= (size_t)size) {
        return -1;
    }
    memcpy(buffer, password, length + 1);
    return (int)length;
}

static int load_pem_certificate(const struct certificate *certificate,
                                struct pair *pair, struct fault *fault)
{
    BIO *bio = open_text(certificate->data, certificate->size);

    pair->certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (pair->certificate == NULL) {
        return fault_set(fault, GIVE_BOTH, "holds no certificate in PEM");
    }
    return 0;
}

static int load_pem_key(const struct certificate *certificate,
                        const char *password, struct pair *pair,
                        struct fault *fault)
{
    const char *pem =
        certificate->key_pem != NULL ? certificate->key_pem : certificate->data;
    BIO *bio = open_text(pem, strlen(pem));
    char copy[256] = "";

    if (password != NULL) {
        snprintf(copy, sizeof copy, "%s", password);
    }
    bool locked = strstr(pem, "ENCRYPTED") != NULL;
    pair->key = PEM_read_bio_PrivateKey(bio, NULL, give_password, copy);
    explicit_bzero(copy, sizeof copy);
    BIO_free(bio);
    if (pair->key == NULL && locked) {
        return fault_set(fault, CHECK_PASSWORD,
                         "has a key that does not open with the password");
    }
    if (pair->key == NULL) {
        return fault_set(fault, GIVE_BOTH, "comes without its private key");
    }
    return 0;
}

/* ---- what it says ---- */

static void add_topic(struct certificate *certificate,
                      const unsigned char *text, long length)
{
    if (certificate->topic_count < CERTIFICATE_TOPICS_MAX && length >= 1 &&
        length < CERTIFICATE_TOPIC_SIZE) {
        char *topic = certificate->topics[certificate->topic_count++];
        memcpy(topic, text, (size_t)length);
        topic[length] = '\0';
    }
}

/* The extension is a sequence in which each topic, a string, is followed by a
 * sequence of the push types that it may have. */
static void read_topics(struct certificate *certificate,
                        const ASN1_OCTET_STRING *value)
{
    const unsigned char *at = ASN1_STRING_get0_data(value);
    const unsigned char *end = at + ASN1_STRING_length(value);
    long length;
    int tag;
    int class;

    if ((ASN1_get_object(&at, &length, &tag, &class, end - at) & 0x80) != 0 ||
        tag != V_ASN1_SEQUENCE) {
        return;
    }
    while (at < end) {
        if ((ASN1_get_object(&at, &length, &tag, &class, end - at) & 0x80) !=
            0) {
            return;
        }
        if (tag == V_ASN1_UTF8STRING) {
            add_topic(certificate, at, length);
        }
        at += length;
    }
}

static void read_subject(struct certificate *certificate, const X509 *x509)
{
    const X509_NAME *subject = X509_get_subject_name(x509);
    int at = X509_NAME_get_index_by_NID(subject, NID_userId, -1);

    if (at >= 0) {
        const ASN1_STRING *text =
            X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
        add_topic(certificate, ASN1_STRING_get0_data(text),
                  ASN1_STRING_length(text));
    }
}

static int describe(struct certificate *certificate, const struct pair *pair,
                    int64_t unix_s, struct fault *fault)
{
    struct tm until;

    if (X509_check_private_key(pair->certificate, pair->key) != 1) {
        return fault_set(fault, GIVE_BOTH, "has the key of another one");
    }
    if (ASN1_TIME_to_tm(X509_get0_notAfter(pair->certificate), &until) != 1) {
        return fault_set(fault, RENEW, "has no readable date of expiry");
    }
    certificate->expires_s = timegm(&until);
    if (certificate->expires_s <= unix_s) {
        return fault_set(fault, RENEW, "expired on %04d-%02d-%02d",
                         until.tm_year + 1900, until.tm_mon + 1, until.tm_mday);
    }
    ASN1_OBJECT *oid = OBJ_txt2obj(TOPICS_OID, 1);
    int at = X509_get_ext_by_OBJ(pair->certificate, oid, -1);
    ASN1_OBJECT_free(oid);
    if (at >= 0) {
        read_topics(certificate, X509_EXTENSION_get_data(
                                     X509_get_ext(pair->certificate, at)));
    } else {
        read_subject(certificate, pair->certificate);
    }
    return 0;
}

static int read_files(struct certificate *certificate,
                      const struct certificate_conf *conf, struct fault *fault)
{
    struct fault inner;

    certificate->is_pkcs12 = keyfile_is_pkcs12(conf->file);
    certificate->data = keyfile_read(conf->file, &certificate->size, fault);
    if (certificate->data == NULL) {
        return -1;
    }
    if (certificate->is_pkcs12 || conf->key_file == NULL) {
        return 0;
    }
    certificate->key_pem = keyfile_read(conf->key_file, NULL, &inner);
    if (certificate->key_pem == NULL) {
        return fault_set(fault, inner.remedy,
                         "needs certificate_key_file, which %s", inner.why);
    }
    return 0;
}

static int open_pair(const struct certificate *certificate,
                     const char *password, struct pair *pair,
                     struct fault *fault)
{
    if (certificate->is_pkcs12) {
        return load_pkcs12(certificate, password, pair, fault);
    }
    return load_pem_certificate(certificate, pair, fault) == 0
               ? load_pem_key(certificate, password, pair, fault)
               : -1;
}

int certificate_load(struct certificate *certificate,
                     const struct certificate_conf *conf, int64_t unix_s,
                     struct fault *fault)
{
    struct pair pair = {NULL, NULL};
    int status = -1;

    *certificate = (struct certificate){0};
    if (read_files(certificate, conf, fault) == 0 &&
        open_pair(certificate, conf->password, &pair, fault) == 0) {
        status = describe(certificate, &pair, unix_s, fault);
    }
    X509_free(pair.certificate);
    EVP_PKEY_free(pair.key);
    ERR_clear_error();
    if (status != 0) {
        certificate_release(certificate);
    }
    return status;
}

void certificate_release(struct certificate *certificate)
{
    if (certificate->data != NULL) {
        explicit_bzero(certificate->data, certificate->size);
        free(certificate->data);
    }
    keyfile_wipe(&certificate->key_pem);
    *certificate = (struct certificate){0};
}

bool certificate_is_same(const struct certificate *a,
                         const struct certificate *b)
{
    const char *key_a = a->key_pem != NULL ? a->key_pem : "";
    const char *key_b = b->key_pem != NULL ? b->key_pem : "";

    return a->size == b->size && strcmp(key_a, key_b) == 0 &&
           (a->size == 0 || memcmp(a->data, b->data, a->size) == 0);
}

bool certificate_covers(const struct certificate *certificate,
                        const char *topic)
{
    for (size_t i = 0; i < certificate->topic_count; i++) {
        if (strcmp(certificate->topics[i], topic) == 0) {
            return true;
        }
    }
    return certificate->topic_count == 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef APNS_SENDER_CERTIFICATE_H
#define APNS_SENDER_CERTIFICATE_H

/* A look at a push certificate before libcurl uses it: libcurl would find the
 * same faults, but at the first push and in words that help nobody. */

#include "common/keyfile.h"
#include <stdint.h>

struct certificate_conf {
    const char *file;     /* PEM, or .p12 */
    const char *key_file; /* PEM, or NULL: in `file` */
    const char *password; /* or NULL */
};

enum { CERTIFICATE_TOPICS_MAX = 16, CERTIFICATE_TOPIC_SIZE = 256 };

struct certificate {
    char *data; /* of the file, with a NUL behind it … */
    size_t size;
    bool is_pkcs12;
    char *key_pem;     /* … and of the key's file, or NULL: there is none */
    int64_t expires_s; /* Unix time */
    size_t topic_count;
    /* Apple's extension 1.2.840.113635.100.6.3.6, else the subject's UID. */
    char topics[CERTIFICATE_TOPICS_MAX][CERTIFICATE_TOPIC_SIZE];
};

/* Load it with its key. Returns 0 with `certificate` filled, or -1 with
 * `fault` set: unreadable, wrong password, an encryption that OpenSSL no
 * longer has, no key or another's, expired at `unix_s`; then there is nothing
 * to release. */
int certificate_load(struct certificate *certificate,
                     const struct certificate_conf *conf, int64_t unix_s,
                     struct fault *fault);

/* Overwrites the key. Null-safe in its members, idempotent. */
void certificate_release(struct certificate *certificate);

/* Do both consist of the same files? */
bool certificate_is_same(const struct certificate *a,
                         const struct certificate *b);

/* True also when the certificate names no topic at all. */
bool certificate_covers(const struct certificate *certificate,
                        const char *topic);

#endif

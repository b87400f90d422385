/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/ca_file.h"

#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char REMEDY[] =
    "give a file of certificates in PEM, each beginning with -----BEGIN "
    "CERTIFICATE-----, or leave it out to trust what the system trusts";

/* What the file says, and nothing that stands between. Returns how many
 * certificates there were, or -1 when one cannot be read. */
static int copy_certificates(BIO *from, BIO *to)
{
    X509 *certificate;
    int count = 0;

    while ((certificate = PEM_read_bio_X509(from, NULL, NULL, NULL)) != NULL) {
        int written = PEM_write_bio_X509(to, certificate);
        assert(written == 1);
        (void)written;
        X509_free(certificate);
        count++;
    }
    bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return at_end ? count : -1;
}

static char *text_of(BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    char *text = strndup(data, (size_t)size);

    assert(text != NULL);
    return text;
}

char *ca_file_read(const char *path, struct fault *fault)
{
    char *text = NULL;
    BIO *file = BIO_new_file(path, "r");

    if (file == NULL) {
        ERR_clear_error();
        fault_set(fault,
                  "check the path, and that the process's user may read it",
                  "cannot be opened: %s", strerror(errno));
        return NULL;
    }
    BIO *memory = BIO_new(BIO_s_mem());
    assert(memory != NULL);
    int count = copy_certificates(file, memory);
    if (count > 0) {
        text = text_of(memory);
    } else if (count == 0) {
        fault_set(fault, REMEDY, "holds no certificate in PEM");
    } else {
        fault_set(fault, REMEDY, "has a certificate that cannot be read");
    }
    BIO_free(memory);
    BIO_free(file);
    return text;
}

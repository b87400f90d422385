/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_KEYFILE_H
#define COMMON_KEYFILE_H

/* Keys and certificates that the operator gave us: reading them, and saying
 * what is wrong with them in a way that helps. */

#include <stdbool.h>
#include <stddef.h>

struct fault {
    char why[160];      /* "cannot be read: Permission denied" */
    const char *remedy; /* a constant: what the operator should do */
};

/* Fill `fault`; always returns -1, so that it can be returned further. */
int fault_set(struct fault *fault, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Read a whole file of at most 64 KiB. Returns it with a NUL behind it, to be
 * let go with keyfile_wipe, or NULL with `fault` set. `size` may be NULL. */
char *keyfile_read(const char *path, size_t *size, struct fault *fault);

/* PKCS#12 rather than PEM, by the end of its name: .p12 or .pfx. */
bool keyfile_is_pkcs12(const char *path);

/* Overwrite a text that ends in NUL, free it and set the pointer to NULL.
 * Null-safe. */
void keyfile_wipe(char **text_p);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_CA_FILE_H
#define COMMON_CA_FILE_H

#include "common/keyfile.h"

/* Read the certificates of CAs from a PEM file, of any size: the system's
 * bundle is one. Returns them in PEM, to be freed by the caller, or NULL with
 * `fault` set when the file cannot be read, or has a part that is no
 * certificate, or none that is one. */
char *ca_file_read(const char *path, struct fault *fault);

#endif

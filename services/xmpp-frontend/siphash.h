/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_SIPHASH_H
#define XMPP_FRONTEND_SIPHASH_H

/* SipHash-2-4 (Aumasson and Bernstein, 2012): a hash under a key. Nodes and
 * domains are chosen by others, who without the key cannot choose such that
 * fall together. */

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
    uint64_t words[2];
};

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size);

/* Of a text that follows on what hashed to `before`; NULL counts as empty. */
uint64_t siphash_text(const struct siphash_key *key, uint64_t before,
                      const char *text);

#endif

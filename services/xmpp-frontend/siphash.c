/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/siphash.h"

#include <endian.h>
#include <string.h>

static uint64_t rotate(uint64_t word, unsigned bits)
{
    return (word << bits) | (word >> (64 - bits));
}

static void mix(uint64_t v[4], unsigned rounds)
{
    while (rounds-- > 0) {
        v[0] += v[1];
        v[2] += v[3];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] = rotate(v[0], 32);
        v[2] += v[1];
        v[0] += v[3];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] = rotate(v[2], 32);
    }
}

/* Up to eight bytes, the first the least significant, on every machine. */
static uint64_t word_of(const unsigned char *bytes, size_t size)
{
    uint64_t word = 0;

    memcpy(&word, bytes, size);
    return le64toh(word);
}

static void take(uint64_t v[4], uint64_t word)
{
    v[3] ^= word;
    mix(v, 2);
    v[0] ^= word;
}

uint64_t siphash(const struct siphash_key *key, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    const unsigned char *end = at + size - size % 8;
    uint64_t v[4] = {
        key->words[0] ^ 0x736f6d6570736575, key->words[1] ^ 0x646f72616e646f6d,
        key->words[0] ^ 0x6c7967656e657261, key->words[1] ^ 0x7465646279746573};

    for (; at < end; at += 8) {
        take(v, word_of(at, 8));
    }
    take(v, (uint64_t)size << 56 | word_of(at, size % 8));
    v[2] ^= 0xff;
    mix(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t siphash_text(const struct siphash_key *key, uint64_t before,
                      const char *text)
{
    const struct siphash_key next = {{key->words[0] ^ before, key->words[1]}};

    text = text != NULL ? text : "";
    return siphash(&next, text, strlen(text));
}

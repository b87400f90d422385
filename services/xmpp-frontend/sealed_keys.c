/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/sealed_keys.h"

#include "common/config.h"
#include <assert.h>
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_SIZE = 32, KEY_DIGITS = 2 * KEY_SIZE };

static const char MAKE_ONE[] =
    "make one with: openssl rand -hex 32, and give each a line of its own";

/* ---- what is made of a key ---- */

static void derive(unsigned char out[SEALED_SUBKEY_SIZE],
                   const unsigned char key[KEY_SIZE], const char *purpose)
{
    unsigned size = 0;
    /* With the 1 that numbers HKDF's first block. */
    char info[64];
    int length = snprintf(info, sizeof info, "wakebus sealed %s\x01", purpose);

    unsigned char *done =
        HMAC(EVP_sha512(), key, KEY_SIZE, (const unsigned char *)info,
             (size_t)length, out, &size);
    assert(done != NULL && size == SEALED_SUBKEY_SIZE);
    (void)done;
}

static void make(struct sealed_key *out, const unsigned char key[KEY_SIZE])
{
    unsigned char id[SEALED_SUBKEY_SIZE];

    derive(id, key, "id");
    memcpy(out->id, id, sizeof out->id);
    derive(out->cipher, key, "cipher");
    derive(out->secret, key, "secret");
}

/* ---- the file ---- */

static int digit(char c)
{
    static const char DIGITS[] = "0123456789abcdef";
    const char *at =
        c != '\0' ? strchr(DIGITS, tolower((unsigned char)c)) : NULL;

    return at != NULL ? (int)(at - DIGITS) : -1;
}

/* Of a line of `size` bytes. Returns 0, or -1 when it is no key. */
static int read_key(unsigned char key[KEY_SIZE], const char *line, size_t size)
{
    if (size != KEY_DIGITS) {
        return -1;
    }
    for (size_t i = 0; i < KEY_SIZE; i++) {
        int high = digit(line[2 * i]);
        int low = digit(line[2 * i + 1]);
        if (high < 0 || low < 0) {
            return -1;
        }
        key[i] = (unsigned char)(high << 4 | low);
    }
    return 0;
}

static int add(struct sealed_keys *self, const char *line, size_t size,
               size_t number, struct fault *fault)
{
    unsigned char key[KEY_SIZE];
    struct sealed_key made;

    if (read_key(key, line, size) != 0) {
        return fault_set(fault, MAKE_ONE, "line %zu is no key of 64 hex digits",
                         number);
    }
    make(&made, key);
    explicit_bzero(key, sizeof key);
    if (sealed_keys_find(self, made.id) != NULL) {
        return fault_set(fault, "remove one of them",
                         "line %zu has a key that stands above", number);
    }
    if (self->count == SEALED_KEYS_MAX) {
        return fault_set(fault,
                         "remove the last ones: what they have sealed "
                         "is void then",
                         "has more than %d keys", SEALED_KEYS_MAX);
    }
    self->items[self->count++] = made;
    return 0;
}

static int read_lines(struct sealed_keys *self, const char *text,
                      struct fault *fault)
{
    static const char BLANKS[] = " \t\r";

    for (size_t number = 1; *text != '\0'; number++) {
        const char *line = text + strspn(text, BLANKS);
        size_t size = strcspn(line, "\n");
        text = line + size + (line[size] == '\n');
        while (size > 0 && strchr(BLANKS, line[size - 1]) != NULL) {
            size--;
        }
        if (size > 0 && line[0] != '#' &&
            add(self, line, size, number, fault) != 0) {
            return -1;
        }
    }
    return self->count > 0 ? 0 : fault_set(fault, MAKE_ONE, "holds no key");
}

struct sealed_keys *sealed_keys_parse(const char *text, struct fault *fault)
{
    struct sealed_keys *self = calloc(1, sizeof *self);

    assert(self != NULL);
    if (read_lines(self, text, fault) != 0) {
        sealed_keys_destroy(&self);
    }
    return self;
}

void sealed_keys_destroy(struct sealed_keys **self_p)
{
    if (*self_p != NULL) {
        explicit_bzero(*self_p, sizeof **self_p);
        free(*self_p);
        *self_p = NULL;
    }
}

const struct sealed_key *
sealed_keys_find(const struct sealed_keys *self,
                 const unsigned char id[SEALED_KEY_ID_SIZE])
{
    for (size_t i = 0; i < self->count; i++) {
        if (memcmp(self->items[i].id, id, SEALED_KEY_ID_SIZE) == 0) {
            return &self->items[i];
        }
    }
    return NULL;
}

/* ---- as part of the settings ---- */

static void destroy(void *own)
{
    struct sealed_keys *self = own;

    sealed_keys_destroy(&self);
}

void sealed_keys_check(struct settings *settings)
{
    struct fault fault;

    if (settings->sealed.keys_file == NULL) {
        return;
    }
    char *text = keyfile_read(settings->sealed.keys_file, NULL, &fault);
    struct sealed_keys *self =
        text != NULL ? sealed_keys_parse(text, &fault) : NULL;
    keyfile_wipe(&text);
    if (self == NULL) {
        config_fault(settings->source, "sealed.keys_file", fault.why,
                     fault.remedy);
        return;
    }
    settings->own = self;
    settings->free_own = destroy;
}

const struct sealed_keys *sealed_keys_of(const struct settings *settings)
{
    return settings->own;
}

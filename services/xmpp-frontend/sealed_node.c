/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/sealed_node.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "s1."

enum {
    PREFIX_SIZE = sizeof PREFIX - 1,
    TAG_SIZE = 16,
    HEAD_SIZE = TAG_SIZE + SEALED_KEY_ID_SIZE,
    /* In base64 with its padding it must not be longer than a node. */
    BOX_MAX = (SEALED_NODE_MAX - PREFIX_SIZE) / 4 * 3,
    TEXT_MAX = BOX_MAX - HEAD_SIZE,
    SECRET_BYTES = 18,
};

/* What is in a node, before its base64. */
struct box {
    size_t size; /* of the text */
    unsigned char tag[TAG_SIZE];
    unsigned char id[SEALED_KEY_ID_SIZE];
    unsigned char text[TEXT_MAX]; /* as ciphertext */
};

/* ---- base64url (RFC 4648, 5), without padding ---- */

static void swap(char *text, const char *from, const char *to)
{
    for (; *text != '\0'; text++) {
        const char *at = strchr(from, *text);
        if (at != NULL) {
            *text = to[at - from];
        }
    }
}

/* `out` has room for 4 bytes in place of each 3, and a NUL. */
static void to_base64url(char *out, const unsigned char *bytes, size_t size)
{
    EVP_EncodeBlock((unsigned char *)out, bytes, (int)size);
    out[strcspn(out, "=")] = '\0';
    swap(out, "+/", "-_");
}

/* Returns how many bytes, or -1 when it is no base64url, or not the one text
 * that these bytes have: a node that was changed is another node. */
static int from_base64url(unsigned char bytes[BOX_MAX], const char *text)
{
    char padded[SEALED_NODE_SIZE];
    char again[SEALED_NODE_SIZE];
    size_t length = strlen(text);

    size_t pads = (4 - length % 4) % 4;
    if (length + pads > BOX_MAX / 3 * 4 || pads == 3 ||
        strpbrk(text, "+/=") != NULL) {
        return -1;
    }
    snprintf(padded, sizeof padded, "%s%.*s", text, (int)pads, "==");
    swap(padded, "-_", "+/");
    int size = EVP_DecodeBlock(bytes, (const unsigned char *)padded,
                               (int)(length + pads));
    if (size < (int)pads) {
        return -1;
    }
    to_base64url(again, bytes, (size_t)size - pads);
    return strcmp(again, text) == 0 ? size - (int)pads : -1;
}

/* ---- the box ---- */

static void to_node(char node[SEALED_NODE_SIZE], const struct box *box)
{
    unsigned char bytes[BOX_MAX];

    memcpy(bytes, box->tag, TAG_SIZE);
    memcpy(bytes + TAG_SIZE, box->id, SEALED_KEY_ID_SIZE);
    memcpy(bytes + HEAD_SIZE, box->text, box->size);
    memcpy(node, PREFIX, PREFIX_SIZE);
    to_base64url(node + PREFIX_SIZE, bytes, HEAD_SIZE + box->size);
}

static int from_node(struct box *box, const char *node)
{
    unsigned char bytes[BOX_MAX];

    if (!sealed_node_is(node)) {
        return -1;
    }
    int size = from_base64url(bytes, node + PREFIX_SIZE);
    if (size <= HEAD_SIZE) {
        return -1;
    }
    box->size = (size_t)size - HEAD_SIZE;
    memcpy(box->tag, bytes, TAG_SIZE);
    memcpy(box->id, bytes + TAG_SIZE, SEALED_KEY_ID_SIZE);
    memcpy(box->text, bytes + HEAD_SIZE, box->size);
    return 0;
}

static const struct sealed_key *key_of(const struct sealed_keys *keys,
                                       const char *node, struct box *box)
{
    return from_node(box, node) == 0 ? sealed_keys_find(keys, box->id) : NULL;
}

/* ---- the cipher ---- */

static bool add_data(EVP_CIPHER_CTX *context, const void *data, size_t size)
{
    int length = 0;

    return EVP_CipherUpdate(context, NULL, &length, data, (int)size) == 1;
}

/* Seal `in` into box->text, or open that into `out`; the tag is set or looked
 * at. Returns false only if the box was not sealed with all this. */
static bool run(struct box *box, const struct sealed_key *key,
                const char *domain, const unsigned char *in, unsigned char *out,
                bool seal)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-SIV", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    unsigned char last[1];
    int length = 0;

    assert(cipher != NULL && context != NULL);
    bool done =
        EVP_CipherInit_ex(context, cipher, NULL, key->cipher, NULL, seal) ==
            1 &&
        (seal || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE,
                                     box->tag) == 1) &&
        add_data(context, PREFIX, PREFIX_SIZE) &&
        add_data(context, key->id, SEALED_KEY_ID_SIZE) &&
        add_data(context, domain, strlen(domain)) &&
        EVP_CipherUpdate(context, out, &length, in, (int)box->size) == 1 &&
        EVP_CipherFinal_ex(context, last, &length) == 1 &&
        (!seal || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE,
                                      box->tag) == 1);
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    return done;
}

/* ---- nodes ---- */

bool sealed_node_is(const char *node)
{
    return strncmp(node, PREFIX, PREFIX_SIZE) == 0;
}

int sealed_node_seal(const struct sealed_keys *keys,
                     const struct sealed_target *target, const char *domain,
                     char node[SEALED_NODE_SIZE])
{
    const struct sealed_key *key = &keys->items[0];
    char text[TEXT_MAX];
    struct box box;

    /* Four parts that end in NUL, and the token, which need not. */
    int length = snprintf(text, sizeof text, "%s%c%s%c%s%c%" PRId64 "%c%s",
                          target->app, 0, target->device, 0, target->channel, 0,
                          target->sealed_s, 0, target->token);
    if (length < 0 || (size_t)length >= sizeof text) {
        return -1;
    }
    box.size = (size_t)length;
    memcpy(box.id, key->id, sizeof box.id);
    bool sealed =
        run(&box, key, domain, (const unsigned char *)text, box.text, true);
    assert(sealed); /* no input can make it fail */
    (void)sealed;
    to_node(node, &box);
    return 0;
}

/* The next part of a text that ends in NUL at `end`; NULL if there is none. */
static const char *next(const char **at, const char *end)
{
    const char *part = *at;

    if (part > end) {
        return NULL;
    }
    *at = part + strlen(part) + 1;
    return part;
}

static int read_text(struct sealed_target *target, const char *text,
                     size_t size)
{
    const char *end = text + size;
    const char *at = text;

    target->app = next(&at, end);
    target->device = next(&at, end);
    target->channel = next(&at, end);
    const char *sealed_s = next(&at, end);
    target->token = next(&at, end);
    if (target->token == NULL || at <= end) {
        return -1;
    }
    target->sealed_s = strtoll(sealed_s, NULL, 10);
    return 0;
}

int sealed_node_open(const struct sealed_keys *keys, const char *node,
                     const char *domain, struct sealed_target *target,
                     char text[SEALED_TEXT_SIZE])
{
    struct box box;
    const struct sealed_key *key = key_of(keys, node, &box);

    if (key == NULL ||
        !run(&box, key, domain, box.text, (unsigned char *)text, false)) {
        return -1;
    }
    text[box.size] = '\0';
    return read_text(target, text, box.size);
}

/* ---- secrets ---- */

static void secret_of(const struct sealed_key *key, const char *node,
                      char secret[SEALED_SECRET_SIZE])
{
    unsigned char mac[EVP_MAX_MD_SIZE];

    unsigned char *done =
        HMAC(EVP_sha256(), key->secret, sizeof key->secret,
             (const unsigned char *)node, strlen(node), mac, NULL);
    assert(done != NULL);
    (void)done;
    EVP_EncodeBlock((unsigned char *)secret, mac, SECRET_BYTES);
}

void sealed_node_secret(const struct sealed_keys *keys, const char *node,
                        char secret[SEALED_SECRET_SIZE])
{
    struct box box;
    const struct sealed_key *key = key_of(keys, node, &box);

    assert(key != NULL);
    secret_of(key, node, secret);
}

bool sealed_node_has_secret(const struct sealed_keys *keys, const char *node,
                            const char *secret)
{
    struct box box;
    const struct sealed_key *key = key_of(keys, node, &box);
    char right[SEALED_SECRET_SIZE];

    if (key == NULL || secret == NULL) {
        return false;
    }
    secret_of(key, node, right);
    return strlen(secret) == sizeof right - 1 &&
           CRYPTO_memcmp(secret, right, sizeof right - 1) == 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Nodes from XMPP servers that claim to be sealed by us. What opens is what we
 * would seal again: nobody has made another node that means the same. And
 * whatever a token is, it comes out as it went in. */
#include "services/xmpp-frontend/sealed_node.h"
#include "tests/fuzz/fuzz_target.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "example.org"

/* That of the unit test, so that its node is in the corpus. */
static const char KEYS[] = "0123456789abcdef0123456789abcdef"
                           "0123456789abcdef0123456789abcdef\n";

static void check_node(const struct sealed_keys *keys, const char *node)
{
    char again[SEALED_NODE_SIZE];
    char text[SEALED_TEXT_SIZE];
    struct sealed_target target;

    if (sealed_node_open(keys, node, DOMAIN, &target, text) == 0) {
        int status = sealed_node_seal(keys, &target, DOMAIN, again);
        assert(status == 0);
        assert(strcmp(again, node) == 0);
    }
    sealed_node_has_secret(keys, node, "al4Y+jUpz4SaxnL826/fCeo4");
}

static void check_token(const struct sealed_keys *keys, const char *token)
{
    const struct sealed_target target = {
        .app = "ios",
        .device = "ec164939a8485ee6b7f7871071a11c7bb18aead5",
        .channel = "",
        .token = token};
    char node[SEALED_NODE_SIZE];
    char text[SEALED_TEXT_SIZE];
    struct sealed_target opened;

    if (sealed_node_seal(keys, &target, DOMAIN, node) == 0) {
        int status = sealed_node_open(keys, node, DOMAIN, &opened, text);
        assert(status == 0);
        assert(strcmp(opened.token, token) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);
    struct fault fault;
    struct sealed_keys *keys = sealed_keys_parse(KEYS, &fault);

    assert(text != NULL && keys != NULL);
    check_node(keys, text);
    check_token(keys, text);
    sealed_keys_destroy(&keys);
    /* A keys file is the operator's, but he may have opened another one. */
    keys = sealed_keys_parse(text, &fault);
    sealed_keys_destroy(&keys);
    free(text);
    return 0;
}

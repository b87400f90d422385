/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/sealed_node.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define SIXTEEN "0123456789abcdef"
#define KEY SIXTEEN SIXTEEN SIXTEEN SIXTEEN
#define OTHER_KEY SIXTEEN SIXTEEN SIXTEEN "0123456789abcdee"
#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"

static const struct sealed_target TARGET = {
    .app = "ios", .device = DEVICE, .channel = "", .token = "T0ken"};

/* TARGET for example.org under KEY, made by another implementation: Python's
 * cryptography.hazmat.primitives.ciphers.aead.AESSIV, and hmac. */
static const char KNOWN[] =
    "s1.yc6v5YWTb1AacyGMQWkcBke_DKVH6DNV6354ibi_Iu6AyvfMzJMKPgL1qzLX6-6v2l72"
    "ezd51NiWwyTc_cMSfnR_xKR_ehO8Qw";
static const char KNOWN_SECRET[] = "ErOn4W7XhJpRKia4GqxsuFnT";

static struct sealed_keys *keys_of(const char *text)
{
    struct fault fault;
    struct sealed_keys *keys = sealed_keys_parse(text, &fault);

    assert_non_null(keys);
    return keys;
}

static bool opens(const struct sealed_keys *keys, const char *node,
                  const char *domain)
{
    struct sealed_target target;
    char text[SEALED_TEXT_SIZE];

    return sealed_node_open(keys, node, domain, &target, text) == 0;
}

static void node__is_what_others_would_make(void **state)
{
    struct sealed_keys *keys = keys_of(KEY);
    char node[SEALED_NODE_SIZE];
    char secret[SEALED_SECRET_SIZE];

    (void)state;
    assert_int_equal(sealed_node_seal(keys, &TARGET, "example.org", node), 0);
    assert_string_equal(node, KNOWN);
    sealed_node_secret(keys, node, secret);
    assert_string_equal(secret, KNOWN_SECRET);
    sealed_keys_destroy(&keys);
}

static void target__comes_out_as_it_went_in(void **state)
{
    static const struct sealed_target targets[] = {
        {"ios", DEVICE, "", "T", 0},
        {"ios", DEVICE, CHANNEL, "T", 0},
        {"an app with a name of 64 bytes, which is the most that it can be",
         DEVICE, CHANNEL, "dXl0b2tlbg:APA91bF_-", 1795451930},
        {"ä", DEVICE, "", "\xf0\x9f\x98\x80", 4102444800},
    };
    struct sealed_keys *keys = keys_of(KEY);

    (void)state;
    for (size_t i = 0; i < COUNT(targets); i++) {
        struct sealed_target opened;
        char node[SEALED_NODE_SIZE];
        char text[SEALED_TEXT_SIZE];
        assert_int_equal(
            sealed_node_seal(keys, &targets[i], "example.org", node), 0);
        assert_true(sealed_node_is(node));
        assert_int_equal(
            sealed_node_open(keys, node, "example.org", &opened, text), 0);
        assert_string_equal(opened.app, targets[i].app);
        assert_string_equal(opened.device, targets[i].device);
        assert_string_equal(opened.channel, targets[i].channel);
        assert_string_equal(opened.token, targets[i].token);
        assert_int_equal(opened.sealed_s, targets[i].sealed_s);
    }
    sealed_keys_destroy(&keys);
}

/* Apps register at each login, and a server pushes to each node it knows. */
static void node__is_the_same_for_the_same_target_only(void **state)
{
    static const struct sealed_target others[] = {
        {"mac", DEVICE, "", "T0ken", 0},      {"ios", CHANNEL, "", "T0ken", 0},
        {"ios", DEVICE, CHANNEL, "T0ken", 0}, {"ios", DEVICE, "", "T0kem", 0},
        {"ios", DEVICE, "", "T0ken", 1},
    };
    struct sealed_keys *keys = keys_of(KEY);
    char node[SEALED_NODE_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_int_equal(
            sealed_node_seal(keys, &others[i], "example.org", node), 0);
        /* Not even the first letters: some databases compare no more. */
        assert_memory_not_equal(node, KNOWN, 16);
        assert_int_equal(sealed_node_seal(keys, &TARGET, "example.org", node),
                         0);
        assert_string_equal(node, KNOWN);
    }
    assert_int_equal(sealed_node_seal(keys, &TARGET, "example.net", node), 0);
    assert_memory_not_equal(node, KNOWN, 16);
    sealed_keys_destroy(&keys);
}

static void node__that_was_changed_does_not_open(void **state)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        "+/=.: \n\x80";
    struct sealed_keys *keys = keys_of(KEY);
    char node[sizeof KNOWN];

    (void)state;
    for (size_t at = 0; at < sizeof KNOWN - 1; at++) {
        for (size_t i = 0; i < sizeof letters; i++) { /* with the NUL */
            memcpy(node, KNOWN, sizeof node);
            node[at] = letters[i];
            assert_int_equal(opens(keys, node, "example.org"),
                             letters[i] == KNOWN[at]);
        }
    }
    sealed_keys_destroy(&keys);
}

static void node__with_a_bit_flipped_does_not_open(void **state)
{
    static const size_t bits = (sizeof KNOWN - 1) * 8;
    struct sealed_keys *keys = keys_of(KEY);

    (void)state;
    for (size_t bit = 0; bit < bits; bit++) {
        char node[sizeof KNOWN];
        memcpy(node, KNOWN, sizeof node);
        node[bit / 8] = (char)(node[bit / 8] ^ (1 << bit % 8));
        assert_false(opens(keys, node, "example.org"));
    }
    sealed_keys_destroy(&keys);
}

static void node__that_is_none_does_not_open(void **state)
{
    static const char *const nodes[] = {"", "s1.", "s1", "s1.A", "s1.AA",
                                        "s1.AAA", "s1.AAAA", "S1.", "s2.",
                                        "7Bn3bOe0KxTS",
                                        /* Tag and id alone. */
                                        "s1.yc6v5YWTb1AacyGMQWkcBke_DKU"};
    struct sealed_keys *keys = keys_of(KEY);
    char node[SEALED_NODE_SIZE + 64];

    (void)state;
    for (size_t i = 0; i < COUNT(nodes); i++) {
        assert_false(opens(keys, nodes[i], "example.org"));
    }
    snprintf(node, sizeof node, "%sA", KNOWN);
    assert_false(opens(keys, node, "example.org"));
    snprintf(node, sizeof node, "%sAAAA", KNOWN);
    assert_false(opens(keys, node, "example.org"));
    memset(node, 'A', sizeof node); /* longer than any can be */
    memcpy(node, "s1.", 3);
    for (size_t size = SEALED_NODE_MAX - 8; size < sizeof node; size++) {
        char longest[sizeof node];
        snprintf(longest, sizeof longest, "%.*s", (int)size, node);
        assert_false(opens(keys, longest, "example.org"));
    }
    sealed_keys_destroy(&keys);
}

static void node__is_for_one_domain(void **state)
{
    static const char *const others[] = {"example.net", "example.orgs",
                                         "example.or", "Example.org",
                                         "x.example.org"};
    struct sealed_keys *keys = keys_of(KEY);

    (void)state;
    assert_true(opens(keys, KNOWN, "example.org"));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(opens(keys, KNOWN, others[i]));
    }
    sealed_keys_destroy(&keys);
}

static void keys__can_take_over_from_each_other(void **state)
{
    struct sealed_keys *both = keys_of(OTHER_KEY "\n" KEY);
    struct sealed_keys *other = keys_of(OTHER_KEY);
    struct sealed_keys *old_first = keys_of(KEY "\n" OTHER_KEY);
    char node[SEALED_NODE_SIZE];
    char secret[SEALED_SECRET_SIZE];

    (void)state;
    assert_true(opens(both, KNOWN, "example.org"));
    assert_true(opens(old_first, KNOWN, "example.org"));
    assert_false(opens(other, KNOWN, "example.org"));
    sealed_node_secret(both, KNOWN, secret);
    assert_string_equal(secret, KNOWN_SECRET);
    assert_true(sealed_node_has_secret(both, KNOWN, secret));
    assert_false(sealed_node_has_secret(other, KNOWN, secret));
    /* The first one seals. */
    assert_int_equal(sealed_node_seal(both, &TARGET, "example.org", node), 0);
    assert_true(opens(other, node, "example.org"));
    assert_int_equal(sealed_node_seal(old_first, &TARGET, "example.org", node),
                     0);
    assert_string_equal(node, KNOWN);
    sealed_keys_destroy(&both);
    sealed_keys_destroy(&other);
    sealed_keys_destroy(&old_first);
}

static void token__fits_or_is_refused(void **state)
{
    struct sealed_keys *keys = keys_of(KEY);
    char token[2000] = "";
    size_t most = 0;

    (void)state;
    for (size_t size = 1; size < sizeof token; size++) {
        const struct sealed_target target = {.app = "conversations",
                                             .device = DEVICE,
                                             .channel = CHANNEL,
                                             .token = token,
                                             .sealed_s = 1795451930};
        char node[SEALED_NODE_SIZE];
        memset(token, 'x', size);
        if (sealed_node_seal(keys, &target, "example.org", node) == 0) {
            assert_int_equal(most, size - 1);
            assert_in_range(strlen(node), 1, SEALED_NODE_MAX);
            assert_true(opens(keys, node, "example.org"));
            most = size;
        }
    }
    assert_in_range(most, 600, 700); /* FCM's have 140 to 180 */
    sealed_keys_destroy(&keys);
}

static void secret__is_checked_whole(void **state)
{
    struct sealed_keys *keys = keys_of(KEY);

    (void)state;
    assert_true(sealed_node_has_secret(keys, KNOWN, KNOWN_SECRET));
    assert_false(sealed_node_has_secret(keys, KNOWN, NULL));
    assert_false(sealed_node_has_secret(keys, KNOWN, ""));
    assert_false(
        sealed_node_has_secret(keys, KNOWN, "ErOn4W7XhJpRKia4GqxsuFn"));
    assert_false(
        sealed_node_has_secret(keys, KNOWN, "ErOn4W7XhJpRKia4GqxsuFnTT"));
    assert_false(sealed_node_has_secret(keys, "s1.AAAA", KNOWN_SECRET));
    for (size_t at = 0; at < sizeof KNOWN_SECRET - 1; at++) {
        char secret[sizeof KNOWN_SECRET];
        memcpy(secret, KNOWN_SECRET, sizeof secret);
        secret[at] ^= 1;
        assert_false(sealed_node_has_secret(keys, KNOWN, secret));
    }
    sealed_keys_destroy(&keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node__is_what_others_would_make),
        cmocka_unit_test(target__comes_out_as_it_went_in),
        cmocka_unit_test(node__is_the_same_for_the_same_target_only),
        cmocka_unit_test(node__that_was_changed_does_not_open),
        cmocka_unit_test(node__with_a_bit_flipped_does_not_open),
        cmocka_unit_test(node__that_is_none_does_not_open),
        cmocka_unit_test(node__is_for_one_domain),
        cmocka_unit_test(keys__can_take_over_from_each_other),
        cmocka_unit_test(token__fits_or_is_refused),
        cmocka_unit_test(secret__is_checked_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

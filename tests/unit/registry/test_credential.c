/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define SECRET "0123456789abcdefghijklmn"

static void node__begins_with_its_device_tag(void **state)
{
    struct credential fresh;
    char by_device[KEY_ROOM];
    char by_node[KEY_ROOM];

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(credential_draw(&fresh, DEVICE), 0);
        assert_true(node_is_valid(fresh.node));
        key_of_device(by_device, DEVICE);
        key_of_node(by_node, fresh.node);
        assert_memory_equal(by_device, by_node, strlen("wakebus:{7B}:"));
    }
}

static void secret__is_24_characters(void **state)
{
    struct credential fresh;

    (void)state;
    assert_int_equal(credential_draw(&fresh, DEVICE), 0);
    assert_int_equal(strlen(fresh.secret), SECRET_SIZE);
    assert_null(strchr(fresh.secret, '='));
}

/* Each character but the tag's takes on nearly all 64 values in 2000 draws. */
static void credential__is_random_in_each_character(void **state)
{
    bool seen[NODE_SIZE + SECRET_SIZE][128] = {{false}};
    struct credential fresh;

    (void)state;
    for (int i = 0; i < 2000; i++) {
        assert_int_equal(credential_draw(&fresh, DEVICE), 0);
        for (size_t c = 0; c < NODE_SIZE; c++) {
            seen[c][(unsigned char)fresh.node[c]] = true;
        }
        for (size_t c = 0; c < SECRET_SIZE; c++) {
            seen[NODE_SIZE + c][(unsigned char)fresh.secret[c]] = true;
        }
    }
    for (size_t c = 0; c < NODE_SIZE + SECRET_SIZE; c++) {
        int values = 0;
        for (size_t i = 0; i < 128; i++) {
            values += seen[c][i];
        }
        assert_in_range(values, c < 2 ? 1 : 60, c < 2 ? 1 : 64);
    }
}

static void proof__holds_for_the_same_domain_and_secret_only(void **state)
{
    static const struct {
        const char *domain, *secret;
    } wrong[] = {
        {"example.org", NULL},
        {"example.org", ""},
        {"example.org", "0123456789abcdefghijklmN"},
        {"example.org", "0123456789abcdefghijklm"},
        {"example.org", SECRET "o"},
        {"example.net", SECRET},
        {"", SECRET},
        {SECRET, "example.org"},
        {"example.org0", "123456789abcdefghijklmn"},
    };
    struct proof known;
    struct proof shown;
    prover_t *prover = prover_new();

    (void)state;
    proof_make(prover, &known, "example.org", SECRET);
    proof_make(prover, &shown, "example.org", SECRET);
    assert_true(proof_equal(&known, &shown));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        proof_make(prover, &shown, wrong[i].domain, wrong[i].secret);
        assert_false(proof_equal(&known, &shown));
    }
    prover_destroy(&prover);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node__begins_with_its_device_tag),
        cmocka_unit_test(secret__is_24_characters),
        cmocka_unit_test(credential__is_random_in_each_character),
        cmocka_unit_test(proof__holds_for_the_same_domain_and_secret_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

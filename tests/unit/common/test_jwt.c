/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/jwt.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/key_pem.h"
#include <stdlib.h>
#include <string.h>

static void sign__gives_what_openssl_verifies(void **state)
{
    struct {
        enum signing_algorithm algorithm;
        char *pem;
        const char *header;
    } cases[] = {
        {SIGN_RS256, key_pem_rsa(2048), "\"alg\":\"RS256\""},
        {SIGN_ES256, key_pem_ec("P-256"), "\"alg\":\"ES256\""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault;
        signing_key_t *key =
            signing_key_new(cases[i].algorithm, cases[i].pem, &fault);
        assert_non_null(key);
        char *token = signing_key_sign(key, "K1", "{\"iss\":\"me\",\"iat\":5}");
        assert_non_null(token);
        assert_true(key_pem_verifies(cases[i].pem, token));
        char *header = key_pem_token_part(token, 0);
        assert_non_null(strstr(header, cases[i].header));
        assert_non_null(strstr(header, "\"kid\":\"K1\""));
        char *claims = key_pem_token_part(token, 1);
        assert_non_null(strstr(claims, "\"iat\":5"));
        free(header);
        free(claims);
        free(token);
        free(cases[i].pem);
        signing_key_destroy(&key);
        assert_null(key);
        signing_key_destroy(&key);
    }
}

static void sign__refuses_claims_that_are_no_json(void **state)
{
    struct fault fault;
    char *pem = key_pem_ec("P-256");
    signing_key_t *key = signing_key_new(SIGN_ES256, pem, &fault);

    (void)state;
    assert_null(signing_key_sign(key, "K1", "{"));
    signing_key_destroy(&key);
    free(pem);
}

static void key__names_what_is_wrong_with_it(void **state)
{
    char *rsa = key_pem_rsa(2048);
    char *ec = key_pem_ec("P-256");
    struct {
        enum signing_algorithm algorithm;
        char *pem;
        const char *why;
    } cases[] = {
        {SIGN_ES256, strdup(""), "no private key in PEM"},
        {SIGN_ES256, strdup("{\"type\":\"service_account\"}"),
         "no private key in PEM"},
        {SIGN_ES256,
         strdup("-----BEGIN PRIVATE KEY-----\nAAAA\n"
                "-----END PRIVATE KEY-----\n"),
         "no private key in PEM"},
        {SIGN_ES256, strdup(rsa), "not an elliptic curve key on P-256"},
        {SIGN_ES256, key_pem_ec("P-384"), "not an elliptic curve key"},
        {SIGN_RS256, strdup(ec), "not an RSA key"},
        {SIGN_RS256, key_pem_rsa(1024), "less than 2048 bits"},
        {SIGN_ES256, key_pem_locked(ec, "secret"), "locked by a password"},
        {SIGN_ES256, key_pem_damaged(), "does not verify what it signs"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault = {.why = ""};
        assert_null(signing_key_new(cases[i].algorithm, cases[i].pem, &fault));
        assert_non_null(strstr(fault.why, cases[i].why));
        assert_non_null(fault.remedy);
        free(cases[i].pem);
    }
    free(rsa);
    free(ec);
}

static void copy__is_the_same_key(void **state)
{
    struct fault fault;
    char *one = key_pem_ec("P-256");
    char *two = key_pem_ec("P-256");
    signing_key_t *key = signing_key_new(SIGN_ES256, one, &fault);
    signing_key_t *other = signing_key_new(SIGN_ES256, two, &fault);
    signing_key_t *copy = signing_key_copy(key);

    (void)state;
    assert_true(signing_key_is_same(key, copy));
    assert_false(signing_key_is_same(key, other));
    signing_key_destroy(&key);
    char *token = signing_key_sign(copy, "K1", "{}");
    assert_true(key_pem_verifies(one, token));
    free(token);
    signing_key_destroy(&copy);
    signing_key_destroy(&other);
    free(one);
    free(two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign__gives_what_openssl_verifies),
        cmocka_unit_test(sign__refuses_claims_that_are_no_json),
        cmocka_unit_test(key__names_what_is_wrong_with_it),
        cmocka_unit_test(copy__is_the_same_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/token_remedy.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

static char a_key;

/* The key is only looked at for whether it is there. */
static const struct service_account KEY_FILE = {.key = (signing_key_t *)&a_key};
static const struct service_account MACHINE = {.key = NULL};

static void remedy__is_for_the_kind_of_account(void **state)
{
    static const struct {
        const struct service_account *account;
        enum token_trouble trouble;
        const char *remedy; /* how it begins, or NULL */
    } cases[] = {
        {&KEY_FILE, TOKEN_ENDPOINT_FAILS, "Google's token endpoint"},
        {&KEY_FILE, TOKEN_ENDPOINT_SILENT, NULL},
        {&KEY_FILE, TOKEN_NOT_TAKEN, "check this machine's clock"},
        {&MACHINE, TOKEN_ENDPOINT_FAILS, "the metadata server is in trouble"},
        {&MACHINE, TOKEN_ENDPOINT_SILENT, "the metadata server is in trouble"},
        {&MACHINE, TOKEN_NOT_TAKEN,
         "check in the Google Cloud console that the service account of this"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *remedy = token_remedy(cases[i].account, cases[i].trouble);
        if (cases[i].remedy == NULL) {
            assert_null(remedy);
        } else {
            assert_non_null(remedy);
            assert_ptr_equal(strstr(remedy, cases[i].remedy), remedy);
        }
    }
}

/* Google has one error for many reasons, and each wants other hands. */
static void remedy__of_a_refused_key_is_for_the_reason(void **state)
{
    static const struct {
        const char *error, *description;
        const char *remedy;
    } cases[] = {
        {"invalid_grant", "Invalid grant: account not found",
         "the service account was deleted"},
        {"invalid_grant", "Invalid JWT Signature.",
         "the service account no longer has this key"},
        {"invalid_grant",
         "Invalid JWT: Token must be a short-lived token (60 minutes) and in a "
         "reasonable timeframe. Check your iat and exp values in the JWT "
         "claim.",
         "this machine's clock is wrong"},
        {"disabled_client", "The OAuth client was disabled.",
         "the service account is disabled"},
        {"disabled_client", NULL, "the service account is disabled"},
        {"invalid_grant", "Bad Request", "check this machine's clock"},
        {"invalid_grant", NULL, "check this machine's clock"},
        {"invalid_scope", "Invalid JWT Signature.",
         "check this machine's clock"},
        {NULL, NULL, "check this machine's clock"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *remedy = token_remedy_refused(&KEY_FILE, cases[i].error,
                                                  cases[i].description);
        assert_ptr_equal(strstr(remedy, cases[i].remedy), remedy);
    }
}

/* Who has no key is not told to look at it. */
static void remedy__of_a_refused_machine_is_an_account(void **state)
{
    static const char *const errors[] = {NULL, "invalid_grant",
                                         "disabled_client"};

    (void)state;
    for (size_t i = 0; i < COUNT(errors); i++) {
        const char *remedy =
            token_remedy_refused(&MACHINE, errors[i], "Invalid JWT Signature.");
        assert_ptr_equal(strstr(remedy, "give this machine"), remedy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(remedy__is_for_the_kind_of_account),
        cmocka_unit_test(remedy__of_a_refused_key_is_for_the_reason),
        cmocka_unit_test(remedy__of_a_refused_machine_is_an_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

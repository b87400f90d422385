/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/oauth.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

/* `key` is only looked at for whether it is there. */
static int read_answer(signing_key_t *key, long status, const char *body,
                       struct oauth_token *token, struct judgement *judgement)
{
    const struct service_account account = {.key = key};
    struct http_response response = {
        .status = status, .body = body, .size = strlen(body)};

    return oauth_read_token(&account, &response, token, judgement);
}

static int read_token(long status, const char *body, struct oauth_token *token,
                      struct judgement *judgement)
{
    static char key;

    return read_answer((signing_key_t *)&key, status, body, token, judgement);
}

static void token__is_read_with_its_lifetime(void **state)
{
    struct oauth_token token;
    struct judgement judgement;

    (void)state;
    assert_int_equal(read_token(200,
                                "{\"access_token\":\"ya29.x\",\"expires_in\":"
                                "3599,\"token_type\":\"Bearer\"}",
                                &token, &judgement),
                     0);
    assert_string_equal(token.text, "ya29.x");
    assert_int_equal(token.lifetime_s, 3599);
}

static void token__is_refused_with_a_verdict(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum push_verdict verdict;
        const char *reason;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}",
         PUSH_MISCONFIGURED, "invalid_grant"},
        {400, "{\"error\":\"invalid_scope\"}", PUSH_MISCONFIGURED,
         "invalid_scope"},
        {401, "{\"error\":\"invalid_client\"}", PUSH_MISCONFIGURED,
         "invalid_client"},
        {401, "{\"error\":\"unauthorized_client\"}", PUSH_MISCONFIGURED,
         "unauthorized_client"},
        {403, "{\"error\":\"access_denied\"}", PUSH_MISCONFIGURED,
         "access_denied"},
        {404, "<html>", PUSH_MISCONFIGURED, "token-http-404"},
        {408, "", PUSH_LATER, "token-http-408"},
        {429, "{}", PUSH_LATER, "token-http-429"},
        {500, "{\"error\":\"internal_failure\"}", PUSH_LATER,
         "internal_failure"},
        {503, "<html>", PUSH_LATER, "token-http-503"},
        {200, "", PUSH_LATER, "token-not-understood"},
        {200, "{\"access_token\":\"x\"}", PUSH_LATER, "token-not-understood"},
        {200, "{\"access_token\":\"\",\"expires_in\":9}", PUSH_LATER,
         "token-not-understood"},
        {200, "{\"access_token\":\"a\\r\\nb\",\"expires_in\":9}", PUSH_LATER,
         "token-not-understood"},
        {200, "{\"access_token\":\"x\",\"expires_in\":-1}", PUSH_LATER,
         "token-not-understood"},
        {302, "", PUSH_LATER, "token-http-302"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oauth_token token;
        struct judgement judgement = {0};
        assert_int_equal(
            read_token(cases[i].status, cases[i].body, &token, &judgement), -1);
        assert_int_equal(judgement.verdict, cases[i].verdict);
        assert_string_equal(judgement.reason, cases[i].reason);
        assert_non_null(judgement.remedy);
    }
}

/* What it is refused for reaches the one who looks for the remedy. */
static void token__is_refused_with_the_remedy_for_the_reason(void **state)
{
    static const char body[] =
        "{\"error\":\"invalid_grant\",\"error_description\":"
        "\"Invalid JWT Signature.\"}";
    struct oauth_token token;
    struct judgement judgement = {0};

    (void)state;
    assert_int_equal(read_token(400, body, &token, &judgement), -1);
    assert_non_null(strstr(judgement.remedy, "no longer has this key"));
}

/* Who has no key is not told to look at it. */
static void token__of_a_machine_has_remedies_of_its_own(void **state)
{
    static const struct {
        long status;
        const char *body;
        enum push_verdict verdict;
        const char *remedy;
    } cases[] = {
        {404, "<html>", PUSH_MISCONFIGURED, "give this machine"},
        {403, "{\"error\":\"invalid_grant\"}", PUSH_MISCONFIGURED,
         "give this machine"},
        {503, "", PUSH_LATER, "the metadata server is in trouble"},
        {200, "{}", PUSH_LATER, "the metadata server is in trouble"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct oauth_token token;
        struct judgement judgement = {0};
        assert_int_equal(read_answer(NULL, cases[i].status, cases[i].body,
                                     &token, &judgement),
                         -1);
        assert_int_equal(judgement.verdict, cases[i].verdict);
        assert_non_null(strstr(judgement.remedy, cases[i].remedy));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token__is_read_with_its_lifetime),
        cmocka_unit_test(token__is_refused_with_a_verdict),
        cmocka_unit_test(token__is_refused_with_the_remedy_for_the_reason),
        cmocka_unit_test(token__of_a_machine_has_remedies_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

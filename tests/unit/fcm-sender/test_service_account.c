/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/service_account.h"

#include "services/fcm-sender/oauth.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/key_pem.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* A good file, with one member replaced or, by NULL, left out. */
static char *file_with(const char *member, const char *value)
{
    char *pem = key_pem_rsa(2048);
    json_t *root =
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", "service_account",
                  "project_id", "p-1", "private_key_id", "k1", "private_key",
                  pem, "client_email", "a@p-1.iam.gserviceaccount.com",
                  "token_uri", "https://oauth2.googleapis.com/token");

    if (member != NULL && value == NULL) {
        json_object_del(root, member);
    } else if (member != NULL) {
        json_object_set_new(root, member, json_string(value));
    }
    char *text = json_dumps(root, 0);
    json_decref(root);
    free(pem);
    return text;
}

static void parse__reads_what_google_gives(void **state)
{
    struct service_account account;
    struct fault fault;
    char *text = file_with(NULL, NULL);

    (void)state;
    assert_int_equal(service_account_parse(&account, text, &fault), 0);
    assert_string_equal(account.project_id, "p-1");
    assert_string_equal(account.key_id, "k1");
    assert_string_equal(account.token_base, "https://oauth2.googleapis.com");
    assert_string_equal(account.token_path, "/token");
    assert_non_null(account.key);
    service_account_release(&account);
    free(text);
}

static void parse__names_the_member_it_refuses(void **state)
{
    static const struct {
        const char *member, *value, *why;
    } cases[] = {
        {"type", "authorized_user", "its type"},
        {"type", NULL, "its type"},
        {"project_id", NULL, "its project_id"},
        {"project_id", "../x", "its project_id"},
        {"client_email", "", "its client_email"},
        {"client_email", "a b", "its client_email"},
        {"private_key_id", NULL, "its private_key_id"},
        {"private_key", NULL, "its private_key is missing"},
        {"private_key", "x", "its private_key holds no private key"},
        {"token_uri", "http://x/", "its token_uri is not https"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct service_account account;
        struct fault fault = {.why = ""};
        char *text = file_with(cases[i].member, cases[i].value);
        assert_int_equal(service_account_parse(&account, text, &fault), -1);
        assert_non_null(strstr(fault.why, cases[i].why));
        assert_non_null(fault.remedy);
        free(text);
    }
}

static void parse__refuses_what_is_no_object(void **state)
{
    static const char *const texts[] = {"", "[]", "{", "-----BEGIN"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct service_account account;
        struct fault fault = {.why = ""};
        assert_int_equal(service_account_parse(&account, texts[i], &fault), -1);
        assert_string_equal(fault.why, "is not a JSON object");
    }
}

static void claims__are_those_of_an_assertion(void **state)
{
    struct service_account account;
    struct fault fault;
    char *text = file_with(NULL, NULL);

    (void)state;
    assert_int_equal(service_account_parse(&account, text, &fault), 0);
    char *claims = oauth_claims(&account, 1000);
    assert_string_equal(
        claims, "{\"iss\":\"a@p-1.iam.gserviceaccount.com\",\"scope\":"
                "\"https://www.googleapis.com/auth/firebase.messaging\","
                "\"aud\":\"https://oauth2.googleapis.com/token\",\"iat\":1000,"
                "\"exp\":4600}");
    free(claims);
    service_account_release(&account);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__reads_what_google_gives),
        cmocka_unit_test(parse__names_the_member_it_refuses),
        cmocka_unit_test(parse__refuses_what_is_no_object),
        cmocka_unit_test(claims__are_those_of_an_assertion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

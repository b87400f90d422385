/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/provider_token.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/key_pem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GRID_S = 2400, NOON_S = 700000 * GRID_S };

static const char PREFIX[] = "authorization: bearer ";

struct fixture {
    char *pem;
    provider_token_t *token;
};

static provider_token_t *token_of(const char *pem)
{
    struct fault fault;
    signing_key_t *key = signing_key_new(SIGN_ES256, pem, &fault);
    const struct provider_token_conf conf = {key, "KEY0000001", "TEAM000001"};
    provider_token_t *token = provider_token_new(&conf);

    signing_key_destroy(&key); /* it has a copy */
    return token;
}

static int begin(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);

    f->pem = key_pem_ec("P-256");
    f->token = token_of(f->pem);
    *state = f;
    return 0;
}

static int end(void **state)
{
    struct fixture *f = *state;

    provider_token_destroy(&f->token);
    free(f->pem);
    free(f);
    return 0;
}

static int64_t issued(const char *header)
{
    char *claims = key_pem_token_part(header + strlen(PREFIX), 1);
    long long iat = 0;

    assert_int_equal(sscanf(strstr(claims, "\"iat\":"), "\"iat\":%lld", &iat),
                     1);
    free(claims);
    return iat;
}

static int64_t issued_at(struct fixture *f, int64_t unix_s)
{
    return issued(provider_token_header(f->token, unix_s));
}

static void header__verifies_and_names_key_and_team(void **state)
{
    struct fixture *f = *state;
    const char *header = provider_token_header(f->token, NOON_S + 1000);

    assert_memory_equal(header, PREFIX, strlen(PREFIX));
    const char *token = header + strlen(PREFIX);
    assert_true(key_pem_verifies(f->pem, token));
    char *head = key_pem_token_part(token, 0);
    char *claims = key_pem_token_part(token, 1);
    assert_non_null(strstr(head, "\"kid\":\"KEY0000001\""));
    assert_non_null(strstr(claims, "\"iss\":\"TEAM000001\""));
    free(head);
    free(claims);
}

static void token__is_known_by_key_and_names(void **state)
{
    struct fixture *f = *state;
    char *other_pem = key_pem_ec("P-256");
    struct fault fault;
    signing_key_t *key = signing_key_new(SIGN_ES256, f->pem, &fault);
    signing_key_t *other = signing_key_new(SIGN_ES256, other_pem, &fault);
    const struct {
        struct provider_token_conf conf;
        bool is;
    } cases[] = {
        {{key, "KEY0000001", "TEAM000001"}, true},
        {{key, "KEY0000002", "TEAM000001"}, false},
        {{key, "KEY0000001", "TEAM000002"}, false},
        {{other, "KEY0000001", "TEAM000001"}, false},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(provider_token_is(f->token, &cases[i].conf),
                         cases[i].is);
    }
    signing_key_destroy(&key);
    signing_key_destroy(&other);
    free(other_pem);
}

static void token__lives_until_its_last_owner_is_gone(void **state)
{
    struct fixture *f = *state;
    provider_token_t *second = provider_token_share(f->token);

    assert_ptr_equal(second, f->token);
    provider_token_destroy(&second);
    assert_null(second);
    assert_non_null(provider_token_header(f->token, NOON_S));
}

static void header__stays_the_same_between_the_times_of_the_grid(void **state)
{
    struct fixture *f = *state;
    char *first = strdup(provider_token_header(f->token, NOON_S + 60));

    assert_int_equal(issued(first), NOON_S);
    assert_string_equal(provider_token_header(f->token, NOON_S + 1200), first);
    assert_string_equal(provider_token_header(f->token, NOON_S + GRID_S + 59),
                        first);
    assert_int_equal(issued_at(f, NOON_S + GRID_S + 60), NOON_S + GRID_S);
    free(first);
}

static void header__is_as_old_in_a_process_that_starts_later(void **state)
{
    struct fixture *f = *state;
    provider_token_t *other = token_of(f->pem);

    assert_int_equal(issued_at(f, NOON_S + 70),
                     issued(provider_token_header(other, NOON_S + 2000)));
    provider_token_destroy(&other);
}

static void header__is_never_too_old_nor_too_often_renewed(void **state)
{
    struct fixture *f = *state;
    int64_t last_s = 0;

    for (int64_t now_s = NOON_S + 500; now_s < NOON_S + 86400; now_s += 30) {
        int64_t iat_s = issued_at(f, now_s);
        assert_true(now_s - iat_s < 3600);
        assert_true(iat_s <= now_s);
        assert_true(iat_s == last_s || iat_s - last_s >= 1200);
        last_s = iat_s;
        if (now_s % 7 == 0) {
            provider_token_refused(
                f->token, provider_token_header(f->token, now_s), now_s);
        }
    }
}

static void refusal__renews_a_token_of_twenty_minutes(void **state)
{
    struct fixture *f = *state;
    const char *header = provider_token_header(f->token, NOON_S + 100);

    provider_token_refused(f->token, header, NOON_S + 1199);
    assert_int_equal(issued_at(f, NOON_S + 1199), NOON_S);
    provider_token_refused(f->token, "authorization: bearer other",
                           NOON_S + 1300);
    provider_token_refused(f->token, NULL, NOON_S + 1300);
    assert_int_equal(issued_at(f, NOON_S + 1300), NOON_S);
    provider_token_refused(f->token,
                           provider_token_header(f->token, NOON_S + 1300),
                           NOON_S + 1300);
    assert_int_equal(issued_at(f, NOON_S + 1301), NOON_S + 1301);
}

static void clock__that_was_set_makes_a_new_token(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(issued_at(f, NOON_S + 100), NOON_S);
    assert_int_equal(issued_at(f, NOON_S - 10 * GRID_S + 100),
                     NOON_S - 10 * GRID_S);
    assert_int_equal(issued_at(f, NOON_S + 100), NOON_S);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(header__verifies_and_names_key_and_team),
        TEST(token__is_known_by_key_and_names),
        TEST(token__lives_until_its_last_owner_is_gone),
        TEST(header__stays_the_same_between_the_times_of_the_grid),
        TEST(header__is_as_old_in_a_process_that_starts_later),
        TEST(header__is_never_too_old_nor_too_often_renewed),
        TEST(refusal__renews_a_token_of_twenty_minutes),
        TEST(clock__that_was_set_makes_a_new_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

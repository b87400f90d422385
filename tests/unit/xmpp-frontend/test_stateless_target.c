/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stateless_target.h"

#include "services/xmpp-frontend/operator_node.h"
#include "services/xmpp-frontend/operator_reasons.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/sealed_settings.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"
#define TOKEN "dXl0b2tlbg:APA91bGTRZV3w"

static void seal(char node[SEALED_NODE_SIZE], const struct settings *settings)
{
    const struct sealed_target target = {.app = "bare",
                                         .device = DEVICE,
                                         .channel = CHANNEL,
                                         .token = TOKEN,
                                         .sealed_s = 1790000000};

    assert_int_equal(
        sealed_node_seal(settings->own, &target, "example.org", node), 0);
}

static enum stateless_answer find(const struct settings *settings,
                                  const char *node, const char *domain,
                                  const char *app)
{
    struct stateless_target target;

    return stateless_target_find(&target, settings, node, domain, app);
}

static void sealed__is_found_for_its_domain_alone(void **state)
{
    struct settings *settings = sealed_settings_new();
    struct stateless_target target;
    char node[SEALED_NODE_SIZE];

    (void)state;
    seal(node, settings);
    assert_true(operator_is_sealed(node) && sealed_node_is(node));
    assert_false(operator_is_sealed("7Bn3bOe0KxTS") ||
                 operator_is_sealed(TOKEN));
    assert_int_equal(
        stateless_target_find(&target, settings, node, "example.org", NULL),
        STATELESS_FOUND);
    assert_string_equal(target.app, "bare");
    assert_string_equal(target.device, DEVICE);
    assert_string_equal(target.channel, CHANNEL);
    assert_string_equal(target.token, TOKEN);
    assert_int_equal(target.sealed_s, 1790000000);
    assert_int_equal(find(settings, node, "example.net", NULL),
                     STATELESS_ABSENT);
    assert_int_equal(find(settings, node, NULL, NULL), STATELESS_ABSENT);
    node[10] = node[10] == 'A' ? 'B' : 'A';
    assert_int_equal(find(settings, node, "example.org", NULL),
                     STATELESS_ABSENT);
    sealed_settings_forget_keys(settings);
    assert_int_equal(find(settings, node, "example.org", NULL),
                     STATELESS_NO_KEY);
    sealed_settings_free(settings);
}

static void token__is_one_of_an_app_that_is_stateless(void **state)
{
    struct settings *settings = sealed_settings_new();
    struct stateless_target target;

    (void)state;
    assert_int_equal(
        stateless_target_find(&target, settings, TOKEN, NULL, "bare"),
        STATELESS_FOUND);
    assert_string_equal(target.app, "bare");
    assert_string_equal(target.token, TOKEN);
    assert_null(target.device);
    assert_null(target.channel);
    assert_int_equal(find(settings, TOKEN, NULL, "kept"), STATELESS_NO_APP);
    assert_int_equal(find(settings, TOKEN, NULL, "none"), STATELESS_NO_APP);
    assert_int_equal(find(settings, "7Bn3bOe0KxTS", NULL, NULL),
                     STATELESS_IS_NOT);
    sealed_settings_free(settings);
}

static void answer(struct node_answer *out, const struct settings *settings,
                   const char *type, const char *node, const char *more)
{
    struct proto_err err;
    struct msg m;
    char text[2000];

    snprintf(text, sizeof text,
             "{\"v\":1,\"type\":\"%s\",\"id\":\"o-1\",\"asker\":\"o\","
             "\"budget_ms\":4000,\"node\":\"%s\"%s}",
             type, node, more);
    assert_int_equal(msg_open(&m, text, strlen(text), &err), 0);
    *out = (struct node_answer){0};
    operator_node_answer(out, settings, &m, 1000);
    msg_close(&m);
}

#define DOMAIN_IS(name) ",\"domain\":\"" name "\""
#define URGENT ",\"priority\":\"high\""

static void show__tells_of_a_sealed_node_no_secret(void **state)
{
    struct settings *settings = sealed_settings_new();
    char node[SEALED_NODE_SIZE];
    struct node_answer its;

    (void)state;
    seal(node, settings);
    answer(&its, settings, OPERATOR_SHOW, node, DOMAIN_IS("example.org"));
    assert_string_equal(its.outcome, "ok");
    assert_string_equal(
        its.frame,
        "{\"v\":1,\"type\":\"operator.show.result\",\"id\":\"o-1\","
        "\"outcome\":\"ok\",\"app\":\"bare\",\"domain\":\"example.org\","
        "\"device\":\"ec164939\",\"channel\":\"01234567\",\"token\":\"TRZV3w\""
        ",\"token_size\":24,\"created_ms\":1790000000000}");
    free(its.frame);
    answer(&its, settings, OPERATOR_SHOW, node, DOMAIN_IS("example.net"));
    assert_string_equal(its.outcome, "absent");
    free(its.frame);
    answer(&its, settings, OPERATOR_SHOW, "7Bn3bOe0KxTS", "");
    assert_null(its.frame);
    assert_null(its.why);
    assert_null(its.trial);
    sealed_settings_free(settings);
}

static void push__knows_whom_it_wakes_or_asks(void **state)
{
    struct settings *settings = sealed_settings_new();
    char node[SEALED_NODE_SIZE];
    struct node_answer its;
    const struct {
        const char *node, *more, *app;
    } cases[] = {
        {node, DOMAIN_IS("example.org") URGENT, "bare"},
        {TOKEN, ",\"app\":\"bare\"" URGENT, "bare"},
        {"7Bn3bOe0KxTS", URGENT, NULL},
    };

    (void)state;
    seal(node, settings);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        answer(&its, settings, OPERATOR_PUSH, cases[i].node, cases[i].more);
        assert_non_null(its.trial);
        assert_null(its.why);
        if (cases[i].app != NULL) {
            assert_string_equal(trial_app(its.trial), cases[i].app);
        } else {
            assert_null(trial_app(its.trial));
        }
        trial_destroy(&its.trial);
    }
    sealed_settings_free(settings);
}

static void push__that_can_wake_nobody_says_why(void **state)
{
    struct settings *settings = sealed_settings_new();
    char node[SEALED_NODE_SIZE];
    struct node_answer its;

    (void)state;
    seal(node, settings);
    answer(&its, settings, OPERATOR_PUSH, node,
           DOMAIN_IS("example.net") URGENT);
    assert_string_equal(its.outcome, "absent");
    assert_non_null(strstr(its.frame, "\"outcome\":\"absent\""));
    free(its.frame);
    answer(&its, settings, OPERATOR_PUSH, TOKEN, ",\"app\":\"kept\"" URGENT);
    assert_ptr_equal(its.why, REASON_NO_STATELESS_APP);
    answer(&its, settings, OPERATOR_PUSH, TOKEN, "");
    assert_ptr_equal(its.why, REASON_MALFORMED);
    sealed_settings_forget_keys(settings);
    answer(&its, settings, OPERATOR_PUSH, node,
           DOMAIN_IS("example.org") URGENT);
    assert_ptr_equal(its.why, REASON_NO_KEY);
    answer(&its, settings, OPERATOR_SHOW, node, DOMAIN_IS("example.org"));
    assert_ptr_equal(its.why, REASON_NO_KEY);
    sealed_settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed__is_found_for_its_domain_alone),
        cmocka_unit_test(token__is_one_of_an_app_that_is_stateless),
        cmocka_unit_test(show__tells_of_a_sealed_node_no_secret),
        cmocka_unit_test(push__knows_whom_it_wakes_or_asks),
        cmocka_unit_test(push__that_can_wake_nobody_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

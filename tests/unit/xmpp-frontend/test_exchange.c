/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/exchange.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"

static const struct settings SETTINGS = {
    .app_count = 2,
    .apps = {{.name = "ios", .backend = "apns"},
             {.name = "conversations", .backend = "fcm"}}};

static exchange_t *new_command(enum p2_step step, const char *channel)
{
    const struct iq iq = {
        .head = {"a1", "juliet@example.org/x", "p.example.net"},
        .node =
            step == P2_REGISTER ? "register-push-fcm" : "unregister-push-fcm"};
    struct p2_request request = {.step = step,
                                 .app = &SETTINGS.apps[1],
                                 .device = DEVICE,
                                 .domain = "example.org",
                                 .token = step == P2_REGISTER ? "T" : NULL};

    snprintf(request.channel, sizeof request.channel, "%s", channel);
    return exchange_new(&iq, &request);
}

static exchange_t *new_push(bool is_urgent, const char *secret)
{
    struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                    .node = "N",
                    .is_urgent = is_urgent};
    const struct p2_request request = {.step = P2_PUSH,
                                       .domain = "example.org"};

    if (secret != NULL) {
        iq.form.count = 1;
        iq.form.fields[0].var = "secret";
        iq.form.fields[0].value = secret;
    }
    return exchange_new(&iq, &request);
}

/* Give it a result; `frame` is freed. Returns what exchange_take does. */
static int take(exchange_t *exchange, char *frame, struct exchange_step *step)
{
    struct proto_err err = {0};
    struct msg m;

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    int status = exchange_take(exchange, &m, step, &err);
    assert_int_equal(status != 0, err.field != NULL);
    step->reason = NULL; /* was borrowed from m */
    msg_close(&m);
    free(frame);
    return status;
}

static char *lookup_result(enum target_outcome outcome)
{
    const struct target_lookup_result result = {.outcome = outcome,
                                                .app = "conversations",
                                                .device = DEVICE,
                                                .channel = CHANNEL,
                                                .token = "T"};
    struct proto_err err;

    return target_lookup_result_encode(&result, "1", &err);
}

static char *push_result(enum push_verdict verdict)
{
    const struct push_result result = {
        .verdict = verdict,
        .reason = "why",
        .since_ms = verdict == PUSH_GONE ? 1790000000000 : 0};
    struct proto_err err;

    return push_result_encode(&result, "1", &err);
}

static char *forget_result(enum target_outcome outcome)
{
    const struct target_forget_result result = {outcome};
    struct proto_err err;

    return target_forget_result_encode(&result, "1", &err);
}

/* A push that has got as far as `stage`. */
static exchange_t *new_push_at(enum exchange_stage stage)
{
    exchange_t *exchange = new_push(true, "S");
    struct exchange_step step;

    if (stage >= STAGE_PUSH) {
        assert_int_equal(take(exchange, lookup_result(TARGET_OK), &step), 0);
        assert_false(step.done);
    }
    if (stage >= STAGE_FORGET) {
        assert_int_equal(take(exchange, push_result(PUSH_GONE), &step), 0);
        assert_false(step.done);
    }
    assert_int_equal(exchange_stage(exchange), stage);
    return exchange;
}

static exchange_t *new_at(enum exchange_stage stage)
{
    switch (stage) {
    case STAGE_REGISTER:
        return new_command(P2_REGISTER, "");
    case STAGE_UNREGISTER:
        return new_command(P2_UNREGISTER, "");
    case STAGE_LOOKUP:
    case STAGE_PUSH:
    case STAGE_FORGET:
        break;
    }
    return new_push_at(stage);
}

/* ---- what is asked ---- */

static void assert_asks(exchange_t *exchange, const char *expected)
{
    struct proto_err err = {0};
    char *frame = exchange_encode(exchange, "k-1.1", 1234, &err);

    assert_non_null(frame);
    assert_string_equal(frame, expected);
    free(frame);
}

#define HEAD(type) "{\"v\":1,\"type\":\"" type "\",\"id\":\"k-1.1\","

static void commands__ask_the_registry(void **state)
{
    exchange_t *exchange = new_command(P2_REGISTER, "");

    (void)state;
    assert_false(exchange_is_push(exchange));
    assert_asks(exchange,
                HEAD("target.register") "\"app\":\"conversations\","
                                        "\"device\":\"" DEVICE
                                        "\",\"domain\":\"example.org\","
                                        "\"token\":\"T\"}");
    exchange_destroy(&exchange);
    assert_null(exchange);
    exchange_destroy(&exchange); /* idempotent */
    exchange = new_command(P2_UNREGISTER, CHANNEL);
    assert_false(exchange_is_push(exchange));
    assert_asks(exchange,
                HEAD("target.unregister") "\"app\":\"conversations\","
                                          "\"device\":\"" DEVICE
                                          "\",\"channel\":\"" CHANNEL "\"}");
    exchange_destroy(&exchange);
}

static void push__looks_up_then_pushes_then_forgets(void **state)
{
    exchange_t *exchange = new_push(true, "S");
    struct exchange_step step;

    (void)state;
    assert_true(exchange_is_push(exchange));
    assert_null(exchange_app(exchange, &SETTINGS));
    assert_asks(
        exchange,
        HEAD("target.lookup") "\"domain\":\"example.org\",\"node\":\"N\","
                              "\"secret\":\"S\"}");
    take(exchange, lookup_result(TARGET_OK), &step);
    assert_false(step.done);
    assert_true(exchange_is_push(exchange));
    assert_ptr_equal(exchange_app(exchange, &SETTINGS), &SETTINGS.apps[1]);
    assert_string_equal(exchange_app_name(exchange), "conversations");
    assert_asks(
        exchange,
        HEAD("push.request") "\"app\":\"conversations\",\"token\":\"T\","
                             "\"device\":\"" DEVICE "\",\"channel\":\"" CHANNEL
                             "\","
                             "\"priority\":\"high\",\"budget_ms\":1234}");
    take(exchange, push_result(PUSH_GONE), &step);
    assert_false(step.done);
    assert_asks(exchange,
                HEAD("target.forget") "\"node\":\"N\",\"device\":\"" DEVICE
                                      "\",\"token\":\"T\","
                                      "\"since_ms\":1790000000000}");
    exchange_destroy(&exchange);
}

static void push__of_no_urgency_is_low_and_may_lack_a_secret(void **state)
{
    exchange_t *exchange = new_push(false, NULL);
    struct exchange_step step;
    struct proto_err err;

    (void)state;
    assert_asks(
        exchange,
        HEAD("target.lookup") "\"domain\":\"example.org\",\"node\":\"N\"}");
    take(exchange, lookup_result(TARGET_OK), &step);
    char *frame = exchange_encode(exchange, "1", 1, &err);
    assert_non_null(strstr(frame, "\"priority\":\"low\""));
    free(frame);
    exchange_destroy(&exchange);
}

static void app__that_is_not_configured_is_none(void **state)
{
    static const struct settings none = {0};
    exchange_t *exchange = new_push_at(STAGE_PUSH);

    (void)state;
    assert_null(exchange_app(exchange, &none));
    assert_string_equal(exchange_app_name(exchange), "conversations");
    exchange_destroy(&exchange);
}

/* ---- what results mean ---- */

static void every_result__has_one_meaning(void **state)
{
    static const struct {
        enum exchange_stage stage;
        const char *result; /* type and members */
        enum answer answer;
        enum push_outcome outcome; /* of pushes */
    } cases[] = {
        {STAGE_REGISTER,
         "\"target.register.result\",\"outcome\":\"ok\",\"node\":\"n\","
         "\"secret\":\"s\"",
         ANSWER_RESULT, OUTCOMES},
        {STAGE_REGISTER, "\"target.register.result\",\"outcome\":\"later\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_REGISTER, "\"target.register.result\",\"outcome\":\"absent\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_REGISTER,
         "\"target.register.result\",\"outcome\":\"ok\",\"node\":\"n\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_REGISTER,
         "\"target.register.result\",\"outcome\":\"ok\",\"secret\":\"s\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_UNREGISTER, "\"target.unregister.result\",\"outcome\":\"ok\"",
         ANSWER_RESULT, OUTCOMES},
        {STAGE_UNREGISTER,
         "\"target.unregister.result\",\"outcome\":\"absent\"", ANSWER_GONE,
         OUTCOMES},
        {STAGE_UNREGISTER, "\"target.unregister.result\",\"outcome\":\"later\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_UNREGISTER, "\"target.unregister.result\",\"outcome\":\"kept\"",
         ANSWER_TROUBLE, OUTCOMES},
        {STAGE_LOOKUP, "\"target.lookup.result\",\"outcome\":\"absent\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_LOOKUP, "\"target.lookup.result\",\"outcome\":\"later\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_LOOKUP, "\"target.lookup.result\",\"outcome\":\"kept\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_LOOKUP,
         "\"target.lookup.result\",\"outcome\":\"ok\",\"device\":\"" DEVICE
         "\",\"token\":\"T\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_LOOKUP,
         "\"target.lookup.result\",\"outcome\":\"ok\",\"app\":\"a\","
         "\"token\":\"T\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_LOOKUP,
         "\"target.lookup.result\",\"outcome\":\"ok\",\"app\":\"a\","
         "\"device\":\"" DEVICE "\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_PUSH, "\"push.result\",\"verdict\":\"sent\"", ANSWER_RESULT,
         OUTCOME_SENT},
        {STAGE_PUSH, "\"push.result\",\"verdict\":\"refused\"", ANSWER_TROUBLE,
         OUTCOME_REFUSED},
        {STAGE_PUSH,
         "\"push.result\",\"verdict\":\"later\",\"retry_after_s\":9",
         ANSWER_TIMEOUT, OUTCOME_FAILED},
        {STAGE_PUSH, "\"push.result\",\"verdict\":\"misconfigured\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"ok\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"absent\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"kept\"",
         ANSWER_TIMEOUT, OUTCOME_FAILED},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"later\"",
         ANSWER_TIMEOUT, OUTCOME_FAILED},
    };
    char frame[400];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        exchange_t *exchange = new_at(cases[i].stage);
        struct exchange_step step;
        snprintf(frame, sizeof frame, "{\"v\":1,\"id\":\"1\",\"type\":%s}",
                 cases[i].result);
        assert_int_equal(take(exchange, strdup(frame), &step), 0);
        assert_true(step.done);
        assert_int_equal(step.answer, cases[i].answer);
        if (cases[i].outcome != OUTCOMES) {
            assert_int_equal(step.outcome, cases[i].outcome);
        }
        exchange_destroy(&exchange);
    }
}

/* A worker that answers nonsense must cost nobody the subscription. */
static void malformed_result__is_trouble_of_ours(void **state)
{
    static const char *const results[] = {
        "\"hello\"",
        "\"target.register.result\"",
        "\"target.register.result\",\"outcome\":1",
        "\"target.unregister.result\",\"outcome\":\"gone\"",
        "\"target.lookup.result\",\"outcome\":\"ok\",\"app\":\"\"",
        "\"target.lookup.result\",\"outcome\":\"ok\",\"device\":\"12\"",
        "\"target.forget.result\",\"outcome\":null",
        "\"push.result\",\"verdict\":\"Sent\"",
        "\"push.result\",\"verdict\":\"gone\",\"since_ms\":-1",
    };
    char frame[300];

    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_FORGET; stage++) {
        for (size_t i = 0; i < COUNT(results); i++) {
            exchange_t *exchange = new_at((enum exchange_stage)stage);
            struct exchange_step step;
            snprintf(frame, sizeof frame, "{\"v\":1,\"id\":\"1\",\"type\":%s}",
                     results[i]);
            assert_int_equal(take(exchange, strdup(frame), &step), -1);
            assert_true(step.done);
            assert_int_equal(step.answer, ANSWER_TROUBLE);
            assert_int_equal(step.outcome, OUTCOME_FAILED);
            exchange_destroy(&exchange);
        }
    }
}

static void result_of_another_stage__is_trouble_of_ours(void **state)
{
    exchange_t *lookup = new_at(STAGE_LOOKUP);
    exchange_t *push = new_at(STAGE_PUSH);
    exchange_t *forget = new_at(STAGE_FORGET);
    struct exchange_step step;

    (void)state;
    assert_int_equal(take(lookup, push_result(PUSH_SENT), &step), -1);
    assert_int_equal(step.answer, ANSWER_TROUBLE);
    assert_int_equal(take(push, forget_result(TARGET_OK), &step), -1);
    assert_int_equal(step.answer, ANSWER_TROUBLE);
    assert_int_equal(take(forget, lookup_result(TARGET_ABSENT), &step), -1);
    assert_int_equal(step.answer, ANSWER_TROUBLE);
    exchange_destroy(&forget);
    exchange_destroy(&push);
    exchange_destroy(&lookup);
}

/* ---- how it is answered ---- */

static void reply__fits_what_was_asked(void **state)
{
    exchange_t *exchange = new_command(P2_REGISTER, "");
    const struct target_register_result registered = {
        .outcome = TARGET_OK, .node = "n1", .secret = "s1"};
    struct exchange_step step;
    struct proto_err err;

    (void)state;
    take(exchange, target_register_result_encode(&registered, "1", &err),
         &step);
    char *xml = exchange_reply(exchange, step.answer);
    assert_string_equal(
        xml, "<iq type='result' id='a1' from='p.example.net' "
             "to='juliet@example.org/x'>"
             "<command xmlns='http://jabber.org/protocol/commands' "
             "node='register-push-fcm' sessionid='a1' status='completed'>"
             "<x xmlns='jabber:x:data' type='form'>"
             "<field var='jid' type='jid-single'>"
             "<value>p.example.net</value></field>"
             "<field var='node' type='text-single'><value>n1</value></field>"
             "<field var='secret' type='text-single'><value>s1</value>"
             "</field></x></command></iq>");
    free(xml);
    exchange_destroy(&exchange);
    exchange = new_at(STAGE_UNREGISTER);
    xml = exchange_reply(exchange, ANSWER_RESULT);
    assert_string_equal(
        xml, "<iq type='result' id='a1' from='p.example.net' "
             "to='juliet@example.org/x'>"
             "<command xmlns='http://jabber.org/protocol/commands' "
             "node='unregister-push-fcm' sessionid='a1' status='completed'>"
             "</command></iq>");
    free(xml);
    exchange_destroy(&exchange);
    exchange = new_at(STAGE_PUSH);
    xml = exchange_reply(exchange, ANSWER_RESULT);
    assert_string_equal(xml, "<iq type='result' id='p1' from='p.example.net' "
                             "to='example.org'></iq>");
    free(xml);
    exchange_destroy(&exchange);
}

static void reply__is_an_error_at_any_stage(void **state)
{
    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_FORGET; stage++) {
        exchange_t *exchange = new_at((enum exchange_stage)stage);
        char *xml = exchange_reply(exchange, ANSWER_STOPPING);
        assert_non_null(strstr(xml, "<iq type='error' id="));
        assert_non_null(
            strstr(xml, "<error type='wait'><service-unavailable "));
        free(xml);
        exchange_destroy(&exchange);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands__ask_the_registry),
        cmocka_unit_test(push__looks_up_then_pushes_then_forgets),
        cmocka_unit_test(push__of_no_urgency_is_low_and_may_lack_a_secret),
        cmocka_unit_test(app__that_is_not_configured_is_none),
        cmocka_unit_test(every_result__has_one_meaning),
        cmocka_unit_test(malformed_result__is_trouble_of_ours),
        cmocka_unit_test(result_of_another_stage__is_trouble_of_ours),
        cmocka_unit_test(reply__fits_what_was_asked),
        cmocka_unit_test(reply__is_an_error_at_any_stage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static exchange_t *new_command(enum request_step step, const char *channel)
{
    const struct iq iq = {
        .head = {"a1", "juliet@example.org/x", "p.example.net"},
        .node = step == REQUEST_REGISTER ? "register-push-fcm"
                                         : "unregister-push-fcm"};
    struct request request = {.step = step,
                              .app = &SETTINGS.apps[1],
                              .device = DEVICE,
                              .domain = "example.org",
                              .token = step == REQUEST_REGISTER ? "T" : NULL};

    snprintf(request.channel, sizeof request.channel, "%s", channel);
    return exchange_new(&iq, &request, 1795451930973);
}

static exchange_t *new_push(bool is_urgent, const char *secret)
{
    struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                    .node = "N",
                    .is_urgent = is_urgent};
    const struct request request = {.step = REQUEST_PUSH,
                                    .domain = "example.org"};

    if (secret != NULL) {
        iq.form.count = 1;
        iq.form.fields[0].var = "secret";
        iq.form.fields[0].value = secret;
    }
    return exchange_new(&iq, &request, 1795451930973);
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

/* `deferred` tells of a push that waits already, or is NULL. */
static char *lookup_result(enum target_outcome outcome, const char *deferred)
{
    const struct target_lookup_result result = {.outcome = outcome,
                                                .app = "conversations",
                                                .device = DEVICE,
                                                .channel = CHANNEL,
                                                .token = "T",
                                                .deferred = deferred};
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

/* A push that has got as far as `stage`; nothing else waits for its target. */
static exchange_t *new_push_at(enum exchange_stage stage)
{
    exchange_t *exchange = new_push(true, "S");
    bool settles = stage == STAGE_SETTLE;
    struct exchange_step step;

    if (stage >= STAGE_PUSH) {
        take(exchange, lookup_result(TARGET_OK, settles ? "d1" : NULL), &step);
        assert_false(step.done || step.answers);
    }
    if (stage > STAGE_PUSH) {
        take(exchange,
             push_result(stage == STAGE_FORGET  ? PUSH_GONE
                         : stage == STAGE_DEFER ? PUSH_LATER
                                                : PUSH_SENT),
             &step);
        assert_false(step.done);
        assert_int_equal(step.answers, settles);
    }
    assert_int_equal(exchange_stage(exchange), stage);
    return exchange;
}

static exchange_t *new_at(enum exchange_stage stage)
{
    if (stage == STAGE_REGISTER || stage == STAGE_UNREGISTER) {
        return new_command(stage == STAGE_REGISTER ? REQUEST_REGISTER
                                                   : REQUEST_UNREGISTER,
                           "");
    }
    return new_push_at(stage);
}

/* A deferred push whose time has come. */
static exchange_t *new_due(void)
{
    const struct target_due due = {.node = "N",
                                   .app = "conversations",
                                   .device = DEVICE,
                                   .channel = CHANNEL,
                                   .token = "T",
                                   .priority = PRIORITY_HIGH,
                                   .deferred = "d1"};

    return exchange_new_due(&due);
}

/* Its answer, which must be the first one; to be freed. */
static char *answered(exchange_t *exchange, enum answer answer)
{
    char *reply = NULL;

    assert_true(exchange_answer(exchange, answer, &reply));
    return reply;
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
    exchange_t *exchange = new_command(REQUEST_REGISTER, "");

    (void)state;
    assert_false(exchange_is_push(exchange));
    assert_asks(exchange,
                HEAD("target.register") "\"app\":\"conversations\","
                                        "\"device\":\"" DEVICE
                                        "\",\"domain\":\"example.org\","
                                        "\"token\":\"T\","
                                        "\"asked_ms\":1795451930973}");
    exchange_destroy(&exchange);
    assert_null(exchange);
    exchange_destroy(&exchange); /* idempotent */
    exchange = new_command(REQUEST_UNREGISTER, CHANNEL);
    assert_false(exchange_is_push(exchange));
    assert_asks(exchange,
                HEAD("target.unregister") "\"app\":\"conversations\","
                                          "\"device\":\"" DEVICE
                                          "\",\"channel\":\"" CHANNEL "\","
                                          "\"asked_ms\":1795451930973}");
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
    take(exchange, lookup_result(TARGET_OK, NULL), &step);
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
    take(exchange, lookup_result(TARGET_OK, NULL), &step);
    char *frame = exchange_encode(exchange, "1", 1, &err);
    assert_non_null(strstr(frame, "\"priority\":\"low\""));
    free(frame);
    exchange_destroy(&exchange);
}

static void push__that_comes_later_is_deferred(void **state)
{
    exchange_t *exchange = new_push_at(STAGE_PUSH);
    const struct push_result later = {.verdict = PUSH_LATER,
                                      .retry_after_s = 9};
    struct exchange_step step;
    struct proto_err err;

    (void)state;
    take(exchange, push_result_encode(&later, "1", &err), &step);
    assert_false(step.done || step.answers);
    assert_asks(exchange,
                HEAD("target.defer") "\"node\":\"N\",\"device\":\"" DEVICE
                                     "\",\"priority\":\"high\","
                                     "\"retry_after_s\":9}");
    exchange_destroy(&exchange);
}

/* A push that got through settles one that waits, and answers before that. */
static void push__settles_what_waits_after_it_has_answered(void **state)
{
    static const enum push_verdict verdicts[] = {PUSH_SENT, PUSH_REFUSED};
    static const enum answer answers[] = {ANSWER_RESULT, ANSWER_TROUBLE};

    (void)state;
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        exchange_t *exchange = new_push(true, NULL);
        struct exchange_step step;
        take(exchange, lookup_result(TARGET_OK, "d1"), &step);
        take(exchange, push_result(verdicts[i]), &step);
        assert_true(step.answers);
        assert_false(step.done);
        assert_int_equal(step.answer, answers[i]);
        assert_asks(exchange,
                    HEAD("target.settle") "\"node\":\"N\",\"device\":\"" DEVICE
                                          "\",\"deferred\":\"d1\"}");
        exchange_destroy(&exchange);
    }
}

/* It was registered with conversations. */
static exchange_t *new_push_with(const char *var, const char *value)
{
    struct iq iq = {
        .head = {"p1", "example.org", "p.example.net"},
        .node = "N",
        .form = {.count = 1, .fields = {{.var = var, .value = value}}}};
    const struct request request = {.step = REQUEST_PUSH,
                                    .domain = "example.org"};
    struct exchange_step step;

    exchange_t *exchange = exchange_new(&iq, &request, 1);
    take(exchange, lookup_result(TARGET_OK, NULL), &step);
    return exchange;
}

static void publish_option__leads_through_another_app(void **state)
{
    static const struct settings settings = {
        .app_count = 2,
        .apps = {{.name = "conversations", .backend = "fcm"},
                 {.name = "quicksy", .backend = "fcm"}}};
    struct exchange_step step;

    (void)state;
    exchange_t *exchange = new_push_with("pushModule", "quicksy");
    assert_true(exchange_route(exchange, &settings));
    assert_true(exchange_route(exchange, &settings)); /* as often as wanted */
    assert_string_equal(exchange_app_name(exchange), "quicksy");
    assert_asks(
        exchange,
        HEAD("push.request") "\"app\":\"quicksy\","
                             "\"token\":\"T\",\"device\":\"" DEVICE "\","
                             "\"channel\":\"" CHANNEL "\",\"priority\":\"low\","
                             "\"budget_ms\":1234}");
    /* A retry must not take another way. */
    take(exchange, push_result(PUSH_LATER), &step);
    assert_asks(exchange, HEAD("target.defer") "\"node\":\"N\","
                                               "\"device\":\"" DEVICE
                                               "\",\"app\":\"quicksy\","
                                               "\"priority\":\"low\"}");
    exchange_destroy(&exchange);
}

static void sandbox_that_there_is_not__is_no_way(void **state)
{
    static const struct settings settings = {
        .app_count = 1,
        .apps = {{.name = "conversations", .backend = "apns", .topic = "t"}}};

    (void)state;
    exchange_t *exchange = new_push_with("sandbox", "true");
    assert_false(exchange_route(exchange, &settings));
    exchange_destroy(&exchange);
    exchange = new_push_with("sandbox", "false");
    assert_true(exchange_route(exchange, &settings));
    exchange_destroy(&exchange);
}

static void stateless_push__is_between_us_and_the_provider(void **state)
{
    static const struct {
        enum push_verdict verdict;
        enum answer answer;
        enum push_outcome outcome;
    } cases[] = {
        {PUSH_SENT, ANSWER_RESULT, OUTCOME_SENT},
        {PUSH_GONE, ANSWER_GONE, OUTCOME_GONE},
        {PUSH_REFUSED, ANSWER_TROUBLE, OUTCOME_REFUSED},
        {PUSH_LATER, ANSWER_TIMEOUT, OUTCOME_FAILED},
        {PUSH_MISCONFIGURED, ANSWER_TROUBLE, OUTCOME_FAILED},
    };
    const struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                          .node = "T",
                          .is_urgent = true};
    const struct request request = {.step = REQUEST_WAKE,
                                    .domain = "example.org",
                                    .app = &SETTINGS.apps[1],
                                    .token = "T"};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        exchange_t *exchange = exchange_new(&iq, &request, 1);
        struct exchange_step step;
        assert_true(exchange_is_push(exchange));
        assert_true(exchange_is_stateless(exchange));
        assert_string_equal(exchange_token(exchange), "T");
        assert_asks(
            exchange,
            HEAD("push.request") "\"app\":\"conversations\","
                                 "\"token\":\"T\",\"priority\":\"high\","
                                 "\"budget_ms\":1234}");
        take(exchange, push_result(cases[i].verdict), &step);
        assert_true(step.done && step.answers);
        assert_int_equal(step.answer, cases[i].answer);
        assert_int_equal(step.outcome, cases[i].outcome);
        assert_false(exchange_give_up(exchange));
        exchange_destroy(&exchange);
    }
}

/* A sandbox that is not stateless has not said that it takes such tokens. */
static void stateless_push__stays_among_its_like(void **state)
{
    static const struct settings settings = {
        .app_count = 4,
        .apps = {{.name = "i",
                  .backend = "apns",
                  .topic = "t",
                  .is_stateless = true},
                 {.name = "x",
                  .backend = "apns",
                  .topic = "t",
                  .environment = APNS_SANDBOX},
                 {.name = "j",
                  .backend = "apns",
                  .topic = "u",
                  .is_stateless = true},
                 {.name = "y",
                  .backend = "apns",
                  .topic = "u",
                  .environment = APNS_SANDBOX,
                  .is_stateless = true}}};
    const struct iq iq = {
        .head = {"p1", "example.org", "p.example.net"},
        .node = "T",
        .form = {.count = 2,
                 .fields = {{"sandbox", "true"}, {"pushModule", "i"}}}};
    struct request request = {
        .step = REQUEST_WAKE, .app = &settings.apps[0], .token = "T"};

    (void)state;
    exchange_t *exchange = exchange_new(&iq, &request, 1);
    assert_false(exchange_route(exchange, &settings));
    exchange_destroy(&exchange);
    request.app = &settings.apps[2];
    exchange = exchange_new(&iq, &request, 1);
    assert_true(exchange_route(exchange, &settings));
    assert_string_equal(exchange_app_name(exchange), "y");
    exchange_destroy(&exchange);
}

static void due_push__needs_no_lookup_and_gets_no_answer(void **state)
{
    exchange_t *exchange = new_due();

    (void)state;
    assert_true(exchange_is_push(exchange));
    assert_true(exchange_is_retry(exchange));
    assert_ptr_equal(exchange_app(exchange, &SETTINGS), &SETTINGS.apps[1]);
    assert_asks(
        exchange,
        HEAD("push.request") "\"app\":\"conversations\",\"token\":\"T\","
                             "\"device\":\"" DEVICE "\",\"channel\":\"" CHANNEL
                             "\","
                             "\"priority\":\"high\",\"budget_ms\":1234}");
    assert_null(answered(exchange, ANSWER_RESULT));
    exchange_destroy(&exchange);
}

/* It has been promised: also when our own settings are at fault. */
static void due_push__is_deferred_again_until_it_gets_through(void **state)
{
    static const struct {
        enum push_verdict verdict;
        enum exchange_stage stage;
        bool answers;
    } cases[] = {
        {PUSH_SENT, STAGE_SETTLE, true},
        {PUSH_REFUSED, STAGE_SETTLE, true},
        {PUSH_GONE, STAGE_FORGET, false},
        {PUSH_LATER, STAGE_DEFER, false},
        {PUSH_MISCONFIGURED, STAGE_DEFER, false},
    };
    struct proto_err err;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        exchange_t *exchange = new_due();
        struct exchange_step step;
        take(exchange, push_result(cases[i].verdict), &step);
        assert_false(step.done);
        assert_int_equal(step.answers, cases[i].answers);
        assert_int_equal(exchange_stage(exchange), cases[i].stage);
        if (cases[i].stage == STAGE_DEFER) {
            char *frame = exchange_encode(exchange, "1", 1, &err);
            assert_non_null(strstr(frame, "\"is_retry\":1"));
            free(frame);
        }
        exchange_destroy(&exchange);
    }
}

static void due_push__has_expired_when_it_cannot_be_deferred_again(void **state)
{
    static const struct {
        const char *outcome;
        enum push_outcome means;
    } cases[] = {{"ok", OUTCOME_DEFERRED},
                 {"absent", OUTCOME_EXPIRED},
                 {"later", OUTCOME_FAILED}};
    char frame[200];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        exchange_t *exchange = new_due();
        struct exchange_step step;
        take(exchange, push_result(PUSH_LATER), &step);
        snprintf(frame, sizeof frame,
                 "{\"v\":1,\"id\":\"1\",\"type\":\"target.defer.result\","
                 "\"outcome\":\"%s\"}",
                 cases[i].outcome);
        take(exchange, strdup(frame), &step);
        assert_true(step.done && step.answers);
        assert_int_equal(step.outcome, cases[i].means);
        exchange_destroy(&exchange);
    }
}

static void give_up__defers_what_got_as_far_as_a_push(void **state)
{
    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_SETTLE; stage++) {
        exchange_t *exchange = new_at((enum exchange_stage)stage);
        bool can = exchange_give_up(exchange);
        assert_int_equal(can, stage == STAGE_PUSH);
        assert_int_equal(exchange_stage(exchange),
                         stage == STAGE_PUSH ? STAGE_DEFER : stage);
        exchange_destroy(&exchange);
    }
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
        {STAGE_PUSH, "\"push.result\",\"verdict\":\"misconfigured\"",
         ANSWER_TROUBLE, OUTCOME_FAILED},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"ok\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"absent\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_FORGET, "\"target.forget.result\",\"outcome\":\"later\"",
         ANSWER_TIMEOUT, OUTCOME_FAILED},
        {STAGE_DEFER, "\"target.defer.result\",\"outcome\":\"ok\"",
         ANSWER_RESULT, OUTCOME_DEFERRED},
        {STAGE_DEFER, "\"target.defer.result\",\"outcome\":\"absent\"",
         ANSWER_GONE, OUTCOME_GONE},
        {STAGE_DEFER, "\"target.defer.result\",\"outcome\":\"kept\"",
         ANSWER_TIMEOUT, OUTCOME_FAILED},
        {STAGE_DEFER, "\"target.defer.result\",\"outcome\":\"later\"",
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
        assert_true(step.done && step.answers);
        assert_int_equal(step.answer, cases[i].answer);
        if (cases[i].outcome != OUTCOMES) {
            assert_int_equal(step.outcome, cases[i].outcome);
        }
        exchange_destroy(&exchange);
    }
}

/* Renewed meanwhile: its new token is tried in a while. */
static void forget__that_was_not_done_defers(void **state)
{
    exchange_t *exchange = new_at(STAGE_FORGET);
    struct exchange_step step;

    (void)state;
    take(exchange, forget_result(TARGET_KEPT), &step);
    assert_false(step.done || step.answers);
    assert_int_equal(exchange_stage(exchange), STAGE_DEFER);
    exchange_destroy(&exchange);
}

/* It was answered before, come what may. */
static void settle__ends_it(void **state)
{
    static const char *const results[] = {
        "\"target.settle.result\",\"outcome\":\"ok\"",
        "\"target.settle.result\",\"outcome\":\"absent\"",
        "\"target.settle.result\",\"outcome\":\"kept\"",
        "\"target.settle.result\",\"outcome\":\"later\"",
        "\"target.settle.result\",\"outcome\":1",
        "\"hello\"",
    };
    char frame[200];

    (void)state;
    for (size_t i = 0; i < COUNT(results); i++) {
        exchange_t *exchange = new_at(STAGE_SETTLE);
        struct exchange_step step;
        snprintf(frame, sizeof frame, "{\"v\":1,\"id\":\"1\",\"type\":%s}",
                 results[i]);
        assert_int_equal(take(exchange, strdup(frame), &step), i < 4 ? 0 : -1);
        assert_true(step.done);
        assert_true(i >= 4 || !step.answers);
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
        "\"target.defer.result\",\"outcome\":\"\"",
        "\"push.result\",\"verdict\":\"Sent\"",
        "\"push.result\",\"verdict\":\"gone\",\"since_ms\":-1",
    };
    char frame[300];

    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_DEFER; stage++) {
        for (size_t i = 0; i < COUNT(results); i++) {
            exchange_t *exchange = new_at((enum exchange_stage)stage);
            struct exchange_step step;
            snprintf(frame, sizeof frame, "{\"v\":1,\"id\":\"1\",\"type\":%s}",
                     results[i]);
            assert_int_equal(take(exchange, strdup(frame), &step), -1);
            assert_true(step.done && step.answers);
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
    assert_int_equal(take(forget, lookup_result(TARGET_ABSENT, NULL), &step),
                     -1);
    assert_int_equal(step.answer, ANSWER_TROUBLE);
    exchange_destroy(&forget);
    exchange_destroy(&push);
    exchange_destroy(&lookup);
}

/* ---- how it is answered ---- */

static void reply__fits_what_was_asked(void **state)
{
    exchange_t *exchange = new_command(REQUEST_REGISTER, "");
    const struct target_register_result registered = {
        .outcome = TARGET_OK, .node = "n1", .secret = "s1"};
    struct exchange_step step;
    struct proto_err err;

    (void)state;
    take(exchange, target_register_result_encode(&registered, "1", &err),
         &step);
    char *xml = answered(exchange, step.answer);
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
    xml = answered(exchange, ANSWER_RESULT);
    assert_string_equal(
        xml, "<iq type='result' id='a1' from='p.example.net' "
             "to='juliet@example.org/x'>"
             "<command xmlns='http://jabber.org/protocol/commands' "
             "node='unregister-push-fcm' sessionid='a1' status='completed'>"
             "</command></iq>");
    free(xml);
    exchange_destroy(&exchange);
    exchange = new_at(STAGE_PUSH);
    xml = answered(exchange, ANSWER_RESULT);
    assert_string_equal(xml, "<iq type='result' id='p1' from='p.example.net' "
                             "to='example.org'></iq>");
    free(xml);
    exchange_destroy(&exchange);
}

/* Also an id that is empty. */
static void reply__repeats_the_id_as_it_is(void **state)
{
    const struct iq iq = {.head = {"", "example.org", "p.example.net"},
                          .node = "N"};
    const struct request request = {.step = REQUEST_PUSH,
                                    .domain = "example.org"};
    exchange_t *exchange = exchange_new(&iq, &request, 1795451930973);

    (void)state;
    char *xml = answered(exchange, ANSWER_RESULT);
    assert_string_equal(xml, "<iq type='result' id='' from='p.example.net' "
                             "to='example.org'></iq>");
    free(xml);
    exchange_destroy(&exchange);
}

static void reply__is_given_once(void **state)
{
    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_SETTLE; stage++) {
        exchange_t *exchange = new_at((enum exchange_stage)stage);
        char *xml = answered(exchange, ANSWER_TIMEOUT);
        assert_non_null(xml);
        free(xml);
        assert_false(exchange_answer(exchange, ANSWER_TIMEOUT, &xml));
        assert_null(xml);
        assert_false(exchange_answer(exchange, ANSWER_RESULT, &xml));
        assert_null(xml);
        exchange_destroy(&exchange);
    }
}

static void reply__is_an_error_at_any_stage(void **state)
{
    (void)state;
    for (int stage = STAGE_REGISTER; stage <= STAGE_DEFER; stage++) {
        exchange_t *exchange = new_at((enum exchange_stage)stage);
        char *xml = answered(exchange, ANSWER_STOPPING);
        assert_non_null(strstr(xml, "<iq type='error' id="));
        assert_non_null(
            strstr(xml, "<error type='wait'><service-unavailable "));
        free(xml);
        exchange_destroy(&exchange);
    }
}

/* ---- limits ---- */

static void limited__is_deferred_until_its_turn(void **state)
{
    exchange_t *exchange = new_push_at(STAGE_PUSH);
    const struct target_defer_result done = {TARGET_OK};
    struct exchange_step step;
    struct proto_err err;

    (void)state;
    assert_true(exchange_limit(exchange, 77));
    assert_int_equal(exchange_stage(exchange), STAGE_DEFER);
    char *frame = exchange_encode(exchange, "k-1.1", 1234, &err);
    assert_non_null(strstr(frame, "\"retry_after_s\":77"));
    free(frame);
    take(exchange, target_defer_result_encode(&done, "1", &err), &step);
    assert_true(step.done && step.answers);
    assert_int_equal(step.answer, ANSWER_RESULT);
    assert_int_equal(step.outcome, OUTCOME_LIMITED);
    exchange_destroy(&exchange);
}

static void limited__cannot_be_deferred_if_it_is_stateless(void **state)
{
    const struct iq iq = {.head = {"p1", "example.org", "p"}, .node = "T"};
    const struct request request = {.step = REQUEST_WAKE,
                                    .app = &SETTINGS.apps[1],
                                    .domain = "example.org",
                                    .token = "T"};
    exchange_t *exchange = exchange_new(&iq, &request, 0);

    (void)state;
    assert_false(exchange_limit(exchange, 77));
    assert_int_equal(exchange_stage(exchange), STAGE_PUSH);
    /* It is told from others by the app that it names. */
    assert_string_equal(exchange_target(exchange).module, "conversations");
    exchange_destroy(&exchange);
}

/* ---- those that join ---- */

static void join__takes_the_others_over(void **state)
{
    exchange_t *leader = new_push(false, "S");
    exchange_t *others[] = {new_push(false, "S"), new_push(true, "S"),
                            new_push(false, "S")};
    exchange_t *const theirs[] = {others[0], others[1], others[2]};
    struct exchange_step step;
    char *reply;

    (void)state;
    assert_null(exchange_next(leader));
    for (size_t i = 0; i < COUNT(others); i++) {
        exchange_join(leader, &others[i]);
        assert_null(others[i]);
        assert_int_equal(exchange_is_urgent(leader), i >= 1);
    }
    assert_null(exchange_app_name(theirs[2]));
    take(leader, lookup_result(TARGET_OK, NULL), &step);
    const exchange_t *at = leader;
    for (size_t i = 0; i < COUNT(theirs); i++) {
        at = exchange_next(at);
        assert_ptr_equal(at, theirs[i]);
        assert_string_equal(exchange_app_name(at), "conversations");
        assert_true(exchange_answer(theirs[i], ANSWER_RESULT, &reply));
        assert_non_null(strstr(reply, "type='result'"));
        free(reply);
    }
    assert_null(exchange_next(at));
    exchange_destroy(&leader); /* with all of them */
}

static void assert_is_high(const exchange_t *exchange)
{
    struct proto_err err = {0};
    char *frame = exchange_encode(exchange, "k-1.1", 1234, &err);

    assert_non_null(frame);
    assert_non_null(strstr(frame, "\"priority\":\"high\""));
    free(frame);
}

/* The push and the deferral are as urgent as the most urgent of them. */
static void join__makes_it_as_urgent_as_the_other(void **state)
{
    exchange_t *leader = new_push(false, "S");
    exchange_t *other = new_push(true, "S");
    struct exchange_step step;

    (void)state;
    take(leader, lookup_result(TARGET_OK, NULL), &step);
    exchange_join(leader, &other);
    assert_is_high(leader);
    take(leader, push_result(PUSH_LATER), &step);
    assert_is_high(leader);
    exchange_destroy(&leader);
}

static void join_with(exchange_t *leader)
{
    exchange_t *other = new_push(false, NULL);

    exchange_join(leader, &other);
}

static void hand_out(exchange_t *exchange)
{
    struct proto_err err;

    exchange_handed(exchange);
    free(exchange_encode(exchange, "k-1.1", 1, &err));
}

/* What has joined before the lookup went knows nothing that is newer. */
static void lookup__serves_who_joined_before_it(void **state)
{
    exchange_t *leader = new_push(false, NULL);
    struct exchange_step step;

    (void)state;
    join_with(leader);
    hand_out(leader);
    join_with(leader); /* the registry that had it is lost */
    hand_out(leader);
    take(leader, lookup_result(TARGET_OK, NULL), &step);
    assert_false(exchange_is_outdated(leader));
    assert_false(exchange_had_turn(leader));
    exchange_destroy(&leader);
}

/* Be it while it is looked up, or while it waits for a sender. */
static void lookup__is_done_again_for_who_joined_after_it(void **state)
{
    (void)state;
    for (int early = 0; early < 2; early++) {
        exchange_t *leader = new_push(false, "S");
        struct exchange_step step;
        hand_out(leader);
        if (early) {
            join_with(leader);
        }
        assert_false(exchange_is_outdated(leader));
        take(leader, lookup_result(TARGET_OK, "d1"), &step);
        if (!early) {
            join_with(leader);
        }
        assert_true(exchange_is_outdated(leader));
        exchange_look_up_again(leader);
        assert_true(exchange_had_turn(leader));
        assert_null(exchange_app_name(leader));
        assert_asks(leader,
                    HEAD("target.lookup") "\"domain\":\"example.org\",\"node\":"
                                          "\"N\",\"secret\":\"S\"}");
        hand_out(leader);
        take(leader, lookup_result(TARGET_OK, NULL), &step);
        assert_false(exchange_is_outdated(leader));
        assert_int_equal(exchange_stage(leader), STAGE_PUSH);
        take(leader, push_result(PUSH_SENT), &step);
        assert_true(step.done); /* what waited before is gone as well */
        exchange_destroy(&leader);
    }
}

/* "Gone" would end the subscription of who has registered and then joined. */
static void lookup__of_none_is_done_again_before_it_is_believed(void **state)
{
    exchange_t *leader = new_push(false, NULL);
    struct exchange_step step;

    (void)state;
    hand_out(leader);
    join_with(leader);
    take(leader, lookup_result(TARGET_ABSENT, NULL), &step);
    assert_false(step.done || step.answers);
    assert_int_equal(exchange_stage(leader), STAGE_LOOKUP);
    assert_false(exchange_had_turn(leader)); /* no window for what is not */
    hand_out(leader);
    take(leader, lookup_result(TARGET_ABSENT, NULL), &step);
    assert_true(step.done && step.answers);
    assert_int_equal(step.answer, ANSWER_GONE);
    exchange_destroy(&leader);
}

static void target__is_all_that_the_publish_says_of_it(void **state)
{
    exchange_t *push = new_push(true, "S");
    const struct target_due due = {.node = "N",
                                   .app = "a",
                                   .device = DEVICE,
                                   .token = "T",
                                   .deferred = "1"};
    exchange_t *retry = exchange_new_due(&due);
    exchange_t *command = new_command(REQUEST_REGISTER, "");

    (void)state;
    assert_true(exchange_can_join(push));
    assert_false(exchange_can_join(retry));
    assert_false(exchange_can_join(command));
    const struct push_target target = exchange_target(push);
    assert_string_equal(target.domain, "example.org");
    assert_string_equal(target.node, "N");
    assert_string_equal(target.secret, "S");
    assert_null(target.module);
    assert_false(target.sandbox);
    exchange_destroy(&push);
    exchange_destroy(&retry);
    exchange_destroy(&command);
}

static void stateless_push__joins_by_what_it_wakes(void **state)
{
    static const struct {
        const char *channel, *secret;
    } cases[] = {{"", DEVICE}, {CHANNEL, CHANNEL}};
    const struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                          .node = "s1.ABC",
                          .form = {.count = 1, .fields = {{"secret", "S"}}}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct request request = {.step = REQUEST_WAKE,
                                  .domain = "example.org",
                                  .app = &SETTINGS.apps[1],
                                  .device = DEVICE,
                                  .token = "T"};
        snprintf(request.channel, sizeof request.channel, "%s",
                 cases[i].channel);
        exchange_t *push = exchange_new(&iq, &request, 1);
        const struct push_target target = exchange_target(push);
        assert_string_equal(target.domain, "example.org");
        assert_string_equal(target.node, "T");
        assert_string_equal(target.secret, cases[i].secret);
        assert_string_equal(target.module, "conversations");
        exchange_destroy(&push);
    }
}

/* The app of a sealed node need not be configured any more. */
static void stateless_push__may_be_of_no_app(void **state)
{
    const struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                          .node = "s1.ABC"};
    const struct request request = {.step = REQUEST_WAKE,
                                    .domain = "example.org",
                                    .app_name = "gone",
                                    .device = DEVICE,
                                    .token = "T"};

    (void)state;
    exchange_t *push = exchange_new(&iq, &request, 1);
    assert_string_equal(exchange_app_name(push), "gone");
    assert_null(exchange_app(push, &SETTINGS));
    assert_true(exchange_route(push, &SETTINGS));
    exchange_destroy(&push);
}

/* Who has registered while it was stateless is still woken. */
static void stateless_push__goes_on_when_its_app_is_not(void **state)
{
    const struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                          .node = "s1.ABC"};
    const struct request request = {.step = REQUEST_WAKE,
                                    .domain = "example.org",
                                    .app = &SETTINGS.apps[1],
                                    .device = DEVICE,
                                    .token = "T"};

    (void)state;
    assert_false(request.app->is_stateless);
    exchange_t *push = exchange_new(&iq, &request, 1);
    assert_true(exchange_route(push, &SETTINGS));
    exchange_destroy(&push);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands__ask_the_registry),
        cmocka_unit_test(push__looks_up_then_pushes_then_forgets),
        cmocka_unit_test(push__of_no_urgency_is_low_and_may_lack_a_secret),
        cmocka_unit_test(push__that_comes_later_is_deferred),
        cmocka_unit_test(push__settles_what_waits_after_it_has_answered),
        cmocka_unit_test(publish_option__leads_through_another_app),
        cmocka_unit_test(sandbox_that_there_is_not__is_no_way),
        cmocka_unit_test(stateless_push__is_between_us_and_the_provider),
        cmocka_unit_test(stateless_push__stays_among_its_like),
        cmocka_unit_test(stateless_push__joins_by_what_it_wakes),
        cmocka_unit_test(stateless_push__may_be_of_no_app),
        cmocka_unit_test(stateless_push__goes_on_when_its_app_is_not),
        cmocka_unit_test(due_push__needs_no_lookup_and_gets_no_answer),
        cmocka_unit_test(due_push__is_deferred_again_until_it_gets_through),
        cmocka_unit_test(
            due_push__has_expired_when_it_cannot_be_deferred_again),
        cmocka_unit_test(give_up__defers_what_got_as_far_as_a_push),
        cmocka_unit_test(app__that_is_not_configured_is_none),
        cmocka_unit_test(every_result__has_one_meaning),
        cmocka_unit_test(forget__that_was_not_done_defers),
        cmocka_unit_test(settle__ends_it),
        cmocka_unit_test(malformed_result__is_trouble_of_ours),
        cmocka_unit_test(result_of_another_stage__is_trouble_of_ours),
        cmocka_unit_test(reply__fits_what_was_asked),
        cmocka_unit_test(reply__repeats_the_id_as_it_is),
        cmocka_unit_test(reply__is_given_once),
        cmocka_unit_test(reply__is_an_error_at_any_stage),
        cmocka_unit_test(limited__is_deferred_until_its_turn),
        cmocka_unit_test(limited__cannot_be_deferred_if_it_is_stateless),
        cmocka_unit_test(join__takes_the_others_over),
        cmocka_unit_test(join__makes_it_as_urgent_as_the_other),
        cmocka_unit_test(lookup__serves_who_joined_before_it),
        cmocka_unit_test(lookup__is_done_again_for_who_joined_after_it),
        cmocka_unit_test(lookup__of_none_is_done_again_before_it_is_believed),
        cmocka_unit_test(target__is_all_that_the_publish_says_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

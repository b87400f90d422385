/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/operator.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define REQUEST "{\"v\":1,\"type\":\"operator.show\",\"id\":\"1\""

static struct msg open_text(const char *text)
{
    struct proto_err err;
    struct msg m;

    assert_int_equal(msg_open(&m, text, strlen(text), &err), 0);
    return m;
}

static void request__is_told_from_answers(void **state)
{
    static const struct {
        const char *type;
        bool is_request;
    } cases[] = {
        {"operator.show", true},         {"operator.other", true},
        {"operator.show.result", false}, {"operator.later", false},
        {"target.lookup", false},        {"operators.show", false},
        {"operator.result.first", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct msg m = {.type = cases[i].type, .id = "1"};
        assert_int_equal(operator_is_request(&m), cases[i].is_request);
    }
}

static void request__needs_to_say_who_asks(void **state)
{
    static const struct {
        const char *text, *field;
    } cases[] = {
        {REQUEST "}", "asker"},
        {REQUEST ",\"asker\":\"\"}", "asker"},
        {REQUEST ",\"asker\":\"a\",\"budget_ms\":0}", "budget_ms"},
        {REQUEST ",\"asker\":\"a\",\"budget_ms\":28001}", "budget_ms"},
    };
    struct operator_request request;
    struct proto_err err;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct msg m = open_text(cases[i].text);
        assert_int_equal(operator_request_decode(&request, &m, &err), -1);
        assert_string_equal(err.field, cases[i].field);
        msg_close(&m);
    }
    struct msg m = open_text(REQUEST ",\"asker\":\"a\",\"budget_ms\":28000}");
    assert_int_equal(operator_request_decode(&request, &m, &err), 0);
    assert_string_equal(request.asker, "a");
    assert_int_equal(request.budget_ms, 28000);
    msg_close(&m);
}

static void outcome__is_a_word_of_any_answer(void **state)
{
    static const struct {
        const char *text, *outcome;
    } cases[] = {
        {"{\"v\":1,\"type\":\"operator.later\",\"id\":\"1\",\"why\":\"x\"}",
         "later"},
        {"{\"v\":1,\"type\":\"operator.show.result\",\"id\":\"1\","
         "\"outcome\":\"absent\"}",
         "absent"},
        {"{\"v\":1,\"type\":\"operator.status.result\",\"id\":\"1\"}", "ok"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct msg m = open_text(cases[i].text);
        assert_string_equal(operator_outcome_of(&m), cases[i].outcome);
        msg_close(&m);
    }
}

static void readdress__changes_the_id_and_nothing_else(void **state)
{
    struct msg m = open_text(REQUEST ",\"asker\":\"a\",\"unknown\":[7]}");
    struct proto_err err;
    char *frame = msg_readdress(&m, "k-17.1", &err);

    (void)state;
    assert_string_equal(frame, "{\"v\":1,\"type\":\"operator.show\",\"id\":"
                               "\"k-17.1\",\"asker\":\"a\",\"unknown\":[7]}");
    assert_string_equal(m.id, "1");
    assert_null(msg_readdress(&m, "\xff", &err));
    assert_string_equal(err.field, "id");
    free(frame);
    msg_close(&m);
}

static void copy__outlives_what_it_was_made_of(void **state)
{
    static const char *const texts[] = {
        REQUEST ",\"asker\":\"a\",\"budget_ms\":7}",
        REQUEST ",\"asker\":\"a\",\"budget_ms\":7,\"rows\":[{}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct operator_request request;
        struct proto_err err;
        struct msg m = open_text(texts[i]);
        struct msg copy = msg_copy(&m);
        msg_close(&m);
        assert_string_equal(copy.type, "operator.show");
        assert_string_equal(copy.id, "1");
        assert_int_equal(operator_request_decode(&request, &copy, &err), 0);
        assert_string_equal(request.asker, "a");
        assert_int_equal(request.budget_ms, 7);
        msg_close(&copy);
    }
}

static void import__makes_the_round_trip(void **state)
{
    const struct operator_import sent = {
        .asker = "a",
        .budget_ms = 4800,
        .app = "conversations",
        .device = "ec164939a8485ee6b7f7871071a11c7bb18aead5",
        .channel = "0123456789abcdef0123456789abcdef01234567",
        .domain = "example.org",
        .token = "t0",
        .node = "0123456789+/",
        .secret = "0123456789ABCDEFGHIJKLMN",
        .created_ms = 1,
        .renewed_ms = 2};
    struct operator_import taken;
    struct proto_err err;

    (void)state;
    char *frame = operator_import_encode(&sent, "1", &err);
    assert_non_null(frame);
    struct msg m = open_text(frame);
    free(frame);
    assert_true(msg_is(&m, "operator.import"));
    assert_int_equal(operator_import_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.asker, sent.asker);
    assert_int_equal(taken.budget_ms, sent.budget_ms);
    assert_string_equal(taken.app, sent.app);
    assert_string_equal(taken.device, sent.device);
    assert_string_equal(taken.channel, sent.channel);
    assert_string_equal(taken.domain, sent.domain);
    assert_string_equal(taken.token, sent.token);
    assert_string_equal(taken.node, sent.node);
    assert_string_equal(taken.secret, sent.secret);
    assert_int_equal(taken.created_ms, 1);
    assert_int_equal(taken.renewed_ms, 2);
    msg_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__is_told_from_answers),
        cmocka_unit_test(request__needs_to_say_who_asks),
        cmocka_unit_test(outcome__is_a_word_of_any_answer),
        cmocka_unit_test(copy__outlives_what_it_was_made_of),
        cmocka_unit_test(readdress__changes_the_id_and_nothing_else),
        cmocka_unit_test(import__makes_the_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

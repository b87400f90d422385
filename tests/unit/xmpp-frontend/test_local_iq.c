/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/local_iq.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/stanza_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct settings SETTINGS = {
    .xmpp = {.jid = "p.example.net"},
    .app_count = 1,
    .apps = {{.name = "c", .backend = "fcm", .is_default = true}}};

#define PING "<ping xmlns='urn:xmpp:ping'/>"
#define INFO(node)                                                             \
    "<query xmlns='http://jabber.org/protocol/disco#info'" node "/>"
#define ITEMS(node)                                                            \
    "<query xmlns='http://jabber.org/protocol/disco#items'" node "/>"
#define COMMANDS " node='http://jabber.org/protocol/commands'"
#define PUBLISH(node)                                                          \
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"                       \
    "<publish" node "><item/></publish></pubsub>"
#define COMMAND(attributes, children)                                          \
    "<command xmlns='http://jabber.org/protocol/commands' " attributes         \
    ">" children "</command>"
#define REGISTER "node='register-push-fcm' "
#define FORM                                                                   \
    "<x xmlns='jabber:x:data' type='submit'>"                                  \
    "<field var='token'><value>T</value></field>"                              \
    "<field var='device-id'><value>D</value></field></x>"

/* Answer a stanza. Returns the reply, to be freed, or NULL. */
static char *answer(const char *xml, bool *done, struct request *request)
{
    struct local_answer answer;
    struct stanza_text t;

    assert_int_equal(stanza_text_open(&t, xml), 0);
    *done = local_iq_answer(&t.iq, &SETTINGS, 1, request, &answer);
    assert_true(*done || answer.reply == NULL);
    stanza_text_close(&t);
    return answer.reply;
}

/* The condition of an error's reply, or "result". */
static const char *outcome(const struct element *reply)
{
    static const char *const conditions[] = {
        "bad-request", "feature-not-implemented", "forbidden", "item-not-found",
        "service-unavailable"};

    if (strcmp(element_attribute(reply, "type"), "result") == 0) {
        return "result";
    }
    for (size_t i = 0; i < COUNT(conditions); i++) {
        if (element_child(element_child(reply, "error", NULL), conditions[i],
                          "urn:ietf:params:xml:ns:xmpp-stanzas") != NULL) {
            return conditions[i];
        }
    }
    return "another";
}

static void request__is_answered_once_with_its_id_and_addresses(void **state)
{
    static const struct {
        const char *type, *to, *children, *outcome, *error_type;
    } cases[] = {
        {"get", "p.example.net", PING, "result", NULL},
        {"get", "P.Example.NET", PING, "result", NULL},
        {"get", "p.example.net", INFO(""), "result", NULL},
        {"get", "p.example.net", INFO(" node=''"), "result", NULL},
        {"get", "p.example.net", INFO(COMMANDS), "result", NULL},
        {"get", "p.example.net", INFO(" node='register-push-fcm'"), "result",
         NULL},
        {"get", "p.example.net", INFO(" node='x'"), "item-not-found", "cancel"},
        {"get", "p.example.net", ITEMS(""), "result", NULL},
        {"get", "p.example.net", ITEMS(COMMANDS), "result", NULL},
        {"get", "p.example.net", ITEMS(" node='unregister-push-fcm'"), "result",
         NULL},
        {"get", "p.example.net", ITEMS(" node='x'"), "item-not-found",
         "cancel"},
        {"get", "p.example.net", "", "bad-request", "modify"},
        {"get", "p.example.net", PING PING, "bad-request", "modify"},
        {"set", "p.example.net", PING INFO(""), "bad-request", "modify"},
        {"got", "p.example.net", PING, "bad-request", "modify"},
        {"", "p.example.net", PING, "bad-request", "modify"},
        {"get", "p.example.net", "<query xmlns='jabber:iq:version'/>",
         "service-unavailable", "cancel"},
        {"set", "p.example.net", PING, "feature-not-implemented", "cancel"},
        {"set", "p.example.net", INFO(""), "feature-not-implemented", "cancel"},
        {"get", "p.example.net", PUBLISH(""), "feature-not-implemented",
         "cancel"},
        /* Nobody lives at our domain. */
        {"get", "user@p.example.net", PING, "service-unavailable", "cancel"},
        {"get", "p.example.net/r", INFO(""), "service-unavailable", "cancel"},
        {"set", "user@p.example.net", PUBLISH(" node='n'"),
         "service-unavailable", "cancel"},
        /* Commands and pushes that go no further. */
        {"set", "p.example.net", COMMAND("node='x'", ""), "item-not-found",
         "cancel"},
        {"set", "p.example.net", COMMAND("", ""), "item-not-found", "cancel"},
        {"set", "p.example.net", COMMAND(REGISTER, ""), "result", NULL},
        {"set", "p.example.net", COMMAND(REGISTER "action='cancel'", FORM),
         "result", NULL},
        {"set", "p.example.net", COMMAND(REGISTER "action='prev'", FORM),
         "bad-request", "modify"},
        {"set", "p.example.net", COMMAND(REGISTER "action='complete'", ""),
         "bad-request", "modify"},
        {"set", "p.example.net", PUBLISH(" node='n'"), "forbidden", "auth"},
    };
    char xml[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request;
        struct stanza_text t;
        bool done;
        snprintf(xml, sizeof xml,
                 "<iq id='i%zu' type='%s' from='j@example.org/r' to='%s'>"
                 "%s</iq>",
                 i, cases[i].type, cases[i].to, cases[i].children);
        char *reply = answer(xml, &done, &request);
        assert_true(done);
        assert_non_null(reply);
        assert_int_equal(stanza_text_open(&t, reply), 0);
        assert_string_equal(outcome(t.stanza), cases[i].outcome);
        snprintf(xml, sizeof xml, "i%zu", i);
        assert_string_equal(t.iq.head.id, xml);
        assert_string_equal(t.iq.head.to, "j@example.org/r");
        assert_string_equal(t.iq.head.from, cases[i].to);
        if (cases[i].error_type != NULL) {
            assert_string_equal(
                element_attribute(element_child(t.stanza, "error", NULL),
                                  "type"),
                cases[i].error_type);
        }
        stanza_text_close(&t);
        free(reply);
    }
}

static void answers__are_never_answered(void **state)
{
    static const char *const stanzas[] = {
        "<iq id='1' type='result' from='a' to='p.example.net'/>",
        "<iq id='1' type='result' from='a' to='p.example.net'>" PING "</iq>",
        "<iq id='1' type='error' from='a' to='p.example.net'>" PING
        "<error type='cancel'/></iq>",
        "<iq id='1' type='error' from='a' to='u@p.example.net'/>",
        /* Nobody to send an answer to. */
        "<iq id='1' type='get' to='p.example.net'>" PING "</iq>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(stanzas); i++) {
        struct request request;
        bool done;
        char *reply = answer(stanzas[i], &done, &request);
        assert_true(done);
        assert_null(reply);
    }
}

static void missing_id__is_missing_from_the_answer_too(void **state)
{
    struct request request;
    bool done;
    char *reply =
        answer("<iq type='get' from='a' to='p.example.net'>" PING "</iq>",
               &done, &request);

    (void)state;
    assert_string_equal(reply, "<iq type='result' from='p.example.net' "
                               "to='a'></iq>");
    free(reply);
}

static void others_are_asked__for_registrations_and_pushes(void **state)
{
    static const struct {
        const char *xml;
        enum request_step step;
    } cases[] = {
        {"<iq id='1' type='set' from='j@example.org/r' "
         "to='p.example.net'>" COMMAND(REGISTER "action='complete'",
                                       FORM) "</iq>",
         REQUEST_REGISTER},
        {"<iq id='1' type='set' from='j@example.org/r' "
         "to='p.example.net'>" COMMAND("node='unregister-push-fcm'",
                                       FORM) "</iq>",
         REQUEST_UNREGISTER},
        {"<iq id='1' type='set' from='example.org' to='p.example.net'>" PUBLISH(
             " node='n'") "</iq>",
         REQUEST_PUSH},
        {"<iq id='1' type='set' from='j@example.org' "
         "to='p.example.net'>" PUBLISH(" node='n'") "</iq>",
         REQUEST_PUSH},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request;
        bool done;
        assert_null(answer(cases[i].xml, &done, &request));
        assert_false(done);
        assert_int_equal(request.step, cases[i].step);
        assert_string_equal(request.domain, "example.org");
    }
}

static void refusal__is_told_for_the_log_without_names(void **state)
{
    static const struct {
        const char *xml, *refusal; /* NULL: nothing that needs a line */
    } cases[] = {
        {"<iq type='get' from='a' to='p.example.net'>" PING "</iq>", NULL},
        {"<iq type='get' from='a' to='p.example.net'>" INFO(
             " node='x'") "</iq>",
         NULL},
        {"<iq type='get' from='a' to='p.example.net'/>",
         "An IQ holds exactly one element."},
        {"<iq type='x' from='a' to='p.example.net'/>",
         "type: neither get nor set."},
        {"<iq type='set' from='a/r' to='p.example.net'>" PUBLISH(
             " node='n'") "</iq>",
         "Only servers and bare JIDs may push."},
        {"<iq type='set' from='a' to='p.example.net'>" PUBLISH("") "</iq>",
         "The publish names no node."},
        {"<iq type='set' from='a' to='p.example.net'>" COMMAND(
             REGISTER "action='complete'", "") "</iq>",
         "form: missing."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct local_answer answer;
        struct request request;
        struct stanza_text t;
        assert_int_equal(stanza_text_open(&t, cases[i].xml), 0);
        assert_true(local_iq_answer(&t.iq, &SETTINGS, 1, &request, &answer));
        assert_int_equal(answer.refusal != NULL, cases[i].refusal != NULL);
        if (answer.refusal != NULL) {
            assert_string_equal(answer.refusal, cases[i].refusal);
        }
        free(answer.reply);
        stanza_text_close(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request__is_answered_once_with_its_id_and_addresses),
        cmocka_unit_test(answers__are_never_answered),
        cmocka_unit_test(missing_id__is_missing_from_the_answer_too),
        cmocka_unit_test(others_are_asked__for_registrations_and_pushes),
        cmocka_unit_test(refusal__is_told_for_the_log_without_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/reply.h"

#include "services/xmpp-frontend/namespaces.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/stanza_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct iq_head HEAD = {"a1", "juliet@example.org/x1",
                                    "p.example.net"};

#define SWAPPED "id='a1' from='p.example.net' to='juliet@example.org/x1'"
#define RESULT "<iq type='result' " SWAPPED ">"
#define COMMAND(status)                                                        \
    "<command xmlns='http://jabber.org/protocol/commands' "                    \
    "node='register-push-fcm' sessionid='s1' status='" status "'>"

static void assert_xml(char *xml, const char *expected)
{
    assert_string_equal(xml, expected);
    free(xml);
}

static void result__swaps_the_addresses(void **state)
{
    const struct iq_head bare = {NULL, "a", NULL};

    (void)state;
    assert_xml(reply_result(&HEAD), RESULT "</iq>");
    assert_xml(reply_result(&bare), "<iq type='result' to='a'></iq>");
}

static void error__has_type_condition_text_and_detail(void **state)
{
    (void)state;
    assert_xml(reply_error(&HEAD, ANSWER_TIMEOUT, NULL),
               "<iq type='error' " SWAPPED "><error type='wait'>"
               "<remote-server-timeout "
               "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
               "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' "
               "xml:lang='en'>The push service did not answer in time.</text>"
               "</error></iq>");
    assert_xml(reply_error(&HEAD, ANSWER_NO_NODE, "a <b> & 'c'"),
               "<iq type='error' " SWAPPED "><error type='modify'>"
               "<bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
               "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' "
               "xml:lang='en'>a &lt;b&gt; &amp; &apos;c&apos;</text>"
               "<nodeid-required "
               "xmlns='http://jabber.org/protocol/pubsub#errors'/>"
               "</error></iq>");
}

static void disco_info__tells_what_we_are(void **state)
{
    (void)state;
    assert_xml(reply_disco_info(&HEAD), RESULT
               "<query xmlns='http://jabber.org/protocol/disco#info'>"
               "<identity category='pubsub' type='push' name='Wakebus'/>"
               "<feature var='http://jabber.org/protocol/disco#info'/>"
               "<feature var='http://jabber.org/protocol/disco#items'/>"
               "<feature var='http://jabber.org/protocol/commands'/>"
               "<feature var='jabber:x:data'/><feature var='urn:xmpp:ping'/>"
               "<feature var='urn:xmpp:push:0'/>"
               "<feature var='http://jabber.org/protocol/pubsub#publish'/>"
               "</query></iq>");
}

static void disco_command__tells_list_and_command_apart(void **state)
{
    static const struct {
        const char *node, *type;
    } cases[] = {{NS_COMMANDS, "command-list"},
                 {"register-push-fcm", "command-node"}};
    char expected[600];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(expected, sizeof expected,
                 RESULT "<query xmlns='http://jabber.org/protocol/disco#info' "
                        "node='%s'><identity category='automation' "
                        "type='%s'/>"
                        "<feature var='http://jabber.org/protocol/commands'/>"
                        "<feature var='jabber:x:data'/></query></iq>",
                 cases[i].node, cases[i].type);
        assert_xml(reply_disco_command(&HEAD, cases[i].node), expected);
    }
}

static void disco_items__are_none_or_the_commands(void **state)
{
    static const char *const none[] = {NULL};
    static const char *const two[] = {"register-push-fcm",
                                      "unregister-push-fcm", NULL};

    (void)state;
    assert_xml(reply_disco_items_none(&HEAD, NULL),
               RESULT "<query xmlns='http://jabber.org/protocol/disco#items'/>"
                      "</iq>");
    assert_xml(reply_disco_items_none(&HEAD, "n&"),
               RESULT "<query xmlns='http://jabber.org/protocol/disco#items' "
                      "node='n&amp;'/></iq>");
    assert_xml(reply_disco_commands(&HEAD, none),
               RESULT "<query xmlns='http://jabber.org/protocol/disco#items' "
                      "node='http://jabber.org/protocol/commands'></query>"
                      "</iq>");
    assert_xml(reply_disco_commands(&HEAD, two),
               RESULT "<query xmlns='http://jabber.org/protocol/disco#items' "
                      "node='http://jabber.org/protocol/commands'>"
                      "<item jid='p.example.net' node='register-push-fcm' "
                      "name='register-push-fcm'/>"
                      "<item jid='p.example.net' node='unregister-push-fcm' "
                      "name='unregister-push-fcm'/></query></iq>");
}

static void command_form__asks_for_what_is_needed(void **state)
{
    static const char rest[] =
        "<field var='device-id' type='text-single' label='Device id'>"
        "<required/></field>"
        "<field var='muc' type='jid-single' label='Group chat'/></x></command>"
        "</iq>";
    static const char head[] = RESULT COMMAND(
        "executing") "<actions execute='complete'><complete/></actions>"
                     "<x xmlns='jabber:x:data' type='form'>";
    char expected[1024];

    (void)state;
    snprintf(expected, sizeof expected, "%s%s%s", head,
             "<field var='token' type='text-single' label='Device token'>"
             "<required/></field>",
             rest);
    assert_xml(reply_command_form(&HEAD, "register-push-fcm", "s1", true),
               expected);
    snprintf(expected, sizeof expected, "%s%s", head, rest);
    assert_xml(reply_command_form(&HEAD, "register-push-fcm", "s1", false),
               expected);
}

static void command_done__has_a_status(void **state)
{
    (void)state;
    assert_xml(reply_command_done(&HEAD, "register-push-fcm", "s1", "canceled"),
               RESULT COMMAND("canceled") "</command></iq>");
}

/* Conversations of 2023 reads jid, node and secret; that of 2026 insists on
 * the status, and on one command and one form. */
static void registered__is_what_clients_read(void **state)
{
    (void)state;
    assert_xml(reply_registered(&HEAD, "register-push-fcm", "s1", "N/1", "S+="),
               RESULT COMMAND(
                   "completed") "<x xmlns='jabber:x:data' type='form'>"
                                "<field var='jid' "
                                "type='jid-single'><value>p.example.net</value>"
                                "</field>"
                                "<field var='node' "
                                "type='text-single'><value>N/1</value></field>"
                                "<field var='secret' "
                                "type='text-single'><value>S+=</value></field>"
                                "</x></command></iq>");
}

static void self_ping__goes_from_us_to_us(void **state)
{
    (void)state;
    assert_xml(reply_self_ping("p.example.net", "ping-1"),
               "<iq type='get' id='ping-1' from='p.example.net' "
               "to='p.example.net'><ping xmlns='urn:xmpp:ping'/></iq>");
}

/* Whatever stands in a request, its answer is well-formed and says the same
 * again. The parser would turn a raw line break of an attribute into a space,
 * and a server would then not know the id. */
static void hostile_values__come_back_unchanged(void **state)
{
    static const char *const values[] = {"'/><iq type='set'/><x a='",
                                         "\"&<>'",
                                         "&amp;",
                                         "]]>",
                                         "<!--",
                                         "a\nb\tc\rd",
                                         "%s%n",
                                         "\xf0\x9f\x98\x80"};

    (void)state;
    for (size_t i = 0; i < COUNT(values); i++) {
        const char *v = values[i];
        const struct iq_head head = {v, v, v};
        const char *const names[] = {v, NULL};
        char *replies[] = {
            reply_result(&head),
            reply_error(&head, ANSWER_GONE, v),
            reply_disco_info(&head),
            reply_disco_command(&head, v),
            reply_disco_items_none(&head, v),
            reply_disco_commands(&head, names),
            reply_command_form(&head, v, v, true),
            reply_command_done(&head, v, v, "canceled"),
            reply_registered(&head, v, v, v, v),
            reply_self_ping(v, v),
        };
        for (size_t r = 0; r < COUNT(replies); r++) {
            struct stanza_text t;
            assert_int_equal(stanza_text_open(&t, replies[r]), 0);
            assert_string_equal(t.iq.head.id, v);
            assert_string_equal(t.iq.head.from, v);
            assert_string_equal(t.iq.head.to, v);
            stanza_text_close(&t);
            free(replies[r]);
        }
    }
}

static void hostile_texts__come_back_unchanged(void **state)
{
    static const char hostile[] = "</value>&lt;\r\n'\"]]>";
    struct stanza_text t;

    (void)state;
    char *xml = reply_registered(&HEAD, hostile, hostile, hostile, hostile);
    assert_int_equal(stanza_text_open(&t, xml), 0);
    const struct element *command =
        element_child(t.stanza, "command", NS_COMMANDS);
    assert_string_equal(element_attribute(command, "node"), hostile);
    assert_string_equal(element_attribute(command, "sessionid"), hostile);
    const struct element *field =
        element_child(element_child(command, "x", NS_DATA), "field", NULL)
            ->next;
    assert_string_equal(element_attribute(field, "var"), "node");
    assert_string_equal(element_text(element_child(field, "value", NULL)),
                        hostile);
    stanza_text_close(&t);
    free(xml);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(result__swaps_the_addresses),
        cmocka_unit_test(error__has_type_condition_text_and_detail),
        cmocka_unit_test(disco_info__tells_what_we_are),
        cmocka_unit_test(disco_command__tells_list_and_command_apart),
        cmocka_unit_test(disco_items__are_none_or_the_commands),
        cmocka_unit_test(command_form__asks_for_what_is_needed),
        cmocka_unit_test(command_done__has_a_status),
        cmocka_unit_test(registered__is_what_clients_read),
        cmocka_unit_test(self_ping__goes_from_us_to_us),
        cmocka_unit_test(hostile_values__come_back_unchanged),
        cmocka_unit_test(hostile_texts__come_back_unchanged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

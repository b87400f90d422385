/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/stanza.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/stanza_text.h"
#include <stdio.h>
#include <string.h>

#define PUBSUB "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
#define PUSH "xmlns='urn:xmpp:push:0'"
#define FORM "<x xmlns='jabber:x:data' type='submit'>"
#define SUMMARY                                                                \
    "<field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>"
#define OPTIONS                                                                \
    "<publish-options>" FORM "<field var='FORM_TYPE' type='hidden'><value>"    \
    "http://jabber.org/protocol/pubsub#publish-options</value></field>"        \
    "<field var='secret'><value>S1</value></field></x></publish-options>"

static struct stanza_text opened(const char *xml)
{
    struct stanza_text t;

    assert_int_equal(stanza_text_open(&t, xml), 0);
    return t;
}

/* ---- how servers push ---- */

static const struct {
    const char *server, *xml;
    bool urgent;
    const char *secret;
} PUSHES[] = {
    {"Prosody 0.12, a message with a body",
     "<iq id='a6' from='example.org' type='set' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<x type='form' xmlns='jabber:x:data'>"
     "<field type='hidden' var='FORM_TYPE'><value>urn:xmpp:push:summary"
     "</value></field>"
     "<field type='text-single' var='message-count'><value>1</value></field>"
     "<field type='text-single' var='pending-subscription-count'/>"
     "<field type='jid-single' var='last-message-sender'/>"
     "<field type='text-single' var='last-message-body'>"
     "<value>New Message!</value></field>"
     "</x></notification></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"Prosody 0.12, nothing to read: the body is there and empty",
     "<iq id='a6' from='example.org' type='set' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<x type='form' xmlns='jabber:x:data'>" SUMMARY
     "<field type='jid-single' var='last-message-sender'/>"
     "<field type='text-single' var='last-message-body'/>"
     "<field type='text-single' var='message-count'><value>1</value></field>"
     "</x></notification></item></publish>" OPTIONS "</pubsub></iq>",
     false, "S1"},
    {"mod_cloud_notify of Debian 11: the form stands beside the notification",
     "<iq id='a6' from='example.org' type='set' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH "/>"
     "<x type='form' xmlns='jabber:x:data'>" SUMMARY
     "<field var='last-message-body'><value>New Message!</value></field>"
     "</x></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"mod_cloud_notify_encrypted and _priority_tag, as Snikket has them",
     "<iq id='a6' from='example.org' type='set' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<encrypted iv='aXY=' xmlns='tigase:push:encrypt:0'>Q0JD</encrypted>"
     "<priority xmlns='tigase:push:priority:0'>high</priority>"
     "</notification></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"a client that gave Prosody no publish-options",
     "<iq id='a6' from='example.org' type='set' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH "><x type='form' "
     "xmlns='jabber:x:data'>" SUMMARY "</x></notification></item></publish>"
     "</pubsub></iq>",
     false, NULL},
    {"ejabberd, with its static body",
     "<iq xml:lang='en' to='p.example.net' from='example.org' type='set' "
     "id='rr-1700-8-Zm9v=+-2'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">" FORM SUMMARY
     "<field var='last-message-body'><value>New message</value></field>"
     "</x></notification></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"ejabberd, without a form",
     "<iq to='p.example.net' from='example.org' type='set' id='rr-1'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH
     "/></item></publish>" OPTIONS "</pubsub></iq>",
     false, "S1"},
    {"MongooseIM, with the real body",
     "<iq type='set' id='m1' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">" FORM SUMMARY
     "<field var='message-count'><value>3</value></field>"
     "<field var='last-message-sender'><value>romeo@example.org</value>"
     "</field><field var='last-message-body'><value>What&apos;s &lt;up&gt;?"
     "</value></field></x></notification></item></publish>" OPTIONS
     "</pubsub></iq>",
     true, "S1"},
    {"Tigase: its form has no type",
     "<iq type='set' id='t1' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<x xmlns='jabber:x:data'>" SUMMARY
     "<field var='message-count'><value>2</value></field>"
     "<field var='last-message-sender'><value>romeo@example.org</value>"
     "</field></x><groupchat xmlns='http://tigase.org/protocol/muc#offline'>"
     "<nickname>r</nickname></groupchat></notification></item></publish>"
     "</pubsub></iq>",
     true, NULL},
    {"Tigase, when messages were fetched: a count of none",
     "<iq type='set' id='t1' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<x xmlns='jabber:x:data'>" SUMMARY
     "<field var='message-count'><value>0</value></field>"
     "</x></notification></item></publish></pubsub></iq>",
     false, NULL},
    {"Metronome: a sender and never a body",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">" FORM SUMMARY
     "<field var='message-count'><value>1</value></field>"
     "<field var='last-message-sender'><value>a@b</value></field>"
     "</x></notification></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"Openfire: an empty sender and a fixed body",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item><notification " PUSH ">"
     "<x xmlns='jabber:x:data' type='form'>" SUMMARY
     "<field var='message-count'><value>1</value></field>"
     "<field var='last-message-sender'><value/></field>"
     "<field var='last-message-body'><value>New Message</value></field>"
     "</x></notification></item></publish>" OPTIONS "</pubsub></iq>",
     true, "S1"},
    {"prefixes where others have defaults",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>"
     "<p:pubsub xmlns:p='http://jabber.org/protocol/pubsub' "
     "xmlns:n='urn:xmpp:push:0' xmlns:d='jabber:x:data'>"
     "<p:publish node='N1'><p:item><n:notification><d:x type='form'>"
     "<d:field var='last-message-body'><d:value>b</d:value></d:field>"
     "</d:x></n:notification></p:item></p:publish><p:publish-options>"
     "<d:x type='submit'><d:field var='secret'><d:value>S1</d:value>"
     "</d:field></d:x></p:publish-options></p:pubsub></iq>",
     true, "S1"},
    {"options before the publish, blanks between all",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>\n " PUBSUB
     "\n " OPTIONS "\n <publish node='N1'>\n <item>\n "
     "<notification " PUSH ">\n " FORM "\n <field var='last-message-body'>"
     "\n <value>b</value>\n </field>\n </x>\n </notification>\n </item>\n "
     "</publish>\n </pubsub>\n</iq>",
     true, "S1"},
    {"no item at all",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'/>" OPTIONS "</pubsub></iq>",
     false, "S1"},
    {"an item without a notification",
     "<iq type='set' id='x' from='example.org' to='p.example.net'>" PUBSUB
     "<publish node='N1'><item id='1'/></publish></pubsub></iq>",
     false, NULL},
};

static void publish__is_read_from_every_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(PUSHES); i++) {
        struct stanza_text t = opened(PUSHES[i].xml);
        const char *secret = form_value(&t.iq.form, "secret");
        print_message("%s\n", PUSHES[i].server);
        assert_int_equal(t.iq.type, IQ_SET);
        assert_int_equal(t.iq.payload, PAYLOAD_PUBLISH);
        assert_string_equal(t.iq.head.from, "example.org");
        assert_string_equal(t.iq.head.to, "p.example.net");
        assert_string_equal(t.iq.node, "N1");
        assert_int_equal(t.iq.is_urgent, PUSHES[i].urgent);
        assert_int_equal(secret != NULL, PUSHES[i].secret != NULL);
        if (secret != NULL) {
            assert_string_equal(secret, PUSHES[i].secret);
        }
        stanza_text_close(&t);
    }
}

#define PRIORITY(word)                                                         \
    "<priority xmlns='tigase:push:priority:0'>" word "</priority>"
#define ENCRYPTED "<encrypted xmlns='tigase:push:encrypt:0'>Q0JD</encrypted>"
#define WITH(var, value)                                                       \
    FORM "<field var='" var "'><value>" value "</value></field></x>"

static void assert_same(const char *a, const char *b)
{
    assert_int_equal(a == NULL, b == NULL);
    if (a != NULL) {
        assert_string_equal(a, b);
    }
}

static void urgency__is_told_in_this_order(void **state)
{
    static const struct {
        const char *inside, *beside; /* the notification */
        bool urgent;
    } cases[] = {
        {PRIORITY("high"), "", true},
        {PRIORITY("low"), "", false},
        {PRIORITY("low") ENCRYPTED, "", false},
        {PRIORITY("low") WITH("last-message-body", "b"), "", false},
        {PRIORITY("high") WITH("last-message-body", ""), "", true},
        {PRIORITY("normal") ENCRYPTED, "", true},
        {PRIORITY("") ENCRYPTED, "", true},
        {PRIORITY("normal"), "", false},
        {"<priority xmlns='other'>high</priority>", "", false},
        {ENCRYPTED, "", true},
        {ENCRYPTED WITH("message-count", "1"), "", true},
        {WITH("last-message-body", "b"), "", true},
        {WITH("last-message-sender", "a@b"), "", true},
        {WITH("last-message-body", " \n\t"), "", false},
        {WITH("message-count", "9"), "", false},
        {"", WITH("last-message-body", "b"), true},
        {"", PRIORITY("high"), true},
        {"", ENCRYPTED, true},
        {PRIORITY("low"), WITH("last-message-body", "b"), false},
        {"", "", false},
    };
    char xml[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(xml, sizeof xml,
                 "<iq type='set'>" PUBSUB "<publish node='n'><item>"
                 "<notification " PUSH ">%s</notification>%s</item></publish>"
                 "</pubsub></iq>",
                 cases[i].inside, cases[i].beside);
        struct stanza_text t = opened(xml);
        assert_int_equal(t.iq.is_urgent, cases[i].urgent);
        stanza_text_close(&t);
    }
}

static void encrypted_content__is_as_the_server_has_it(void **state)
{
    static const struct {
        const char *inside, *beside; /* the notification */
        const char *encrypted, *iv;
    } cases[] = {
        {"<encrypted xmlns='tigase:push:encrypt:0' iv='aXY='>Q0JD</encrypted>",
         "", "Q0JD", "aXY="},
        {"<encrypted type='voip' iv='aXY=' xmlns='tigase:push:encrypt:0'>\n"
         "Q0JD </encrypted>" PRIORITY("low"),
         "", "\nQ0JD ", "aXY="},
        {"", "<encrypted xmlns='tigase:push:encrypt:0' iv='i'>Q0JD</encrypted>",
         "Q0JD", "i"},
        {ENCRYPTED, "", "Q0JD", NULL},
        {"<encrypted xmlns='tigase:push:encrypt:0' iv='i'/>", "", NULL, "i"},
        /* What others have encrypted is not for the app to be given. */
        {"<encrypted xmlns='eu.siacs.conversations.axolotl' iv='i'>Q0JD"
         "</encrypted>",
         "", NULL, NULL},
        {"<encrypted iv='i'>Q0JD</encrypted>", "", NULL, NULL},
        {WITH("last-message-body", "b"), "", NULL, NULL},
        {"", "", NULL, NULL},
    };
    char xml[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(xml, sizeof xml,
                 "<iq type='set'>" PUBSUB "<publish node='n'><item>"
                 "<notification " PUSH ">%s</notification>%s</item></publish>"
                 "</pubsub></iq>",
                 cases[i].inside, cases[i].beside);
        struct stanza_text t = opened(xml);
        assert_same(t.iq.encrypted, cases[i].encrypted);
        assert_same(t.iq.iv, cases[i].iv);
        stanza_text_close(&t);
    }
}

/* ---- forms ---- */

static void form__gives_the_first_value_that_is_not_blank(void **state)
{
    struct stanza_text t = opened(
        "<iq type='set'><command xmlns='http://jabber.org/protocol/commands' "
        "node='c' action='complete'>" FORM
        "<field var='a'><value>1</value><value>2</value></field>"
        "<field var='a'><value>3</value></field>"
        "<field var='blank'><value> </value></field>"
        "<field var='blank'><value>4</value></field>"
        "<field><value>5</value></field><field var='none'/>"
        "<reported/><field var='e'><value>&amp;&#x20AC;<![CDATA[<x]]></value>"
        "</field></x></command></iq>");

    (void)state;
    assert_true(t.iq.form.present);
    assert_false(t.iq.form.canceled);
    assert_int_equal(t.iq.form.count, 4);
    assert_string_equal(form_value(&t.iq.form, "a"), "1");
    assert_string_equal(form_value(&t.iq.form, "blank"), "4");
    assert_string_equal(form_value(&t.iq.form, "e"), "&\xe2\x82\xac<x");
    assert_null(form_value(&t.iq.form, "none"));
    assert_null(form_value(&t.iq.form, "A"));
    stanza_text_close(&t);
}

static void form__has_at_most_32_fields(void **state)
{
    char xml[4096];
    size_t used = (size_t)snprintf(
        xml, sizeof xml,
        "<iq type='set'><command xmlns='http://jabber.org/protocol/commands' "
        "node='c'>" FORM);

    (void)state;
    for (int i = 0; i < FORM_FIELDS_MAX + 8; i++) {
        used += (size_t)snprintf(xml + used, sizeof xml - used,
                                 "<field var='f%d'><value>%d</value></field>",
                                 i, i);
    }
    snprintf(xml + used, sizeof xml - used, "</x></command></iq>");
    struct stanza_text t = opened(xml);
    assert_int_equal(t.iq.form.count, FORM_FIELDS_MAX);
    assert_string_equal(form_value(&t.iq.form, "f31"), "31");
    assert_null(form_value(&t.iq.form, "f32"));
    stanza_text_close(&t);
}

static void form__that_is_canceled_says_so(void **state)
{
    struct stanza_text t = opened(
        "<iq type='set'><command xmlns='http://jabber.org/protocol/commands' "
        "node='c'><x xmlns='jabber:x:data' type='cancel'/></command></iq>");

    (void)state;
    assert_true(t.iq.form.present);
    assert_true(t.iq.form.canceled);
    stanza_text_close(&t);
}

/* ---- all kinds ---- */

#define COMMANDS "xmlns='http://jabber.org/protocol/commands'"
#define INFO "xmlns='http://jabber.org/protocol/disco#info'"
#define ITEMS "xmlns='http://jabber.org/protocol/disco#items'"
#define PING "xmlns='urn:xmpp:ping'"

static void payload__is_what_the_only_child_is(void **state)
{
    static const struct {
        const char *type, *children;
        enum iq_payload payload;
    } cases[] = {
        {"get", "", PAYLOAD_NOT_ONE},
        {"get", "text", PAYLOAD_NOT_ONE},
        {"get", "<ping " PING "/><ping " PING "/>", PAYLOAD_NOT_ONE},
        {"get", " <ping " PING "/> ", PAYLOAD_PING},
        {"set", "<ping " PING "/>", PAYLOAD_UNSUPPORTED},
        {"get", "<pong " PING "/>", PAYLOAD_UNSUPPORTED},
        {"get", "<ping/>", PAYLOAD_UNKNOWN},
        {"get", "<query xmlns='jabber:iq:version'/>", PAYLOAD_UNKNOWN},
        {"get", "<query " INFO "/>", PAYLOAD_DISCO_INFO},
        {"set", "<query " INFO "/>", PAYLOAD_UNSUPPORTED},
        {"get", "<quiz " INFO "/>", PAYLOAD_UNSUPPORTED},
        {"get", "<query " ITEMS "/>", PAYLOAD_DISCO_ITEMS},
        {"set", "<query " ITEMS "/>", PAYLOAD_UNSUPPORTED},
        {"set", "<command " COMMANDS "/>", PAYLOAD_COMMAND},
        {"get", "<command " COMMANDS "/>", PAYLOAD_UNSUPPORTED},
        {"set", "<commando " COMMANDS "/>", PAYLOAD_UNSUPPORTED},
        {"set", PUBSUB "</pubsub>", PAYLOAD_PUBLISH},
        {"set", PUBSUB "<subscribe/></pubsub>", PAYLOAD_PUBLISH},
        {"get", PUBSUB "</pubsub>", PAYLOAD_UNSUPPORTED},
        {"set", "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'/>",
         PAYLOAD_UNKNOWN},
        {"set", "<other xmlns='http://jabber.org/protocol/pubsub'/>",
         PAYLOAD_UNSUPPORTED},
    };
    char xml[512];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(xml, sizeof xml, "<iq type='%s' id='1'>%s</iq>", cases[i].type,
                 cases[i].children);
        struct stanza_text t = opened(xml);
        assert_int_equal(t.iq.payload, cases[i].payload);
        stanza_text_close(&t);
    }
}

static void type__is_one_of_four_or_bad(void **state)
{
    static const struct {
        const char *attribute;
        enum iq_type type;
    } cases[] = {
        {"type='get'", IQ_GET},
        {"type='set'", IQ_SET},
        {"type='result'", IQ_RESULT},
        {"type='error'", IQ_ERROR},
        {"type='Get'", IQ_TYPE_BAD},
        {"type=''", IQ_TYPE_BAD},
        {"", IQ_TYPE_BAD},
    };
    char xml[200];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(xml, sizeof xml, "<iq %s><ping " PING "/></iq>",
                 cases[i].attribute);
        struct stanza_text t = opened(xml);
        assert_int_equal(t.iq.type, cases[i].type);
        assert_null(t.iq.head.id);
        assert_null(t.iq.head.from);
        assert_null(t.iq.head.to);
        stanza_text_close(&t);
    }
}

static void head__is_unescaped_and_in_any_order(void **state)
{
    struct stanza_text t = opened(
        "<iq to=\"p.example.net\" xmlns='jabber:component:accept' id='a&amp;"
        "&apos;&#62;' type='get' from='j\xc3\xbc@example.org/&quot;r&quot;'>"
        "<query " INFO " node='n&lt;'/></iq>");

    (void)state;
    assert_string_equal(t.iq.head.id, "a&'>");
    assert_string_equal(t.iq.head.from, "j\xc3\xbc@example.org/\"r\"");
    assert_string_equal(t.iq.head.to, "p.example.net");
    assert_string_equal(t.iq.node, "n<");
    stanza_text_close(&t);
}

static void command__has_node_action_and_form(void **state)
{
    struct stanza_text t =
        opened("<iq type='set'><command " COMMANDS " node='register-push-fcm' "
               "action='complete'>" FORM "<field var='token'><value>T</value>"
               "</field></x></command></iq>");
    struct stanza_text bare =
        opened("<iq type='set'><command " COMMANDS "/></iq>");

    (void)state;
    assert_string_equal(t.iq.node, "register-push-fcm");
    assert_string_equal(t.iq.action, "complete");
    assert_string_equal(form_value(&t.iq.form, "token"), "T");
    assert_null(bare.iq.node);
    assert_null(bare.iq.action);
    assert_false(bare.iq.form.present);
    stanza_text_close(&t);
    stanza_text_close(&bare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish__is_read_from_every_server),
        cmocka_unit_test(urgency__is_told_in_this_order),
        cmocka_unit_test(encrypted_content__is_as_the_server_has_it),
        cmocka_unit_test(form__gives_the_first_value_that_is_not_blank),
        cmocka_unit_test(form__has_at_most_32_fields),
        cmocka_unit_test(form__that_is_canceled_says_so),
        cmocka_unit_test(payload__is_what_the_only_child_is),
        cmocka_unit_test(type__is_one_of_four_or_bad),
        cmocka_unit_test(head__is_unescaped_and_in_any_order),
        cmocka_unit_test(command__has_node_action_and_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

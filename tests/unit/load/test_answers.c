/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/answers.h"
#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <string.h>

static const char STREAM[] =
    "<?xml version='1.0'?><stream:stream to='push.example.test'"
    " xmlns='jabber:component:accept'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
    "<handshake>0123abc</handshake>"
    "<iq type='result' id='7' from='push.example.test' to='example.test'></iq> "
    "<iq type='error' id='8' to='a'><error type='wait'><internal-server-error"
    " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text"
    " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>no field</text>"
    "<other/></error></iq>"
    "<message id='0'><body>nothing</body></message>"
    "<iq type='result' id='9' to='u@x/r'><command status='completed'"
    " xmlns='http://jabber.org/protocol/commands' sessionid='s'>"
    "<x xmlns='jabber:x:data' type='form'>"
    "<field var='jid' type='jid-single'><value>push</value></field>"
    "<field var='node'><value>AAAA+/==</value></field>"
    "<field var='secret'><value>se&amp;cret</value></field></x>"
    "</command></iq><iq type='result' id='10'/>";

static const char HEARD[] =
    "open;handshake 0123abc;"
    "7 result to=example.test error=/ node= secret=;"
    "8 error to=a error=wait/internal-server-error node= secret=;"
    "9 result to=u@x/r error=/ node=AAAA+/== secret=se&cret;"
    "10 result to= error=/ node= secret=;";

struct heard {
    char text[1024];
};

static void hear(struct heard *heard, const char *text)
{
    size_t size = strlen(heard->text);

    snprintf(heard->text + size, sizeof heard->text - size, "%s;", text);
}

static void on_open(void *arg)
{
    hear(arg, "open");
}

static void on_handshake(void *arg, const char *digest)
{
    char text[128];

    snprintf(text, sizeof text, "handshake %s", digest);
    hear(arg, text);
}

static void on_answer(void *arg, const struct answer *a)
{
    char text[512];

    snprintf(text, sizeof text, "%s %s to=%s error=%s/%s node=%s secret=%s",
             a->id, a->type, a->to, a->error_type, a->condition, a->node,
             a->secret);
    hear(arg, text);
}

/* In pieces of that many bytes. Returns what answers_feed said of the last. */
static int feed(struct heard *heard, const char *text, size_t piece)
{
    const struct answers_events events = {on_open, on_handshake, on_answer,
                                          heard};
    answers_t *answers = answers_new(&events);
    size_t size = strlen(text);
    int status = 0;

    *heard = (struct heard){0};
    for (size_t at = 0; at < size && status == 0; at += piece) {
        status = answers_feed(answers, text + at,
                              piece < size - at ? piece : size - at);
    }
    answers_destroy(&answers);
    assert_null(answers);
    return status;
}

static void a_stream__is_heard_however_it_is_cut(void **state)
{
    static const size_t PIECES[] = {1, 2, 3, 7, 64, 333, 100000};
    struct heard heard;

    (void)state;
    for (size_t i = 0; i < sizeof PIECES / sizeof *PIECES; i++) {
        assert_int_equal(feed(&heard, STREAM, PIECES[i]), 0);
        assert_string_equal(heard.text, HEARD);
    }
}

static void the_end_of_a_stream__is_an_end(void **state)
{
    struct heard heard;

    (void)state;
    assert_int_equal(feed(&heard, "<s></s>", 100), -1);
    assert_int_equal(feed(&heard, "<s><iq></s>", 100), -1);
}

static void a_text_too_long__stays_short(void **state)
{
    struct heard heard;
    char stream[2048];

    (void)state;
    snprintf(stream, sizeof stream, "<s><handshake>%01000d</handshake>", 0);
    assert_int_equal(feed(&heard, stream, 100), 0);
    assert_true(strlen(heard.text) < 128);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream__is_heard_however_it_is_cut),
        cmocka_unit_test(the_end_of_a_stream__is_an_end),
        cmocka_unit_test(a_text_too_long__stays_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/skim.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/stanza_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUBSUB "<pubsub xmlns='http://jabber.org/protocol/pubsub'>"
#define BODY PUBSUB "<publish node='N'/></pubsub>"
#define IQ "<iq type='set' id='1' from='example.org' to='p.example.net'>"

/* From memory of just its size, so that nobody reads beyond it. */
static bool skimmed(const char *xml, struct skimmed *out)
{
    size_t size = strlen(xml);
    char *bytes = malloc(size > 0 ? size : 1);

    assert_non_null(bytes);
    memcpy(bytes, xml, size);
    bool is_push = skim_push(bytes, size, out);
    free(bytes);
    return is_push;
}

static void push__is_skimmed_as_it_is_read(void **state)
{
    static const char *const cases[] = {
        IQ BODY "</iq>",
        "<iq to=\"p.example.net\" from=\"example.org\" id='a b>\"+/=c' "
        "xml:lang='en' type=\"set\" >" BODY "</iq>",
        "<iq\n type='set'\tid=''  from='a@example.org/r' "
        "xmlns='jabber:component:accept' to='P.EXAMPLE.net'>" BODY "</iq>",
        /* What begins with the same letters is not the same. */
        IQ PUBSUB "<publish node='>'><iqx></iqx></publish></pubsub></iq>",
        IQ "<pubsub a='b' xmlns=\"http://jabber.org/protocol/pubsub\" >"
           "<item>&lt;iq&gt; \xc3\xa9</item></pubsub> </iq>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct skimmed push;
        struct stanza_text read;
        assert_true(skimmed(cases[i], &push));
        assert_int_equal(push.size, strlen(cases[i]));
        assert_int_equal(stanza_text_open(&read, cases[i]), 0);
        assert_int_equal(read.iq.type, IQ_SET);
        assert_int_equal(read.iq.payload, PAYLOAD_PUBLISH);
        assert_string_equal(push.head.id, read.iq.head.id);
        assert_string_equal(push.head.from, read.iq.head.from);
        assert_string_equal(push.head.to, read.iq.head.to);
        stanza_text_close(&read);
    }
}

static void push__ends_where_the_next_begins(void **state)
{
    static const char first[] = IQ BODY "</iq>";
    struct skimmed push;

    (void)state;
    assert_true(skimmed(IQ BODY "</iq>" IQ BODY "</iq>", &push));
    assert_int_equal(push.size, sizeof first - 1);
    assert_true(skimmed(IQ BODY "</iq><", &push));
    assert_int_equal(push.size, sizeof first - 1);
}

static void push__that_is_not_whole_is_none(void **state)
{
    static const char whole[] = IQ BODY "</iq>";
    struct skimmed push;
    char part[sizeof whole] = "";

    (void)state;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        assert_false(skimmed(part, &push));
        part[size] = whole[size];
    }
    assert_true(skimmed(part, &push));
}

/* Each has to be read. */
static void all_else__is_not_skimmed(void **state)
{
    static const char *const cases[] = {
        "",
        " " IQ BODY "</iq>",
        "<iq/>",
        "<iqx type='set' id='1' from='a' to='b'>" BODY "</iqx>",
        "<message type='set' id='1' from='a' to='b'>" BODY "</message>",
        "</stream:stream>",
        /* no push */
        "<iq type='get' id='1' from='a' to='b'>" BODY "</iq>",
        "<iq type='result' id='1' from='a' to='b'>" BODY "</iq>",
        "<iq type='error' id='1' from='a' to='b'>" BODY "</iq>",
        IQ "<ping xmlns='urn:xmpp:ping'/></iq>",
        IQ "<command xmlns='http://jabber.org/protocol/commands'/></iq>",
        IQ "<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'></pubsub>"
           "</iq>",
        IQ "<pubsub></pubsub></iq>",
        IQ "<pubsubs xmlns='http://jabber.org/protocol/pubsub'></pubsubs></iq>",
        IQ "<pubsub xmlns='http://jabber.org/protocol/pubsub'/></iq>",
        /* an address is missing, or is there twice */
        "<iq type='set' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='1' to='b'>" BODY "</iq>",
        "<iq type='set' id='1' from='a'>" BODY "</iq>",
        "<iq id='1' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='1' id='2' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' type='set' id='1' from='a' to='b'>" BODY "</iq>",
        /* it stands for something else */
        "<iq type='set' id='&amp;' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='a\tb' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='1' from='\xc3\xa9' to='b'>" BODY "</iq>",
        /* no tags, whatever they look like, or no end */
        IQ PUBSUB "<!-- </iq> --></pubsub></iq>",
        IQ PUBSUB "<![CDATA[</iq>]]></pubsub></iq>",
        IQ PUBSUB "<?a </iq> ?></pubsub></iq>",
        IQ PUBSUB "<iq></iq></pubsub></iq>",
        IQ PUBSUB "<iq/></pubsub></iq>",
        IQ PUBSUB "<iq a='b'></iq></pubsub></iq>",
        IQ PUBSUB "<iq.a></iq.a></pubsub></iq>",
        IQ PUBSUB "<publish node='N'/></pubsub></iq >",
        /* not well-formed */
        "<iq type='set'id='1' from='a' to='b'>" BODY "</iq>",
        "<iq type=set id='1' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='1\" from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='<' from='a' to='b'>" BODY "</iq>",
        "<iq type='set' id='1' from='a' to='b'/>" BODY "</iq>",
        "<iq type='set' id='1' from='a' to='b' =''>" BODY "</iq>",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct skimmed push;
        assert_false(skimmed(cases[i], &push));
    }
}

static void push__with_addresses_too_long_is_read(void **state)
{
    (void)state;
    for (size_t size = SKIM_TEXT - 20; size < SKIM_TEXT + 20; size++) {
        struct skimmed push;
        char id[SKIM_TEXT + 20];
        char xml[2 * SKIM_TEXT];
        memset(id, 'x', size);
        id[size] = '\0';
        snprintf(xml, sizeof xml,
                 "<iq type='set' from='a' to='b' id='%s'>" BODY "</iq>", id);
        /* with "set", "a", "b" and four NULs */
        assert_int_equal(skimmed(xml, &push), size <= SKIM_TEXT - 9);
    }
}

static void next__is_where_a_push_might_begin(void **state)
{
    static const struct {
        const char *bytes;
        size_t next;
    } cases[] = {
        {"", 0},         {"<", 1},       {"<iq", 3},         {"<iq></iq>", 9},
        {"<iq/><iq", 5}, {"x <iq/>", 2}, {"<message/>", 10}, {"<iq/> <i", 8}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(skim_to_next(cases[i].bytes, strlen(cases[i].bytes)),
                         cases[i].next);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push__is_skimmed_as_it_is_read),
        cmocka_unit_test(push__ends_where_the_next_begins),
        cmocka_unit_test(push__that_is_not_whole_is_none),
        cmocka_unit_test(all_else__is_not_skimmed),
        cmocka_unit_test(push__with_addresses_too_long_is_read),
        cmocka_unit_test(next__is_where_a_push_might_begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/guard.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/stanza_text.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER STREAM_HEADER

/* What came out, over several calls. */
struct output {
    char *text;    /* for libstrophe */
    char *stanzas; /* their names and ids, and the text in them */
    unsigned dropped;
    const char *why;
    bool is_broken;
};

static char *join(char *to, const char *what, size_t size)
{
    size_t before = to != NULL ? strlen(to) : 0;

    to = realloc(to, before + size + 1);
    assert_non_null(to);
    memcpy(to + before, what, size);
    to[before + size] = '\0';
    return to;
}

static void note(struct output *output, const char *what)
{
    output->stanzas = join(output->stanzas, what, strlen(what));
}

static void note_element(struct output *output, const struct element *e)
{
    const char *id = element_attribute(e, "id");

    note(output, e->name);
    if (id != NULL) {
        note(output, "#");
        note(output, id);
    }
    note(output, "(");
    note(output, e->text != NULL ? e->text : "");
    for (const struct element *c = e->child; c != NULL; c = c->next) {
        note_element(output, c);
    }
    note(output, ")");
}

static void feed(guard_t *guard, const char *text, struct output *output)
{
    struct guard_item item;

    guard_feed(guard, text, strlen(text));
    while (guard_next(guard, &item)) {
        switch (item.kind) {
        case GUARD_BYTES:
            output->text = join(output->text, item.bytes, item.size);
            break;
        case GUARD_STANZA:
            note_element(output, item.stanza);
            break;
        case GUARD_DROPPED:
            output->dropped++;
            output->why = item.why;
            break;
        case GUARD_BROKEN:
            output->is_broken = true;
            output->why = item.why;
            break;
        }
    }
}

static struct output output_new(void)
{
    struct output output = {0};

    note(&output, "");
    output.text = join(NULL, "", 0);
    return output;
}

static void release(guard_t **guard, struct output *output)
{
    free(output->text);
    free(output->stanzas);
    guard_destroy(guard);
}

/* `before`, `count` times `unit`, `after`; malloc'd. */
static char *repeat(const char *before, const char *unit, size_t count,
                    const char *after)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    fputs(before, out);
    for (size_t i = 0; i < count; i++) {
        fputs(unit, out);
    }
    fputs(after, out);
    fclose(out);
    return text;
}

#define ERROR                                                                  \
    "<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"    \
    "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>a &amp; b</text>"       \
    "</stream:error>"
#define STREAM                                                                 \
    HEADER "<handshake/> <iq id='1'><a><b>x &amp; <![CDATA[<y>]]></b></a>"     \
           "</iq>\n<message id='2'>\r\n z</message><presence/>"                \
           "<features/>" ERROR "</stream:stream>"
#define STREAM_TEXT HEADER "<handshake/><features/>" ERROR "</stream:stream>"
#define STREAM_STANZAS "iq#1(a(b(x & <y>)))message#2(\n z)presence()"

static void stanzas__are_taken_out_and_the_rest_passes_as_it_is(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();

    (void)state;
    feed(guard, STREAM, &output);
    assert_string_equal(output.text, STREAM_TEXT);
    assert_string_equal(output.stanzas, STREAM_STANZAS);
    assert_int_equal(output.dropped, 0);
    assert_false(output.is_broken);
    release(&guard, &output);
}

static void stream__is_the_same_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t cut = 1; cut < sizeof STREAM - 1; cut++) {
        guard_t *guard = guard_new();
        struct output output = output_new();
        char *head = strndup(STREAM, cut);
        feed(guard, head, &output);
        free(head);
        assert_true(output.text[0] == '\0' ||
                    output.text[strlen(output.text) - 1] == '>');
        feed(guard, &STREAM[cut], &output);
        assert_string_equal(output.text, STREAM_TEXT);
        assert_string_equal(output.stanzas, STREAM_STANZAS);
        release(&guard, &output);
    }
}

static void stream__can_come_byte_by_byte(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();

    (void)state;
    for (const char *c = STREAM; *c != '\0'; c++) {
        const char byte[] = {*c, '\0'};
        feed(guard, byte, &output);
    }
    assert_string_equal(output.text, STREAM_TEXT);
    assert_string_equal(output.stanzas, STREAM_STANZAS);
    release(&guard, &output);
}

/* All come one after the other, in the order of the stream. */
static void items__keep_the_order_of_the_stream(void **state)
{
    static const enum guard_kind ORDER[] = {
        GUARD_BYTES,  GUARD_BYTES, GUARD_STANZA, GUARD_DROPPED,
        GUARD_STANZA, GUARD_BYTES, GUARD_BROKEN};
    guard_t *guard = guard_new();
    struct guard_item item;
    char stream[8192];
    size_t used =
        (size_t)snprintf(stream, sizeof stream, HEADER "<handshake/><iq/><iq>");

    (void)state;
    for (int i = 0; i < GUARD_ELEMENTS_MAX; i++) {
        used += (size_t)snprintf(stream + used, sizeof stream - used, "<a/>");
    }
    snprintf(stream + used, sizeof stream - used,
             "</iq><message/></stream:stream>garbage");
    guard_feed(guard, stream, strlen(stream));
    for (size_t i = 0; i < COUNT(ORDER); i++) {
        assert_true(guard_next(guard, &item));
        assert_int_equal(item.kind, ORDER[i]);
    }
    assert_false(guard_next(guard, &item));
    guard_feed(guard, "<iq/>", 5);
    assert_false(guard_next(guard, &item));
    guard_destroy(&guard);
}

/* RFC 6120, 8 knows three kinds, and servers are not exact about where they are
 * from; but the stream's own elements are none. */
static void stanzas__are_known_by_their_names(void **state)
{
    static const struct {
        const char *xml;
        bool is_stanza;
    } cases[] = {
        {"<iq/>", true},
        {"<iq xmlns='jabber:client'/>", true},
        {"<iq xmlns=''/>", true},
        {"<p:iq xmlns:p='jabber:component:accept'/>", true},
        {"<message/>", true},
        {"<presence/>", true},
        {"<stream:iq/>", false},
        {"<stream:error/>", false},
        {"<IQ/>", false},
        {"<handshake/>", false},
        {"<route/>", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        guard_t *guard = guard_new();
        struct output output = output_new();
        feed(guard, HEADER, &output);
        size_t before = strlen(output.text);
        feed(guard, cases[i].xml, &output);
        assert_string_equal(output.text + before,
                            cases[i].is_stanza ? "" : cases[i].xml);
        assert_int_equal(output.stanzas[0] != '\0', cases[i].is_stanza);
        release(&guard, &output);
    }
}

/* What has prefixes, and what is not in the default namespace. */
static void namespaces__are_those_of_the_whole_stream(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();
    struct guard_item item;
    const char *xml = "<iq xml:lang='en' stream:a='1' a='2'><b/>"
                      "<p:c xmlns:p='urn:p'><d/></p:c><e xmlns=''/></iq>";

    (void)state;
    feed(guard, HEADER, &output);
    guard_feed(guard, xml, strlen(xml));
    assert_true(guard_next(guard, &item));
    assert_int_equal(item.kind, GUARD_STANZA);
    const struct element *iq = item.stanza;
    assert_string_equal(iq->ns, "jabber:component:accept");
    assert_string_equal(element_attribute(iq, "a"), "2");
    assert_string_equal(
        element_attribute(iq, "http://www.w3.org/XML/1998/namespace lang"),
        "en");
    assert_non_null(element_child(iq, "b", "jabber:component:accept"));
    const struct element *c = element_child(iq, "c", "urn:p");
    assert_non_null(element_child(c, "d", "jabber:component:accept"));
    assert_null(element_child(iq, "e", NULL)->ns);
    release(&guard, &output);
}

static void guard__drops_what_is_beyond_a_limit(void **state)
{
    static const struct {
        const char *before, *unit, *after, *why;
        size_t most; /* how many units still pass */
    } cases[] = {
        {"<iq>", "<a/>", "</iq>", "too many elements", GUARD_ELEMENTS_MAX - 1},
        {"<iq><a>", "x", "</a></iq>", "too long", GUARD_STANZA_MAX - 16},
        {"<iq><a>", "x\n", "</a></iq>", "too long",
         (GUARD_STANZA_MAX - 16) / 2},
        {"<stream:error>", "x", "</stream:error>", "too long",
         GUARD_STANZA_MAX - 29},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t more = 0; more < 2; more++) {
            guard_t *guard = guard_new();
            struct output output = output_new();
            char *stanza = repeat(cases[i].before, cases[i].unit,
                                  cases[i].most + more, cases[i].after);
            feed(guard, HEADER, &output);
            feed(guard, stanza, &output);
            feed(guard, "<after/>", &output);
            assert_int_equal(output.dropped, more);
            assert_true((strstr(output.stanzas, "iq") == NULL &&
                         strstr(output.text, "error") == NULL) == (more == 1));
            assert_non_null(strstr(output.text, "<after/>"));
            if (more == 1) {
                assert_string_equal(output.why, cases[i].why);
            }
            free(stanza);
            release(&guard, &output);
        }
    }
}

static void guard__survives_a_hundred_thousand_levels(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();
    char *opening = repeat("<iq>", "<a>", 100000, "");
    char *closing = repeat("", "</a>", 100000, "</iq><after/>");

    (void)state;
    feed(guard, HEADER, &output);
    feed(guard, opening, &output);
    feed(guard, closing, &output);
    assert_string_equal(output.text, HEADER "<after/>");
    assert_string_equal(output.why, "nested too deep");
    assert_int_equal(output.dropped, 1);
    free(opening);
    free(closing);
    release(&guard, &output);
}

static void guard__counts_attributes(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();
    char stanza[8192];
    size_t used = (size_t)snprintf(stanza, sizeof stanza, "<iq><a");

    (void)state;
    for (int i = 0; i <= GUARD_ATTRIBUTES_MAX; i++) {
        used += (size_t)snprintf(stanza + used, sizeof stanza - used,
                                 " a%d='1'", i);
    }
    snprintf(stanza + used, sizeof stanza - used, "/></iq>");
    feed(guard, HEADER, &output);
    feed(guard, stanza, &output);
    assert_int_equal(output.dropped, 1);
    assert_string_equal(output.why, "too many attributes");
    release(&guard, &output);
}

static void guard__ends_a_stream_that_is_not_xmpp(void **state)
{
    static const struct {
        const char *bytes, *why;
    } cases[] = {
        {HEADER "<iq></message>", "mismatched tag"},
        {HEADER "<iq <<<", "not well-formed (invalid token)"},
        {HEADER "<iq>\xff\xfe</iq>", "not well-formed (invalid token)"},
        {HEADER "<a:b/>", "unbound prefix"},
        {HEADER "<iq>&undefined;</iq>", "undefined entity"},
        {HEADER "<?do something?>", "a processing instruction"},
        {HEADER "<!-- hello -->", "a comment"},
        {"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><x>", "a document type declaration"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        guard_t *guard = guard_new();
        struct output output = output_new();
        feed(guard, cases[i].bytes, &output);
        assert_true(output.is_broken);
        assert_string_equal(output.why, cases[i].why);
        release(&guard, &output);
    }
}

static void guard__does_not_wait_for_ever_for_the_end_of_a_tag(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();
    char *tag = repeat("<iq a='", "x", GUARD_STANZA_MAX + 1, "");

    (void)state;
    feed(guard, HEADER, &output);
    feed(guard, tag, &output);
    assert_true(output.is_broken);
    assert_string_equal(output.why, "a tag without an end");
    free(tag);
    release(&guard, &output);
}

/* A namespace is in the tree once for all that have it from their parent: to
 * have it there often takes malice. */
static void guard__drops_what_has_no_room_as_a_tree(void **state)
{
    guard_t *guard = guard_new();
    struct output output = output_new();
    char *names = repeat("<iq xmlns:a='", "x", 2000, "'>");
    char *others = repeat("", "<b/><a:b/>", 500, "</iq><iq id='after'/>");

    (void)state;
    feed(guard, HEADER, &output);
    feed(guard, names, &output);
    feed(guard, others, &output);
    assert_int_equal(output.dropped, 1);
    assert_string_equal(output.why, "too long");
    assert_string_equal(output.stanzas, "iq#after()");
    free(others);
    free(names);
    release(&guard, &output);
}

/* Only where nothing of the stream is missing may a stanza be kept from it. */
static void guard__knows_when_it_is_between_stanzas(void **state)
{
    static const struct {
        const char *text;
        bool is_between;
    } cases[] = {
        {"<stream:stream xmlns:stream='http://etherx.jabber.org/str", false},
        {"eams' xmlns='jabber:component:accept'", false},
        {">", true},
        {"<iq id='1'/>", true},
        {"<iq id='2'>", false},
        {"<a/>", false},
        {"</i", false},
        {"q>", true},
        {" ", true},
        {"<iq id='3'/><", false},
        {"iq id='4'/> ", true},
        {"<presence/><message>x</message>", true},
        {"</stream:stream>", false},
    };
    guard_t *guard = guard_new();
    struct output output = output_new();

    (void)state;
    assert_false(guard_is_between(guard));
    for (size_t i = 0; i < COUNT(cases); i++) {
        feed(guard, cases[i].text, &output);
        assert_int_equal(guard_is_between(guard), cases[i].is_between);
    }
    assert_false(output.is_broken);
    release(&guard, &output);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stanzas__are_taken_out_and_the_rest_passes_as_it_is),
        cmocka_unit_test(stream__is_the_same_whatever_the_pieces),
        cmocka_unit_test(stream__can_come_byte_by_byte),
        cmocka_unit_test(items__keep_the_order_of_the_stream),
        cmocka_unit_test(stanzas__are_known_by_their_names),
        cmocka_unit_test(namespaces__are_those_of_the_whole_stream),
        cmocka_unit_test(guard__drops_what_is_beyond_a_limit),
        cmocka_unit_test(guard__survives_a_hundred_thousand_levels),
        cmocka_unit_test(guard__counts_attributes),
        cmocka_unit_test(guard__ends_a_stream_that_is_not_xmpp),
        cmocka_unit_test(guard__does_not_wait_for_ever_for_the_end_of_a_tag),
        cmocka_unit_test(guard__drops_what_has_no_room_as_a_tree),
        cmocka_unit_test(guard__knows_when_it_is_between_stanzas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

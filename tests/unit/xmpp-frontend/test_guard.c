/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/guard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HEADER                                                                 \
    "<?xml version='1.0'?><stream:stream "                                     \
    "xmlns:stream='http://etherx.jabber.org/streams' "                         \
    "xmlns='jabber:component:accept' id='1'>"

/* What passed, over several calls. */
struct passed {
    char *text;
    size_t size;
    unsigned dropped;
    const char *why;
};

static int feed(guard_t *guard, const char *text, struct passed *passed)
{
    struct guard_result result;
    int status = guard_feed(guard, text, strlen(text), &result);

    passed->text = realloc(passed->text, passed->size + result.size + 1);
    memcpy(passed->text + passed->size, result.bytes ? result.bytes : "",
           result.size);
    passed->size += result.size;
    passed->text[passed->size] = '\0';
    passed->dropped += result.dropped;
    if (result.why != NULL) {
        passed->why = result.why;
    }
    return status;
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

static void guard__passes_a_stream_as_it_is(void **state)
{
    static const char STREAM[] =
        HEADER "<handshake/><iq id='1'><a><b>x &amp; y</b></a></iq>"
               "<message/></stream:stream>";
    guard_t *guard = guard_new();
    struct passed passed = {0};

    (void)state;
    assert_int_equal(feed(guard, STREAM, &passed), 0);
    assert_string_equal(passed.text, STREAM);
    assert_int_equal(passed.dropped, 0);
    free(passed.text);
    guard_destroy(&guard);
}

static void guard__passes_whole_stanzas_whatever_the_pieces(void **state)
{
    static const char STREAM[] = HEADER "<iq id='1'><a b='c'/>t</iq><p/>";

    (void)state;
    for (size_t cut = 1; cut < sizeof STREAM - 1; cut++) {
        guard_t *guard = guard_new();
        struct passed passed = {0};
        char *head = strndup(STREAM, cut);
        assert_int_equal(feed(guard, head, &passed), 0);
        char last = passed.size > 0 ? passed.text[passed.size - 1] : '>';
        assert_int_equal(last, '>');
        assert_int_equal(feed(guard, STREAM + cut, &passed), 0);
        assert_string_equal(passed.text, STREAM);
        free(head);
        free(passed.text);
        guard_destroy(&guard);
    }
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
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t more = 0; more < 2; more++) {
            guard_t *guard = guard_new();
            struct passed passed = {0};
            char *stanza = repeat(cases[i].before, cases[i].unit,
                                  cases[i].most + more, cases[i].after);
            assert_int_equal(feed(guard, HEADER, &passed), 0);
            assert_int_equal(feed(guard, stanza, &passed), 0);
            assert_int_equal(feed(guard, "<after/>", &passed), 0);
            assert_int_equal(passed.dropped, more);
            assert_true((strstr(passed.text, "<iq>") == NULL) == (more == 1));
            assert_non_null(strstr(passed.text, "<after/>"));
            if (more == 1) {
                assert_string_equal(passed.why, cases[i].why);
            }
            free(stanza);
            free(passed.text);
            guard_destroy(&guard);
        }
    }
}

static void guard__survives_a_hundred_thousand_levels(void **state)
{
    guard_t *guard = guard_new();
    struct passed passed = {0};
    char *opening = repeat("<iq>", "<a>", 100000, "");
    char *closing = repeat("", "</a>", 100000, "</iq><after/>");

    (void)state;
    assert_int_equal(feed(guard, HEADER, &passed), 0);
    assert_int_equal(feed(guard, opening, &passed), 0);
    assert_int_equal(feed(guard, closing, &passed), 0);
    assert_string_equal(passed.text, HEADER "<after/>");
    assert_string_equal(passed.why, "nested too deep");
    assert_int_equal(passed.dropped, 1);
    free(opening);
    free(closing);
    free(passed.text);
    guard_destroy(&guard);
}

static void guard__counts_attributes(void **state)
{
    guard_t *guard = guard_new();
    struct passed passed = {0};
    char stanza[8192];
    size_t used = (size_t)snprintf(stanza, sizeof stanza, "<iq><a");

    (void)state;
    for (int i = 0; i <= GUARD_ATTRIBUTES_MAX; i++) {
        used += (size_t)snprintf(stanza + used, sizeof stanza - used,
                                 " a%d='1'", i);
    }
    snprintf(stanza + used, sizeof stanza - used, "/></iq>");
    assert_int_equal(feed(guard, HEADER, &passed), 0);
    assert_int_equal(feed(guard, stanza, &passed), 0);
    assert_int_equal(passed.dropped, 1);
    assert_string_equal(passed.why, "too many attributes");
    free(passed.text);
    guard_destroy(&guard);
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
        struct passed passed = {0};
        assert_int_equal(feed(guard, cases[i].bytes, &passed), -1);
        assert_string_equal(passed.why, cases[i].why);
        free(passed.text);
        guard_destroy(&guard);
    }
}

static void guard__does_not_wait_for_ever_for_the_end_of_a_tag(void **state)
{
    guard_t *guard = guard_new();
    struct passed passed = {0};
    char *tag = repeat("<iq a='", "x", GUARD_STANZA_MAX + 1, "");

    (void)state;
    assert_int_equal(feed(guard, HEADER, &passed), 0);
    assert_int_equal(feed(guard, tag, &passed), -1);
    assert_string_equal(passed.why, "a tag without an end");
    free(tag);
    free(passed.text);
    guard_destroy(&guard);
}

static void guard__pads_a_stanza_that_is_read_in_pieces(void **state)
{
    guard_t *guard = guard_new();
    struct passed passed = {0};
    char *stanza = repeat("<iq><a>", "x", 5000, "</a></iq>");

    (void)state;
    assert_int_equal(feed(guard, HEADER, &passed), 0);
    assert_int_equal(feed(guard, stanza, &passed), 0);
    assert_true(passed.size >= strlen(HEADER) + 2 * strlen(stanza));
    assert_int_equal(passed.text[passed.size - 1], ' ');
    free(stanza);
    free(passed.text);
    guard_destroy(&guard);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guard__passes_a_stream_as_it_is),
        cmocka_unit_test(guard__passes_whole_stanzas_whatever_the_pieces),
        cmocka_unit_test(guard__drops_what_is_beyond_a_limit),
        cmocka_unit_test(guard__survives_a_hundred_thousand_levels),
        cmocka_unit_test(guard__counts_attributes),
        cmocka_unit_test(guard__ends_a_stream_that_is_not_xmpp),
        cmocka_unit_test(guard__does_not_wait_for_ever_for_the_end_of_a_tag),
        cmocka_unit_test(guard__pads_a_stanza_that_is_read_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

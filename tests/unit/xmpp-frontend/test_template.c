/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/template.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>

static void template__puts_values_where_their_names_are(void **state)
{
    static const struct {
        const char *text, *values, *expected;
    } cases[] = {
        {"", "{}", ""},
        {"no name", "{}", "no name"},
        {"{{a}}", "{'a': 'x'}", "x"},
        {"<{{a}}|{{b}}>", "{'a': 'x', 'b': ''}", "<x|>"},
        {"{ {{a}} }", "{'a': 'x'}", "{ x }"},
        {"{{a}}", "{'a': '<b>&\\u0022\\u0027'}", "&lt;b&gt;&amp;&quot;&#39;"},
        {"{{a}}", "{'a': '{{b}}'}", "{{b}}"},
        {"[{{#l}}{{n}},{{/l}}]", "{'l': [{'n': '1'}, {'n': '2'}]}", "[1,2,]"},
        {"[{{#l}}{{n}},{{/l}}]", "{'l': []}", "[]"},
        {"{{#l}}{{n}}{{o}}{{/l}}{{n}}",
         "{'n': 'out', 'o': '!', 'l': [{'n': 'in'}]}", "in!out"},
        {"{{#a}}{{#b}}{{x}}{{/b}};{{/a}}",
         "{'a': [{'b': [{'x': '1'}, {'x': '2'}]}, {'b': [{'x': '3'}]}]}",
         "12;3;"},
        {"{{#yes}}y{{/yes}}{{^yes}}n{{/yes}}", "{'yes': true}", "y"},
        {"{{#yes}}y{{/yes}}{{^yes}}n{{/yes}}", "{'yes': false}", "n"},
        {"{{^l}}none{{/l}}", "{'l': []}", "none"},
        {"{{^l}}none{{/l}}", "{'l': [{}]}", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char json[256];
        size_t size = 0;
        for (const char *at = cases[i].values; *at != '\0'; at++) {
            json[size++] = *at == '\'' ? '"' : *at;
        }
        json_t *values = json_loadb(json, size, 0, NULL);
        assert_non_null(values);
        char *rendered = template_render(cases[i].text, values);
        assert_string_equal(rendered, cases[i].expected);
        free(rendered);
        json_decref(values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(template__puts_values_where_their_names_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

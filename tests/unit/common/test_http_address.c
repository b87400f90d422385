/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/http_address.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <string.h>

static void address__is_host_and_port(void **state)
{
    static const struct {
        const char *text, *host, *port, *local;
    } cases[] = {
        {"127.0.0.1:9750", "127.0.0.1", "9750", "127.0.0.1"},
        {"0.0.0.0:1", "0.0.0.0", "1", "127.0.0.1"},
        {"[::]:65535", "::", "65535", "127.0.0.1"},
        {"[0:0::0]:80", "0:0::0", "80", "127.0.0.1"},
        {"[2001:db8::7]:80", "2001:db8::7", "80", "2001:db8::7"},
        {"registry-1.example.org:9999", "registry-1.example.org", "9999",
         "registry-1.example.org"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct http_address address;
        assert_int_equal(http_address_read(&address, cases[i].text), 0);
        assert_string_equal(address.host, cases[i].host);
        assert_string_equal(address.port, cases[i].port);
        http_address_make_local(&address);
        assert_string_equal(address.host, cases[i].local);
        assert_string_equal(address.port, cases[i].port);
    }
}

static void address__has_no_other_form(void **state)
{
    static const char *const cases[] = {
        "",      "9750",        ":9750",          "localhost",   "a:",
        "a:0",   "a:065",       "a:65536",        "a:99999",     "a:100000",
        "a:-1",  "a:+1",        "a:80x",          "a b:80",      "::1:80",
        "::80",  "[::1]",       "[::1]80",        "[::1:80",     "::1]:80",
        "[]:80", "[a]:80",      "[127.0.0.1]:80", "http://a:80", "a/b:80",
        "a:80/", "[::1%lo]:80",
    };
    struct http_address address;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (http_address_read(&address, cases[i]) == 0) {
            fail_msg("took %s", cases[i]);
        }
    }
}

static void address__has_a_bound(void **state)
{
    struct http_address address;
    char text[300];

    (void)state;
    memset(text, 'a', sizeof text);
    snprintf(text + 253, sizeof text - 253, ":80");
    assert_int_equal(http_address_read(&address, text), 0);
    snprintf(text + 253, sizeof text - 253, "a:80");
    assert_int_equal(http_address_read(&address, text), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address__is_host_and_port),
        cmocka_unit_test(address__has_no_other_form),
        cmocka_unit_test(address__has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

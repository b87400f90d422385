/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/service_link.h"

#include "tests/support/cmocka_test.h"

static void link__is_told_from_a_setting(void **state)
{
    static const struct {
        const char *name, *value;
        bool is_link;
    } cases[] = {
        {"WAKEBUS_XMPP_SERVICE_HOST", "10.0.0.1", true},
        {"WAKEBUS_XMPP_SERVICE_PORT", "5347", true},
        {"WAKEBUS_XMPP_SERVICE_PORT_COMPONENT", "5347", true},
        {"WAKEBUS_XMPP_PORT", "tcp://10.0.0.1:5347", true},
        {"WAKEBUS_DNS_PORT", "udp://10.0.0.1:53", true},
        {"WAKEBUS_X_PORT", "sctp://10.0.0.1:53", true},
        {"WAKEBUS_XMPP_PORT_5347_TCP", "tcp://10.0.0.1:5347", true},
        {"WAKEBUS_XMPP_PORT_5347_TCP_PROTO", "tcp", true},
        {"WAKEBUS_XMPP_PORT_5347_TCP_PORT", "5347", true},
        {"WAKEBUS_XMPP_PORT_53_UDP_ADDR", "10.0.0.1", true},
        {"WAKEBUS_XMPP_PORT", "5347", false},
        {"WAKEBUS_XMPP_PORT", "", false},
        {"WAKEBUS_REDIS_URL", "tcp://10.0.0.1:6379", false},
        {"WAKEBUS_XMPP_SECRET", "s", false},
        {"WAKEBUS_XMPP_SERVICE_PORTS", "5347", false},
        {"WAKEBUS_XMPP_PORT_TCP", "5347", false},
        {"WAKEBUS_XMPP_PORT_5347", "5347", false},
        {"WAKEBUS_XMPP_PORT_5347_TCP_HOST", "h", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(service_link_is(cases[i].name, cases[i].value),
                         cases[i].is_link);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(link__is_told_from_a_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

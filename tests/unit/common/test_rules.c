/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/rules.h"

#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <string.h>

/* Settings with no fault. */
static struct settings settings_right(void)
{
    struct settings settings = {0};

    settings.xmpp.jid = "push.example.org";
    settings.bus.frontends = (struct name_list){1, {"tcp://127.0.0.1:5750"}};
    settings.bus.bind = "tcp://127.0.0.1:5750";
    settings.bus.advertise = "auto";
    settings.fcm.base_url = "https://fcm.googleapis.com";
    settings.apns.production_url = "https://api.push.apple.com";
    settings.apns.sandbox_url = "https://api.sandbox.push.apple.com:2197";
    return settings;
}

static int report(void *arg)
{
    config_t *config = config_open(NULL, false);
    size_t faults;

    rules_check(config, arg, "wakebus-apns-sender");
    faults = config_report(config);
    config_close(&config);
    return (int)faults;
}

static void assert_fault(struct settings *settings, const char *fault)
{
    static struct captured c;
    char line[300] = "";

    capture(&c, report, settings);
    if (fault != NULL) {
        snprintf(line, sizeof line, "configuration: %s\n", fault);
    }
    assert_string_equal(c.err, line);
    assert_int_equal(c.status, fault != NULL ? 1 : 0);
}

#define NO_ENDPOINT                                                            \
    ": not an endpoint; write it as tcp://host:5750 or ipc:///path"

static void endpoint__is_tcp_with_a_port_or_ipc_with_a_path(void **state)
{
    static const struct {
        const char *text;
        bool is_right;
    } cases[] = {
        {"tcp://127.0.0.1:1", true},
        {"tcp://127.0.0.1:65535", true},
        {"tcp://[::1]:5750", true},
        {"ipc:///run/wakebus/frontend", true},
        {"tcp://localhost:5750", true},
        {"", false},
        {"5750", false},
        {"127.0.0.1:5750", false},
        {"tcp://127.0.0.1", false},
        {"tcp://127.0.0.1:", false},
        {"tcp://127.0.0.1:0", false},
        {"tcp://127.0.0.1:65536", false},
        {"tcp://127.0.0.1:5750/", false},
        {"tcp://:5750", false},
        {"tcp://127.0.0.1:*", false},
        {"ipc://", false},
        {"udp://127.0.0.1:1", false},
        {"inproc://x", false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct settings settings = settings_right();
        settings.bus.bind = cases[i].text;
        assert_fault(&settings,
                     cases[i].is_right ? NULL : "bus.bind" NO_ENDPOINT);
        settings = settings_right();
        settings.bus.frontends.items[0] = cases[i].text;
        assert_fault(&settings,
                     cases[i].is_right ? NULL : "bus.frontends" NO_ENDPOINT);
    }
}

static void url__is_https_and_nothing_behind_the_host(void **state)
{
    static const char *const WRONG[] = {
        "",          "fcm.googleapis.com", "http://fcm.googleapis.com",
        "https://",  "https://host/",      "https://host/v1",
        "https://?", "https://host ",
    };
    static const char REST[] =
        "not an https URL of a host; write it as https://host or "
        "https://host:port, without a slash at its end";
    char line[200];

    (void)state;
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        struct settings settings = settings_right();
        settings.fcm.base_url = WRONG[i];
        snprintf(line, sizeof line, "fcm.base_url: %s", REST);
        assert_fault(&settings, line);
        settings = settings_right();
        settings.apns.production_url = WRONG[i];
        snprintf(line, sizeof line, "apns.production_url: %s", REST);
        assert_fault(&settings, line);
        settings = settings_right();
        settings.apns.sandbox_url = WRONG[i];
        snprintf(line, sizeof line, "apns.sandbox_url: %s", REST);
        assert_fault(&settings, line);
    }
}

static void jid__is_a_domain(void **state)
{
    static const char *const WRONG[] = {"push@example.org", "push.example/x",
                                        "push example.org"};

    (void)state;
    for (size_t i = 0; i < COUNT(WRONG); i++) {
        struct settings settings = settings_right();
        settings.xmpp.jid = WRONG[i];
        assert_fault(&settings, "xmpp.jid: not a domain; write it as in the "
                                "XMPP server: push.example.org");
    }
}

/* Those are noted where they are read. */
static void what_is_missing__is_no_fault_of_these(void **state)
{
    struct settings settings = {0};

    (void)state;
    settings.bus.frontends = (struct name_list){1, {"ipc:///x"}};
    assert_fault(&settings, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint__is_tcp_with_a_port_or_ipc_with_a_path),
        cmocka_unit_test(url__is_https_and_nothing_behind_the_host),
        cmocka_unit_test(jid__is_a_domain),
        cmocka_unit_test(what_is_missing__is_no_fault_of_these),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

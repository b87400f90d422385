/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_fpush.h"

#include "services/xmpp-frontend/dialect_p2.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEN "0123456789"
#define HEX64 TEN TEN TEN TEN TEN TEN "abCD"
#define FCM64 TEN TEN TEN TEN TEN "AA:APA91b-_xyz"

static const struct settings SETTINGS = {
    .app_count = 5,
    .apps = {{.name = "monalProdiOS", .backend = "apns", .is_stateless = true},
             {.name = "ios",
              .backend = "apns",
              .is_stateless = true,
              .is_default = true},
             {.name = "android",
              .backend = "fcm",
              .is_stateless = true,
              .is_default = true},
             {.name = "kept", .backend = "apns"},
             {.name = "web", .backend = "wns", .is_stateless = true}}};

/* All of them store what they know. */
static const struct settings STATEFUL = {
    .app_count = 2,
    .apps = {{.name = "ios", .backend = "apns", .is_default = true},
             {.name = "android", .backend = "fcm", .is_default = true}}};

/* What a publish to `node` with these options asks for. */
static struct request publish(const struct settings *settings, const char *node,
                              const char *module, const char *secret)
{
    struct iq iq = {.type = IQ_SET,
                    .head = {"1", "example.org", "p.example.net"},
                    .payload = PAYLOAD_PUBLISH,
                    .node = node,
                    .form = {.present = true}};
    struct request request;

    if (module != NULL) {
        iq.form.fields[iq.form.count].var = "pushModule";
        iq.form.fields[iq.form.count++].value = module;
    }
    if (secret != NULL) {
        iq.form.fields[iq.form.count].var = "secret";
        iq.form.fields[iq.form.count++].value = secret;
    }
    p2_publish(&request, &iq);
    assert_int_equal(request.step, REQUEST_PUSH);
    fpush_publish(&request, &iq, settings);
    return request;
}

static void publish__names_app_and_token(void **state)
{
    static const struct {
        const char *node, *module, *app;
    } cases[] = {
        {HEX64, "monalProdiOS", "monalProdiOS"},
        {HEX64 TEN TEN, "ios", "ios"},
        {FCM64, "android", "android"},
        {HEX64, "android", "android"}, /* who knows */
        {"what ever", "web", "web"},
        /* fpush has a default module: here it is by the form of the token. */
        {HEX64, NULL, "ios"},
        {FCM64, NULL, "android"},
        {HEX64 "0", NULL, "android"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request =
            publish(&SETTINGS, cases[i].node, cases[i].module, NULL);
        assert_int_equal(request.step, REQUEST_WAKE);
        assert_string_equal(request.app->name, cases[i].app);
        assert_string_equal(request.token, cases[i].node);
        assert_string_equal(request.domain, "example.org");
        assert_string_equal(request.device, "");
        assert_string_equal(request.channel, "");
    }
}

static void node__that_is_no_token_is_gone(void **state)
{
    static const struct {
        const char *node, *module;
    } cases[] = {
        {"N", "ios"},
        {TEN TEN TEN TEN TEN TEN "abc", "ios"},
        {HEX64 "0", "ios"},
        {FCM64, "ios"},
        {TEN TEN TEN TEN TEN TEN "abcg", "ios"},
        {" " HEX64 "0", "ios"},
        {TEN TEN TEN TEN TEN TEN "abc", "android"},
        {FCM64 "/", "android"},
        {FCM64 " ", "android"},
        {FCM64 "\xc3\xa9", "android"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request =
            publish(&SETTINGS, cases[i].node, cases[i].module, NULL);
        assert_int_equal(request.step, REQUEST_REFUSE);
        assert_int_equal(request.answer, ANSWER_GONE);
        assert_null(request.text); /* as for all that are unknown */
    }
}

static void token__has_a_length(void **state)
{
    static const struct {
        const char *module;
        char letter;
        size_t size;
        bool fits;
    } cases[] = {
        {"ios", 'a', 62, false},      {"ios", 'a', 64, true},
        {"ios", 'a', 66, true},       {"ios", 'a', 200, true},
        {"ios", 'a', 202, false},     {"android", 'z', 63, false},
        {"android", 'z', 64, true},   {"android", 'z', 163, true},
        {"android", 'z', 1024, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char node[1025] = "";
        memset(node, cases[i].letter, cases[i].size);
        struct request request =
            publish(&SETTINGS, node, cases[i].module, NULL);
        assert_int_equal(request.step == REQUEST_WAKE, cases[i].fits);
    }
}

static void module__that_there_is_not_costs_no_subscription(void **state)
{
    static const char *const modules[] = {"monalAlpha", "", "Ios"};

    (void)state;
    for (size_t i = 0; i < COUNT(modules); i++) {
        struct request request = publish(&SETTINGS, HEX64, modules[i], NULL);
        assert_int_equal(request.step, REQUEST_REFUSE);
        assert_int_equal(request.answer, ANSWER_TROUBLE);
        assert_string_equal(request.text, "pushModule: no such app.");
    }
}

/* Then a registry is asked, as ever. */
static void other_publishes__are_left_alone(void **state)
{
    static const struct {
        const struct settings *settings;
        const char *node, *module, *secret;
    } cases[] = {
        {&STATEFUL, HEX64, "ios", NULL},
        {&STATEFUL, HEX64, NULL, NULL},
        {&STATEFUL, HEX64, "nothing", NULL},
        {&SETTINGS, HEX64, "kept", NULL},
        {&SETTINGS, HEX64, NULL, "S"},
        {&SETTINGS, "7Bn3bOe0KxTS", NULL, NULL},
        {&SETTINGS, "7Bn3bOe0KxTS", NULL, "S"},
        {&SETTINGS, "7Bn3bOe0KxTS", "nothing", "S"},
        {&SETTINGS, "7Bn3bOe0KxTS", "ios", "S"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request request = publish(cases[i].settings, cases[i].node,
                                         cases[i].module, cases[i].secret);
        assert_int_equal(request.step, REQUEST_PUSH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publish__names_app_and_token),
        cmocka_unit_test(node__that_is_no_token_is_gone),
        cmocka_unit_test(token__has_a_length),
        cmocka_unit_test(module__that_there_is_not_costs_no_subscription),
        cmocka_unit_test(other_publishes__are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

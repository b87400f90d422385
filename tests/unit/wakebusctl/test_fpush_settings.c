/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/fpush_settings.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TEN "0123456789"

static struct fpush_settings convert(const char *text)
{
    json_t *settings = json_loads(text, 0, NULL);

    assert_non_null(settings);
    struct fpush_settings ours = fpush_settings_convert(settings);
    json_decref(settings);
    return ours;
}

/* What `text`, one push module called m, becomes; "" if it is lost. */
static char *convert_module(const char *text, struct fpush_settings *ours)
{
    char whole[1024];

    snprintf(whole, sizeof whole, "{\"pushModules\":{\"m\":%s}}", text);
    *ours = convert(whole);
    const json_t *app =
        json_object_get(json_object_get(ours->converted, "apps"), "m");
    assert_int_equal(ours->lost, app == NULL ? 1 : 0);
    return app != NULL ? json_dumps(app, JSON_COMPACT) : strdup("");
}

static void module__becomes_an_app(void **state)
{
    static const struct {
        const char *module, *app;
        size_t notes;
    } cases[] = {
        {"{\"type\":\"apple\",\"apns\":{\"certFilePath\":\"/c.p12\","
         "\"certPassword\":\"\",\"topic\":\"t\"}}",
         "{\"backend\":\"apns\",\"stateless\":true,\"topic\":\"t\","
         "\"certificate_file\":\"/c.p12\"}",
         0},
        {"{\"type\":\"apple\",\"apns\":{\"certFilePath\":\"/c.p12\","
         "\"topic\":\"t\",\"additionalData\":{\"firstGoodBuildNumber\":700,"
         "\"knownGoodBuildNumber\":[640]}}}",
         "{\"backend\":\"apns\",\"stateless\":true,\"topic\":\"t\","
         "\"certificate_file\":\"/c.p12\",\"payload\":{"
         "\"firstGoodBuildNumber\":700,\"knownGoodBuildNumber\":[640]}}",
         0},
        {"{\"type\":\"apple\",\"is_default_module\":true,\"apns\":{"
         "\"certFilePath\":\"/c.p12\",\"certPassword\":\"hunter2\","
         "\"topic\":\"t\",\"environment\":\"sandbox\"}}",
         "{\"backend\":\"apns\",\"stateless\":true,\"default\":true,"
         "\"topic\":\"t\",\"environment\":\"sandbox\","
         "\"certificate_file\":\"/c.p12\","
         "\"certificate_password_file\":\"apns_m.password\"}",
         1},
        {"{\"type\":\"google\",\"is_default_module\":false,"
         "\"fcm\":{\"fcmSecretPath\":\"/f.json\"}}",
         "{\"backend\":\"fcm\",\"stateless\":true,"
         "\"service_account_file\":\"/f.json\"}",
         0},
        {"{\"type\":\"fcm\",\"fcm\":{\"fcmSecretPath\":\"/f.json\"}}",
         "{\"backend\":\"fcm\",\"stateless\":true,"
         "\"service_account_file\":\"/f.json\"}",
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fpush_settings ours;
        char *app = convert_module(cases[i].module, &ours);
        assert_string_equal(app, cases[i].app);
        assert_int_equal(json_array_size(ours.notes), cases[i].notes);
        char *all = json_dumps(ours.converted, 0);
        assert_null(strstr(all, "hunter2"));
        free(all);
        free(app);
        fpush_settings_free(&ours);
    }
}

static void what_cannot_be_taken_over__is_named(void **state)
{
    static const struct {
        const char *module, *member;
        size_t lost;
    } cases[] = {
        {"{\"type\":\"demo\"}", "pushModules.m.type", 1},
        {"{}", "pushModules.m.type", 1},
        {"7", "pushModules.m.type", 1},
        {"{\"type\":\"apple\"}", "pushModules.m.apns.topic", 1},
        {"{\"type\":\"apple\",\"apns\":{\"topic\":\"t\"}}",
         "pushModules.m.apns.certFilePath", 1},
        {"{\"type\":\"apple\",\"apns\":{\"topic\":7,\"certFilePath\":\"c\"}}",
         "pushModules.m.apns.topic", 1},
        {"{\"type\":\"google\",\"fcm\":{}}", "pushModules.m.fcm.fcmSecretPath",
         1},
        {"{\"type\":\"google\",\"fcm\":{\"fcmSecretPath\":\"f\"},"
         "\"ratelimit\":{}}",
         "pushModules.m.ratelimit", 0},
        {"{\"type\":\"google\",\"fcm\":{\"fcmSecretPath\":\"f\","
         "\"surprise\":1}}",
         "pushModules.m.fcm.surprise", 0},
        {"{\"type\":\"apple\",\"apns\":{\"topic\":\"t\",\"certFilePath\":"
         "\"c\",\"additionalData\":{\"account\":1}}}",
         "pushModules.m.apns.additionalData.account", 0},
        {"{\"type\":\"apple\",\"apns\":{\"topic\":\"t\",\"certFilePath\":"
         "\"c\",\"additionalData\":{\"aps\":{},\"k\":1}}}",
         "pushModules.m.apns.additionalData.aps", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fpush_settings ours;
        free(convert_module(cases[i].module, &ours));
        assert_int_equal(ours.lost, cases[i].lost);
        const json_t *note = json_array_get(ours.notes, 0);
        assert_string_equal(json_string_value(json_object_get(note, "member")),
                            cases[i].member);
        assert_true(json_string_length(json_object_get(note, "note")) > 0);
        fpush_settings_free(&ours);
    }
}

static void component__becomes_the_link(void **state)
{
    struct fpush_settings ours =
        convert("{\"component\":{\"componentHostname\":\"p.example.net\","
                "\"componentKey\":\"hunter2\",\"serverHostname\":\"::1\","
                "\"serverPort\":5347},\"pushModules\":{},"
                "\"timeout\":{\"xmppconnectionError\":\"20s\"}}");
    char *xmpp =
        json_dumps(json_object_get(ours.converted, "xmpp"), JSON_COMPACT);
    char *notes = json_dumps(ours.notes, JSON_COMPACT);

    (void)state;
    assert_string_equal(xmpp, "{\"host\":\"::1\",\"port\":5347,"
                              "\"jid\":\"p.example.net\","
                              "\"secret_file\":\"xmpp-secret\"}");
    assert_non_null(strstr(notes, "component.componentKey"));
    assert_non_null(strstr(notes, "\"timeout\""));
    assert_null(strstr(notes, "hunter2"));
    assert_int_equal(ours.lost, 1); /* of modules there is none */
    free(notes);
    free(xmpp);
    fpush_settings_free(&ours);
}

static void name__must_be_one_of_an_app(void **state)
{
    static const char *const names[] = {"a.b", "", "a b", "a/b",
                                        TEN TEN TEN TEN TEN TEN "01234"};

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        char whole[512];
        snprintf(whole, sizeof whole,
                 "{\"pushModules\":{\"%s\":{\"type\":\"google\",\"fcm\":"
                 "{\"fcmSecretPath\":\"f\"}}}}",
                 names[i]);
        struct fpush_settings ours = convert(whole);
        assert_int_equal(ours.lost, 1);
        assert_int_equal(
            json_object_size(json_object_get(ours.converted, "apps")), 0);
        fpush_settings_free(&ours);
    }
}

static void what_is_no_such_file__has_no_module(void **state)
{
    static const char *const texts[] = {"[]", "{}", "{\"pushModules\":[]}"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct fpush_settings ours = convert(texts[i]);
        assert_int_equal(ours.lost, 1);
        fpush_settings_free(&ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(module__becomes_an_app),
        cmocka_unit_test(what_cannot_be_taken_over__is_named),
        cmocka_unit_test(component__becomes_the_link),
        cmocka_unit_test(name__must_be_one_of_an_app),
        cmocka_unit_test(what_is_no_such_file__has_no_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

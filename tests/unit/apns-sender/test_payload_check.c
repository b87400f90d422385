/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/payload_check.h"

#include "services/apns-sender/payload.h"
#include "tests/support/app_checks.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static const struct app ALERT = {.push_type = APNS_ALERT};
static const struct app BACKGROUND = {.push_type = APNS_BACKGROUND};
static const struct app FORWARDING = {.push_type = APNS_ALERT,
                                      .forwards_encrypted = true};

static void assert_notes(const struct app *app, const char *payload,
                         const char *expected)
{
    char *notes = app_check_notes(payload_check, *app, payload);

    assert_string_equal(notes, expected);
    free(notes);
}

static void payload__that_apple_takes_is_taken(void **state)
{
    static const char *const alerts[] = {
        NULL,
        "{}",
        "{\"firstGoodBuildNumber\":700,\"knownGoodBuildNumber\":[640]}",
        "{\"aps\":{\"alert\":\"New message\",\"badge\":0}}",
        "{\"aps\":{\"alert\":{\"title\":\"t\",\"subtitle\":\"s\",\"body\":"
        "\"b\",\"launch-image\":\"i\",\"title-loc-key\":\"k\","
        "\"title-loc-args\":[\"a\"],\"subtitle-loc-key\":\"k\","
        "\"subtitle-loc-args\":[],\"loc-key\":\"k\",\"loc-args\":[\"a\"]},"
        "\"badge\":7,\"sound\":{\"critical\":1,\"name\":\"n\",\"volume\":0.5},"
        "\"thread-id\":\"t\",\"category\":\"c\",\"content-available\":1,"
        "\"mutable-content\":1,\"target-content-id\":\"t\","
        "\"interruption-level\":\"time-sensitive\",\"relevance-score\":1,"
        "\"filter-criteria\":\"f\"},\"encrypted\":true}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(alerts); i++) {
        assert_notes(&ALERT, alerts[i], "");
    }
    assert_notes(&BACKGROUND, NULL, "");
    assert_notes(&BACKGROUND, "{\"k\":1,\"aps\":{\"content-available\":1}}",
                 "");
    assert_notes(&FORWARDING, NULL, "");
}

#define WRONG ": is not what Apple takes; "
#define EMPTY ": has no text, so that it would wake nobody; "
#define OURS ": is what Wakebus puts there itself; "

static void payload__that_apple_refuses_is_a_fault_by_its_member(void **state)
{
    static const struct {
        const struct app *app;
        const char *payload, *notes;
    } cases[] = {
        {&ALERT, "{\"aps\":7}", "apps.a.payload.aps: is not a JSON object; "},
        {&ALERT, "{\"aps\":{\"alert\":7}}", "apps.a.payload.aps.alert" WRONG},
        {&ALERT, "{\"aps\":{\"alert\":{\"body\":7,\"loc-args\":[7]}}}",
         "apps.a.payload.aps.alert.body" WRONG
         "apps.a.payload.aps.alert.loc-args" WRONG
         "apps.a.payload.aps.alert" EMPTY},
        {&ALERT, "{\"aps\":{\"alert\":\"!\",\"badge\":-1,\"sound\":[]}}",
         "apps.a.payload.aps.badge" WRONG "apps.a.payload.aps.sound" WRONG},
        {&ALERT, "{\"aps\":{\"alert\":\"!\",\"badge\":\"1\"}}",
         "apps.a.payload.aps.badge" WRONG},
        {&ALERT,
         "{\"aps\":{\"alert\":\"!\",\"sound\":{\"volume\":1.1,\"critical\":2,"
         "\"name\":1}}}",
         "apps.a.payload.aps.sound.volume" WRONG
         "apps.a.payload.aps.sound.critical" WRONG
         "apps.a.payload.aps.sound.name" WRONG},
        {&ALERT,
         "{\"aps\":{\"alert\":\"!\",\"mutable-content\":true,"
         "\"content-available\":\"1\",\"thread-id\":1,\"category\":1,"
         "\"interruption-level\":\"loud\",\"relevance-score\":-0.1}}",
         "apps.a.payload.aps.mutable-content" WRONG
         "apps.a.payload.aps.content-available" WRONG
         "apps.a.payload.aps.thread-id" WRONG
         "apps.a.payload.aps.category" WRONG
         "apps.a.payload.aps.interruption-level" WRONG
         "apps.a.payload.aps.relevance-score" WRONG},
        {&ALERT, "{\"aps\":{\"badge\":1}}",
         "apps.a.payload.aps: has no alert, so that it would wake nobody; "},
        {&ALERT, "{\"aps\":{}}",
         "apps.a.payload.aps: has no alert, so that it would wake nobody; "},
        {&ALERT, "{\"aps\":{\"alert\":\"\"}}",
         "apps.a.payload.aps.alert" EMPTY},
        {&ALERT,
         "{\"aps\":{\"alert\":{\"title\":\"\",\"launch-image\":\"i\"}}}",
         "apps.a.payload.aps.alert" EMPTY},
        /* All at once. */
        {&ALERT, "{\"account\":1,\"channel\":1,\"aps\":{\"alert\":1}}",
         "apps.a.payload.account" OURS "apps.a.payload.channel" OURS
         "apps.a.payload.aps.alert" WRONG},
        {&FORWARDING, "{\"iv\":1,\"encrypted\":1}",
         "apps.a.payload.iv" OURS "apps.a.payload.encrypted" OURS},
        {&BACKGROUND, "{\"aps\":{\"alert\":\"!\",\"badge\":1}}",
         "apps.a.payload.aps: would start no app: push_type is background; "
         "apps.a.payload.aps.alert: is for alerts: push_type is background; "
         "apps.a.payload.aps.badge: is for alerts: push_type is background; "},
        {&BACKGROUND, "{\"aps\":{\"content-available\":1,\"sound\":\"s\"}}",
         "apps.a.payload.aps.sound: is for alerts: push_type is background; "},
        {&BACKGROUND, "{\"aps\":{\"content-available\":0}}",
         "apps.a.payload.aps: would start no app: push_type is background; "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_notes(cases[i].app, cases[i].payload, cases[i].notes);
    }
}

static void payload__that_may_be_meant_is_only_warned_of(void **state)
{
    (void)state;
    assert_notes(&ALERT, "{\"aps\":{\"alert\":\"!\",\"mutable_content\":1}}",
                 "warning: apps.a.payload.aps.mutable_content: is no key of "
                 "Apple's that is known here; ");
    assert_notes(&FORWARDING, "{\"aps\":{\"alert\":\"!\"}}",
                 "warning: apps.a.payload.aps: starts no extension that could "
                 "read what is forwarded; ");
}

static void priority__of_a_background_push_is_low(void **state)
{
    struct app app = BACKGROUND;

    (void)state;
    app.priority = APP_PRIORITY_LOW;
    assert_notes(&app, NULL, "");
    app.priority = APP_PRIORITY_HIGH;
    assert_notes(&app, NULL,
                 "apps.a.priority: is more than Apple lets a background push "
                 "have; ");
}

/* What a payload of this size is, with all that we add. */
static void size__is_bounded_to_the_byte(void **state)
{
    static const char before[] = "{\"aps\":{\"content-available\":1},\"k\":\"";
    size_t ours = strlen(before) +
                  strlen("\",\"account\":\"\",\"channel\":\"\""
                         "}") +
                  80;
    static const struct {
        bool forwards;
        size_t size; /* of the whole */
        const char *notes;
    } cases[] = {
        {false, PAYLOAD_MAX, ""},
        {false, PAYLOAD_MAX + 1,
         "apps.a.payload: makes a push of 4097 bytes, and Apple takes 4096; "},
        {true, PAYLOAD_MAX - 1024, ""},
        {true, PAYLOAD_MAX - 1023,
         "apps.a.payload: leaves 1023 bytes for what is forwarded, which needs "
         "1024; "},
        {true, PAYLOAD_MAX + 5,
         "apps.a.payload: makes a push of 4101 bytes, and Apple takes 4096; "},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct app app = BACKGROUND;
        app.forwards_encrypted = cases[i].forwards;
        char *payload = app_check_filled(before, cases[i].size - ours, "\"}");
        assert_notes(&app, payload, cases[i].notes);
        free(payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload__that_apple_takes_is_taken),
        cmocka_unit_test(payload__that_apple_refuses_is_a_fault_by_its_member),
        cmocka_unit_test(payload__that_may_be_meant_is_only_warned_of),
        cmocka_unit_test(priority__of_a_background_push_is_low),
        cmocka_unit_test(size__is_bounded_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

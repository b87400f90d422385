/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/fcm-sender/message_check.h"

#include "services/fcm-sender/message.h"
#include "tests/support/app_checks.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static const struct app APP;
static const struct app FORWARDING = {.forwards_encrypted = true};

static void assert_notes(const struct app *app, const char *payload,
                         const char *expected)
{
    char *notes = app_check_notes(message_check, *app, payload);

    assert_string_equal(notes, expected);
    free(notes);
}

static void payload__that_fcm_takes_is_taken(void **state)
{
    static const char *const payloads[] = {
        NULL, "{}", "{\"data\":{}}",
        "{\"data\":{\"kind\":\"message\",\"iv\":\"\",\"From\":\"x\","
        "\"sender.from\":\"x\"}}"};

    (void)state;
    for (size_t i = 0; i < COUNT(payloads); i++) {
        assert_notes(&APP, payloads[i], "");
    }
    assert_notes(&FORWARDING, NULL, "");
}

#define KEPT ": is a name that FCM keeps for itself; "
#define OURS ": is what Wakebus puts there itself; "
#define NO_TEXT ": is not a text, and FCM takes nothing else; "

static void payload__that_fcm_refuses_is_a_fault_by_its_member(void **state)
{
    static const struct {
        const struct app *app;
        const char *payload, *notes;
    } cases[] = {
        {&APP, "{\"data\":[]}", "apps.a.payload.data: is not a JSON object; "},
        {&APP, "{\"notification\":{\"title\":\"t\"},\"dta\":{}}",
         "apps.a.payload.notification: is not data, and a push has nothing "
         "else; "
         "apps.a.payload.dta: is not data, and a push has nothing else; "},
        {&APP,
         "{\"data\":{\"from\":\"\",\"message_type\":\"\",\"collapse_key\":\"\","
         "\"google.x\":\"\",\"gcm\":\"\"}}",
         "apps.a.payload.data.from" KEPT "apps.a.payload.data.message_type" KEPT
         "apps.a.payload.data.collapse_key" KEPT
         "apps.a.payload.data.google.x" KEPT "apps.a.payload.data.gcm" KEPT},
        {&APP,
         "{\"data\":{\"a\":1,\"b\":true,\"c\":null,\"d\":{},\"e\":[\"\"]}}",
         "apps.a.payload.data.a" NO_TEXT "apps.a.payload.data.b" NO_TEXT
         "apps.a.payload.data.c" NO_TEXT "apps.a.payload.data.d" NO_TEXT
         "apps.a.payload.data.e" NO_TEXT},
        {&APP, "{\"data\":{\"\":\"x\"}}",
         "apps.a.payload.data: has a member without a name; "},
        {&APP, "{\"data\":{\"account\":\"x\",\"channel\":7}}",
         "apps.a.payload.data.account" OURS "apps.a.payload.data.channel" OURS
         "apps.a.payload.data.channel" NO_TEXT},
        {&FORWARDING, "{\"data\":{\"iv\":\"\",\"encrypted\":\"\"}}",
         "apps.a.payload.data.iv" OURS "apps.a.payload.data.encrypted" OURS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_notes(cases[i].app, cases[i].payload, cases[i].notes);
    }
}

static void package__is_written_as_android_has_it(void **state)
{
    static const char *const right[] = {"org.example.app", "a.b", "A1_.b_2.C"};
    static const char *const wrong[] = {"app",  "org..app",     ".org.app",
                                        "a.b.", "org.1app",     "org.ex-ample",
                                        "",     "org.\xc3\xa9", "org.app x"};

    (void)state;
    for (size_t i = 0; i < COUNT(right); i++) {
        const struct app app = {.restricted_package = right[i]};
        assert_notes(&app, NULL, "");
    }
    for (size_t i = 0; i < COUNT(wrong); i++) {
        const struct app app = {.restricted_package = wrong[i]};
        assert_notes(&app, NULL,
                     "apps.a.restricted_package: is not the name of a "
                     "package; ");
    }
}

/* FCM counts names and values, and so do we. */
static void size__is_bounded_to_the_byte(void **state)
{
    static const struct {
        bool forwards;
        size_t size; /* of all the data */
        const char *notes;
    } cases[] = {
        {false, MESSAGE_DATA_MAX, ""},
        {false, MESSAGE_DATA_MAX + 1,
         "apps.a.payload.data: makes a push of 4097 bytes, and FCM takes "
         "4096; "},
        {true, MESSAGE_DATA_MAX - 1024, ""},
        {true, MESSAGE_DATA_MAX - 1023,
         "apps.a.payload.data: leaves 1023 bytes for what is forwarded, which "
         "needs 1024; "},
    };
    size_t ours = strlen("account") + 40 + strlen("channel") + 40;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app app = {.forwards_encrypted = cases[i].forwards};
        char *payload = app_check_filled(
            "{\"data\":{\"k\":\"", cases[i].size - ours - strlen("k"), "\"}}");
        assert_notes(&app, payload, cases[i].notes);
        free(payload);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload__that_fcm_takes_is_taken),
        cmocka_unit_test(payload__that_fcm_refuses_is_a_fault_by_its_member),
        cmocka_unit_test(package__is_written_as_android_has_it),
        cmocka_unit_test(size__is_bounded_to_the_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/apns-sender/payload.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define DEVICE "00112233445566778899aabbccddeeff00112233"
#define CHANNEL "ffffffffffffffffffffffffffffffffffffffff"

static char *write_for(struct app app, const char *payload,
                       const struct push_request *request, bool is_urgent,
                       enum forwarding *forwarding)
{
    app.payload = payload != NULL ? json_loads(payload, 0, NULL) : NULL;
    payload_t *written = payload_new(&app);
    char *body = payload_write(written, request, is_urgent, forwarding);

    payload_destroy(&written);
    payload_destroy(&written); /* idempotent */
    json_decref(app.payload);
    return body;
}

#define BUILT_IN                                                               \
    "\"alert\":{\"title\":\"New message\",\"body\":\"Open the app to read "    \
    "it\"},\"mutable-content\":1"

static void payload__is_what_the_operator_wants_and_what_is_ours(void **state)
{
    static const struct {
        enum apns_push_type type;
        const char *payload;
        bool is_urgent;
        const char *body; /* up to the account */
    } cases[] = {
        {APNS_ALERT, NULL, true,
         "\"aps\":{" BUILT_IN ",\"sound\":\"default\"}"},
        {APNS_ALERT, NULL, false, "\"aps\":{" BUILT_IN "}"},
        {APNS_BACKGROUND, NULL, true, "\"aps\":{\"content-available\":1}"},
        /* What is beside aps is beside the built-in one as well. */
        {APNS_ALERT, "{\"k\":[1,null,0.7,\"\xc3\xa9/\\\"\"]}", false,
         "\"aps\":{" BUILT_IN "},\"k\":[1,null,0.7,\"\xc3\xa9/\\\"\"]"},
        {APNS_ALERT, "{\"b\":{\"c\":true},\"aps\":{\"alert\":\"!\"},\"a\":2}",
         true, "\"aps\":{\"alert\":\"!\"},\"b\":{\"c\":true},\"a\":2"},
        /* What nobody waits for makes no sound, whatever that is. */
        {APNS_ALERT, "{\"aps\":{\"sound\":{\"name\":\"x\"},\"alert\":\"!\"}}",
         true, "\"aps\":{\"sound\":{\"name\":\"x\"},\"alert\":\"!\"}"},
        {APNS_ALERT, "{\"aps\":{\"sound\":{\"name\":\"x\"},\"alert\":\"!\"}}",
         false, "\"aps\":{\"alert\":\"!\"}"},
        {APNS_ALERT,
         "{\"aps\":{\"alert\":\"!\",\"interruption-level\":\"critical\"}}",
         false, "\"aps\":{\"alert\":\"!\"}"},
        {APNS_ALERT,
         "{\"aps\":{\"alert\":\"!\",\"interruption-level\":\"critical\"}}",
         true, "\"aps\":{\"alert\":\"!\",\"interruption-level\":\"critical\"}"},
        {APNS_ALERT, "{}", false, "\"aps\":{" BUILT_IN "}"},
    };
    static const struct push_request request = {.device = DEVICE,
                                                .channel = CHANNEL};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app app = {.push_type = cases[i].type};
        enum forwarding forwarding;
        char expected[400];
        char *body = write_for(app, cases[i].payload, &request,
                               cases[i].is_urgent, &forwarding);
        snprintf(expected, sizeof expected,
                 "{%s,\"account\":\"" DEVICE "\",\"channel\":\"" CHANNEL "\"}",
                 cases[i].body);
        assert_string_equal(body, expected);
        assert_int_equal(forwarding, FORWARDED_NOTHING);
        free(body);
    }
}

static void content__goes_along_if_the_app_wants_it(void **state)
{
    static const struct {
        bool wants;
        const char *encrypted, *iv;
        enum forwarding forwarding;
    } cases[] = {
        {true, "aGk=", "8iVbX7Nzr9pvH9KP", FORWARDED},
        {false, "aGk=", "8iVbX7Nzr9pvH9KP", FORWARDED_NOTHING},
        {true, NULL, NULL, FORWARDED_NOTHING},
        {true, "aGk=", NULL, FORWARDED_NOTHING},
        {true, NULL, "8iVb", FORWARDED_NOTHING},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct app app = {.push_type = APNS_BACKGROUND,
                                .forwards_encrypted = cases[i].wants};
        const struct push_request request = {.device = DEVICE,
                                             .encrypted = cases[i].encrypted,
                                             .iv = cases[i].iv};
        enum forwarding forwarding;
        char *body = write_for(app, NULL, &request, true, &forwarding);
        assert_int_equal(forwarding, cases[i].forwarding);
        assert_string_equal(
            body, forwarding == FORWARDED
                      ? "{\"aps\":{\"content-available\":1},\"account\":"
                        "\"" DEVICE "\",\"encrypted\":\"aGk=\",\"iv\":"
                        "\"8iVbX7Nzr9pvH9KP\"}"
                      : "{\"aps\":{\"content-available\":1},\"account\":"
                        "\"" DEVICE "\"}");
        free(body);
    }
}

/* To the byte, and what is left off leaves no trace. */
static void content__goes_along_as_far_as_there_is_room(void **state)
{
    static const struct app app = {.push_type = APNS_ALERT,
                                   .forwards_encrypted = true};
    struct push_request request = {.device = DEVICE, .iv = "8iVbX7Nzr9pvH9KP"};
    enum forwarding forwarding;
    char *plain = write_for(app, NULL, &request, true, &forwarding);
    size_t room = PAYLOAD_MAX - strlen(plain) -
                  strlen(",\"encrypted\":\"\",\"iv\":\"8iVbX7Nzr9pvH9KP\"");
    char content[PAYLOAD_MAX] = "";

    (void)state;
    memset(content, 'A', room);
    request.encrypted = content;
    char *full = write_for(app, NULL, &request, true, &forwarding);
    assert_int_equal(forwarding, FORWARDED);
    assert_int_equal(strlen(full), PAYLOAD_MAX);
    content[room] = 'A';
    char *left = write_for(app, NULL, &request, true, &forwarding);
    assert_int_equal(forwarding, FORWARDED_NOT);
    assert_string_equal(left, plain);
    free(left);
    free(full);
    free(plain);
}

static void room__is_what_the_largest_leaves(void **state)
{
    struct app app = {.push_type = APNS_BACKGROUND};
    static const char largest[] =
        "{\"aps\":{\"content-available\":1},\"account\":\"" DEVICE
        "\",\"channel\":\"" CHANNEL "\"}";
    payload_t *payload = payload_new(&app);

    (void)state;
    assert_int_equal(payload_room(payload), PAYLOAD_MAX - strlen(largest));
    payload_destroy(&payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(payload__is_what_the_operator_wants_and_what_is_ours),
        cmocka_unit_test(content__goes_along_if_the_app_wants_it),
        cmocka_unit_test(content__goes_along_as_far_as_there_is_room),
        cmocka_unit_test(room__is_what_the_largest_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

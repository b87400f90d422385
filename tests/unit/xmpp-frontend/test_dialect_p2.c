/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_p2.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

/* Of xiaomia1@jabber.de with device id 92afd7a91cdba9a0. */
#define XIAOMI "ec164939a8485ee6b7f7871071a11c7bb18aead5"

static const struct settings SETTINGS = {
    .app_count = 6,
    .apps = {{.name = "other", .backend = "fcm"},
             {.name = "conversations", .backend = "fcm", .is_default = true},
             {.name = "ios", .backend = "apns", .is_default = true},
             {.name = "web", .backend = "wns"},
             {.name = "other-beta", .backend = "fcm"},
             {.name = "bare",
              .backend = "gcm",
              .is_default = true,
              .is_stateless = true}}};

/* A command from the known account, with a form if it has any field. */
static struct iq command(const char *node, const char *action)
{
    return (struct iq){.type = IQ_SET,
                       .head = {.id = "1",
                                .from = "xiaomia1@jabber.de/Conversations.x1",
                                .to = "p.example.net"},
                       .payload = PAYLOAD_COMMAND,
                       .node = node,
                       .action = action};
}

static void set_field(struct iq *iq, const char *var, const char *value)
{
    iq->form.present = true;
    iq->form.fields[iq->form.count].var = var;
    iq->form.fields[iq->form.count].value = value;
    iq->form.count++;
}

static struct iq registration(const char *action)
{
    struct iq iq = command("register-push-fcm", action);

    set_field(&iq, "token", "T");
    set_field(&iq, "android-id", "92afd7a91cdba9a0");
    return iq;
}

static char *repeated(char c, size_t times)
{
    char *text = malloc(times + 1);

    assert_non_null(text);
    memset(text, c, times);
    text[times] = '\0';
    return text;
}

static void assert_refused(const struct request *request, enum answer answer,
                           const char *text)
{
    assert_int_equal(request->step, REQUEST_REFUSE);
    assert_int_equal(request->answer, answer);
    assert_int_equal(request->text != NULL, text != NULL);
    if (text != NULL) {
        assert_string_equal(request->text, text);
    }
}

/* ---- the hash ---- */

static void hash__is_the_one_that_clients_compute(void **state)
{
    static const struct {
        const char *jid, *device_id, *hash;
    } cases[] = {
        {"xiaomia1@jabber.de", "92afd7a91cdba9a0", XIAOMI},
        {"xiaomia1@jabber.de/Conversations.x1", "92afd7a91cdba9a0", XIAOMI},
        {"Xiaomia1@Jabber.DE/X", "92afd7a91cdba9a0", XIAOMI},
        /* The device id is taken as it is. */
        {"xiaomia1@jabber.de", "92AFD7A91CDBA9A0",
         "032de0c9ec53fed17df15a9a528deb8c7fb4374e"},
        {"", "", "5ba93c9db0cff93f52b521d7420e43f6eda2784f"},
    };
    char hash[HASH_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        p2_hash(hash, cases[i].jid, cases[i].device_id);
        assert_string_equal(hash, cases[i].hash);
    }
}

static void hash__has_room_for_the_longest_jid_and_device_id(void **state)
{
    char hash[HASH_SIZE];
    char *jid = repeated('j', 3071);
    char *device_id = repeated('d', 1024);

    (void)state;
    p2_hash(hash, jid, device_id);
    assert_int_equal(strlen(hash), 40);
    free(device_id);
    free(jid);
}

/* ---- which commands there are ---- */

static void commands__are_of_each_app_and_short_of_default_ones(void **state)
{
    static const char *const expected[] = {
        "register-push-fcm-other",
        "unregister-push-fcm-other",
        "register-push-fcm",
        "unregister-push-fcm",
        "register-push-fcm-conversations",
        "unregister-push-fcm-conversations",
        "register-push-apns",
        "unregister-push-apns",
        "register-push-apns-ios",
        "unregister-push-apns-ios",
        "register-push-wns-web",
        "unregister-push-wns-web",
        "register-push-fcm-other-beta",
        "unregister-push-fcm-other-beta",
    };
    static const struct settings none = {0};

    (void)state;
    const char **names = p2_commands(&SETTINGS);
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_string_equal(names[i], expected[i]);
        assert_true(p2_is_command(&SETTINGS, names[i]));
    }
    assert_null(names[COUNT(expected)]);
    free(names);
    names = p2_commands(&none);
    assert_null(names[0]);
    free(names);
}

static void unknown_node__is_no_command(void **state)
{
    static const char *const nodes[] = {
        NULL,
        "",
        "register",
        "register-push-",
        "register-push-wns", /* which has no default app */
        "register-push-FCM",
        "Register-push-fcm",
        " register-push-fcm",
        "register-push-fcm ",
        "unregister-push-",
        "register-push-gcm", /* which is stateless */
        "register-push-gcm-bare",
        "register-push-fcm-",
        "register-push-fcm-ios", /* which is not at FCM */
        "register-push-fcm-other-",
        "register-push-fcm-Other",
        "register-push-fcmother",
        "register-push-other",
        "register-push-fcm-conversations-beta",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(nodes); i++) {
        struct iq iq = command(nodes[i], NULL);
        struct request request;
        assert_false(p2_is_command(&SETTINGS, nodes[i]));
        p2_command(&request, &iq, &SETTINGS);
        assert_refused(&request, ANSWER_NO_COMMAND, NULL);
    }
}

static void command__chooses_the_app(void **state)
{
    static const struct {
        const char *rest, *app;
    } cases[] = {
        {"fcm", "conversations"}, {"fcm-conversations", "conversations"},
        {"fcm-other", "other"},   {"fcm-other-beta", "other-beta"},
        {"apns", "ios"},          {"wns-web", "web"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        for (int un = 0; un < 2; un++) {
            char node[64];
            struct iq iq = registration(NULL);
            struct request request;
            snprintf(node, sizeof node, "%sregister-push-%s", un ? "un" : "",
                     cases[i].rest);
            iq.node = node;
            p2_command(&request, &iq, &SETTINGS);
            assert_int_equal(request.step,
                             un ? REQUEST_UNREGISTER : REQUEST_REGISTER);
            assert_string_equal(request.app->name, cases[i].app);
        }
    }
}

/* ---- actions ---- */

static void action__decides_what_is_done(void **state)
{
    static const struct {
        const char *action;
        enum request_step with_form, without;
    } cases[] = {
        {NULL, REQUEST_REGISTER, REQUEST_ASK},
        {"", REQUEST_REGISTER, REQUEST_ASK},
        {"execute", REQUEST_REGISTER, REQUEST_ASK},
        {"next", REQUEST_REGISTER, REQUEST_REFUSE},
        {"complete", REQUEST_REGISTER, REQUEST_REFUSE},
        {"cancel", REQUEST_CANCEL, REQUEST_CANCEL},
        {"prev", REQUEST_REFUSE, REQUEST_REFUSE},
        {"Execute", REQUEST_REFUSE, REQUEST_REFUSE},
        {"run", REQUEST_REFUSE, REQUEST_REFUSE},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iq with = registration(cases[i].action);
        struct iq without = command("register-push-fcm", cases[i].action);
        struct request request;
        p2_command(&request, &with, &SETTINGS);
        assert_int_equal(request.step, cases[i].with_form);
        if (request.step == REQUEST_REFUSE) {
            assert_refused(&request, ANSWER_BAD_ACTION, NULL);
        }
        p2_command(&request, &without, &SETTINGS);
        assert_int_equal(request.step, cases[i].without);
        if (request.step == REQUEST_ASK) {
            assert_true(request.registers);
        }
    }
}

static void form__is_missing_only_when_the_client_means_to_send_it(void **state)
{
    struct iq iq = command("unregister-push-apns", "complete");
    struct request request;

    (void)state;
    p2_command(&request, &iq, &SETTINGS);
    assert_refused(&request, ANSWER_BAD_REQUEST, "form: missing.");
    iq.action = "execute";
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_ASK);
    assert_false(request.registers);
}

static void canceled_form__cancels_whatever_the_action(void **state)
{
    struct iq iq = registration("complete");
    struct request request;

    (void)state;
    iq.form.canceled = true;
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_CANCEL);
}

/* ---- registrations ---- */

static void registration__is_bound_to_the_domain_of_who_asks(void **state)
{
    struct iq iq = registration("complete");
    struct request request;

    (void)state;
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.app->name, "conversations");
    assert_string_equal(request.device, XIAOMI);
    assert_string_equal(request.channel, "");
    assert_string_equal(request.domain, "jabber.de");
    assert_string_equal(request.token, "T");
}

static void registration__goes_to_the_default_app_of_its_backend(void **state)
{
    struct iq iq = registration(NULL);
    struct request request;

    (void)state;
    iq.node = "register-push-apns";
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.app->name, "ios");
}

static void device_id__goes_before_android_id(void **state)
{
    struct iq iq = registration(NULL);
    struct request request;

    (void)state;
    set_field(&iq, "device-id", "92afd7a91cdba9a0");
    iq.form.fields[1].value = "not this one";
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.device, XIAOMI);
}

static void domain__is_found_in_every_jid(void **state)
{
    static const struct {
        const char *from, *domain;
    } cases[] = {
        {"a@Example.ORG/r", "example.org"},
        {"example.org", "example.org"},
        {"example.org/r@x/y", "example.org"},
        {"a@b\xc3\xbcro.example/r", "b\xc3\xbcro.example"},
        {"a@[::1]/r", "[::1]"},
        {"a@/r", NULL},
        {"/r", NULL},
        {"", NULL},
        {"a@", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iq iq = registration(NULL);
        struct request request;
        iq.head.from = cases[i].from;
        p2_command(&request, &iq, &SETTINGS);
        if (cases[i].domain == NULL) {
            assert_refused(&request, ANSWER_BAD_REQUEST, "from: not a JID.");
        } else {
            assert_int_equal(request.step, REQUEST_REGISTER);
            assert_string_equal(request.domain, cases[i].domain);
        }
    }
}

static void registration__names_the_field_it_refuses(void **state)
{
    char *token = repeated('t', 4097);
    char *id = repeated('i', 1025);
    char *jid = repeated('m', 3072);
    const struct {
        const char *var, *value, *text;
    } cases[] = {
        {"token", NULL, "token: missing."},
        {"token", token, "token: longer than 4096 bytes."},
        {"android-id", NULL, "device-id: missing."},
        {"android-id", id, "device-id: longer than 1024 bytes."},
        {"muc", jid, "muc: not a bare JID."},
        {"muc", "room@muc.example/nick", "muc: not a bare JID."},
        {"muc", "room@", "muc: not a bare JID."},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct iq iq = command("register-push-fcm", "execute");
        struct request request;
        iq.form.present = true;
        set_field(&iq, cases[i].var, cases[i].value);
        set_field(&iq, "token", "T");
        set_field(&iq, "android-id", "I");
        if (cases[i].value == NULL) { /* then it is the one left out */
            iq.form.fields[0].var = "other";
            iq.form.fields[0].value = "x";
            iq.form.fields[strcmp(cases[i].var, "token") == 0 ? 1 : 2].var =
                "another";
        }
        p2_command(&request, &iq, &SETTINGS);
        assert_refused(&request, ANSWER_BAD_REQUEST, cases[i].text);
    }
    free(jid);
    free(id);
    free(token);
}

static void registration__takes_what_is_just_short_enough(void **state)
{
    char *token = repeated('t', 4096);
    char *id = repeated('i', 1024);
    char *resource = repeated('r', 3071);
    struct iq iq = command("register-push-fcm", NULL);
    struct request request;

    (void)state;
    memcpy(resource, "a@b/", 4);
    iq.head.from = resource;
    set_field(&iq, "token", token);
    set_field(&iq, "device-id", id);
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.domain, "b");
    free(resource);
    resource = repeated('r', 3072);
    memcpy(resource, "a@b/", 4);
    iq.head.from = resource;
    p2_command(&request, &iq, &SETTINGS);
    assert_refused(&request, ANSWER_BAD_REQUEST, "from: not a JID.");
    free(resource);
    free(id);
    free(token);
}

static void domain__has_at_most_1023_bytes(void **state)
{
    char *domain = repeated('d', 1024);
    struct iq iq = registration(NULL);
    struct request request;

    (void)state;
    iq.head.from = domain;
    p2_command(&request, &iq, &SETTINGS);
    assert_refused(&request, ANSWER_BAD_REQUEST, "from: not a JID.");
    iq.head.from = domain + 1;
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    free(domain);
}

/* A group chat pushes from its own domain. */
static void muc__has_its_own_hash_and_domain(void **state)
{
    struct iq iq = registration(NULL);
    struct request request;
    char expected[HASH_SIZE];

    (void)state;
    set_field(&iq, "muc", "Room@Muc.Example");
    p2_hash(expected, "room@muc.example", "92afd7a91cdba9a0");
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.device, XIAOMI);
    assert_string_equal(request.channel, expected);
    assert_string_equal(request.domain, "muc.example");
}

static void unregistration__takes_a_channel_as_it_was_pushed(void **state)
{
    static const char *const OTHERS[] = {
        "f3d1a9b07c5e4d2b8a6f0e1c3b5d7f9a1c3e5b7",
        "f3d1a9b07c5e4d2b8a6f0e1c3b5d7f9a1c3e5b7d0",
        "F3D1A9B07C5E4D2B8A6F0E1C3B5D7F9A1C3E5B7D",
        "room@muc.example",
    };
    struct iq iq = command("unregister-push-fcm", "execute");
    struct request request;

    (void)state;
    iq.form.present = true;
    set_field(&iq, "channel", XIAOMI);
    set_field(&iq, "android-id", "I");
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_UNREGISTER);
    assert_string_equal(request.channel, XIAOMI);
    assert_string_equal(request.domain, "jabber.de");
    for (size_t i = 0; i < COUNT(OTHERS); i++) {
        iq.form.fields[0].value = OTHERS[i];
        p2_command(&request, &iq, &SETTINGS);
        assert_refused(&request, ANSWER_BAD_REQUEST,
                       "channel: not 40 lower-case hexadecimal digits.");
    }
    iq.node = "register-push-fcm"; /* it has nothing to say there */
    set_field(&iq, "token", "T");
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_REGISTER);
    assert_string_equal(request.channel, "");
}

static void unregistration__needs_no_token(void **state)
{
    struct iq iq = command("unregister-push-fcm", NULL);
    struct request request;

    (void)state;
    set_field(&iq, "device-id", "92afd7a91cdba9a0");
    p2_command(&request, &iq, &SETTINGS);
    assert_int_equal(request.step, REQUEST_UNREGISTER);
    assert_string_equal(request.app->name, "conversations");
    assert_string_equal(request.device, XIAOMI);
    assert_string_equal(request.channel, "");
    assert_null(request.token);
    iq.form.count = 0;
    p2_command(&request, &iq, &SETTINGS);
    assert_refused(&request, ANSWER_BAD_REQUEST, "device-id: missing.");
}

/* ---- pushes ---- */

static struct iq publish(const char *from, const char *node)
{
    return (struct iq){.type = IQ_SET,
                       .head = {.from = from},
                       .payload = PAYLOAD_PUBLISH,
                       .node = node};
}

static void push__comes_from_a_server_or_a_bare_jid(void **state)
{
    static const struct {
        const char *from, *domain;
    } cases[] = {{"Example.org", "example.org"},
                 {"juliet@example.org", "example.org"},
                 {"muc.example.org", "muc.example.org"}};
    struct iq iq = publish("juliet@example.org/balcony", "n");
    struct request request;

    (void)state;
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_FORBIDDEN, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        iq.head.from = cases[i].from;
        p2_publish(&request, &iq);
        assert_int_equal(request.step, REQUEST_PUSH);
        assert_string_equal(request.domain, cases[i].domain);
    }
}

static void push__needs_a_node(void **state)
{
    struct iq iq = publish("example.org", NULL);
    struct request request;

    (void)state;
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_NO_NODE, NULL);
    iq.node = "";
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_NO_NODE, NULL);
}

static void push__is_refused_past_its_bounds(void **state)
{
    char *long_jid = repeated('j', 3072);
    char *node = repeated('n', 1025);
    char *secret = repeated('s', 1025);
    struct iq iq = publish(long_jid, "n");
    struct request request;

    (void)state;
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_BAD_REQUEST, "from: not a JID.");
    iq.head.from = "a@";
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_BAD_REQUEST, "from: not a JID.");
    iq.head.from = "example.org";
    iq.node = node;
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_BAD_REQUEST,
                   "node: longer than 1024 bytes.");
    iq.node = node + 1;
    set_field(&iq, "secret", secret);
    p2_publish(&request, &iq);
    assert_refused(&request, ANSWER_BAD_REQUEST,
                   "secret: longer than 1024 bytes.");
    iq.form.fields[0].value = secret + 1;
    p2_publish(&request, &iq);
    assert_int_equal(request.step, REQUEST_PUSH);
    free(secret);
    free(node);
    free(long_jid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash__is_the_one_that_clients_compute),
        cmocka_unit_test(hash__has_room_for_the_longest_jid_and_device_id),
        cmocka_unit_test(commands__are_of_each_app_and_short_of_default_ones),
        cmocka_unit_test(unknown_node__is_no_command),
        cmocka_unit_test(command__chooses_the_app),
        cmocka_unit_test(action__decides_what_is_done),
        cmocka_unit_test(
            form__is_missing_only_when_the_client_means_to_send_it),
        cmocka_unit_test(canceled_form__cancels_whatever_the_action),
        cmocka_unit_test(registration__is_bound_to_the_domain_of_who_asks),
        cmocka_unit_test(registration__goes_to_the_default_app_of_its_backend),
        cmocka_unit_test(device_id__goes_before_android_id),
        cmocka_unit_test(domain__is_found_in_every_jid),
        cmocka_unit_test(registration__names_the_field_it_refuses),
        cmocka_unit_test(registration__takes_what_is_just_short_enough),
        cmocka_unit_test(domain__has_at_most_1023_bytes),
        cmocka_unit_test(muc__has_its_own_hash_and_domain),
        cmocka_unit_test(unregistration__takes_a_channel_as_it_was_pushed),
        cmocka_unit_test(unregistration__needs_no_token),
        cmocka_unit_test(push__comes_from_a_server_or_a_bare_jid),
        cmocka_unit_test(push__needs_a_node),
        cmocka_unit_test(push__is_refused_past_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

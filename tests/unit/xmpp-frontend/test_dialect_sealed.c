/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/dialect_sealed.h"

#include "services/xmpp-frontend/dialect_p2.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/sealed_settings.h"
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define DAY 86400

static struct settings *new_settings(int64_t max_age_s)
{
    struct settings *settings = sealed_settings_new();

    settings->sealed.max_age_s = max_age_s;
    return settings;
}

static void set_field(struct iq *iq, const char *var, const char *value)
{
    if (value != NULL) {
        iq->form.present = true;
        iq->form.fields[iq->form.count].var = var;
        iq->form.fields[iq->form.count++].value = value;
    }
}

static struct request registered(const struct settings *settings,
                                 const char *token, const char *muc,
                                 int64_t now_s)
{
    struct iq iq = {.type = IQ_SET,
                    .head = {"1", "juliet@example.org/x", "p.example.net"},
                    .payload = PAYLOAD_COMMAND,
                    .node = "register-push-fcm-bare"};
    struct request request;

    set_field(&iq, "token", token);
    set_field(&iq, "device-id", "d1");
    set_field(&iq, "muc", muc);
    p2_command(&request, &iq, settings);
    assert_int_equal(request.step, REQUEST_REGISTER);
    sealed_register(&request, settings, now_s);
    return request;
}

/* `request` and not its result: what was opened is in it. */
static void publish(struct request *request, const struct settings *settings,
                    const char *node, const char *secret, const char *from,
                    int64_t now_s)
{
    struct iq iq = {.type = IQ_SET,
                    .head = {"1", from, "p.example.net"},
                    .payload = PAYLOAD_PUBLISH,
                    .node = node};

    set_field(&iq, "secret", secret);
    p2_publish(request, &iq);
    assert_int_equal(request->step, REQUEST_PUSH);
    sealed_publish(request, &iq, settings, now_s);
}

static void assert_gone(const struct request *request)
{
    assert_int_equal(request->step, REQUEST_REFUSE);
    assert_int_equal(request->answer, ANSWER_GONE);
    assert_null(request->text);
}

static void push__finds_in_its_node_what_was_registered(void **state)
{
    static const struct {
        const char *muc, *from;
    } cases[] = {{NULL, "example.org"},
                 {NULL, "juliet@example.org"},
                 {NULL, "Example.ORG"},
                 {"room@muc.example.net", "muc.example.net"}};
    struct settings *settings = new_settings(0);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct request made = registered(settings, "T", cases[i].muc, DAY);
        struct request push;
        assert_int_equal(made.step, REQUEST_SEALED);
        assert_int_equal(strlen(made.secret), 24);
        publish(&push, settings, made.sealed, made.secret, cases[i].from,
                100 * DAY);
        assert_int_equal(push.step, REQUEST_WAKE);
        assert_ptr_equal(push.app, &settings->apps[0]);
        assert_string_equal(push.token, "T");
        assert_string_equal(push.device, made.device);
        assert_string_equal(push.channel, made.channel);
        assert_int_equal(push.channel[0] != '\0', cases[i].muc != NULL);
    }
    sealed_settings_free(settings);
}

static void what_is_wrong__is_answered_alike(void **state)
{
    struct settings *settings = new_settings(0);
    const struct request made = registered(settings, "T", NULL, DAY);
    char changed[SEALED_NODE_SIZE];
    struct request push;

    (void)state;
    memcpy(changed, made.sealed, sizeof changed);
    changed[10] = changed[10] == 'A' ? 'B' : 'A';
    const struct {
        const char *node, *secret, *from;
    } cases[] = {{made.sealed, made.secret, "example.net"},
                 {made.sealed, "wrong", "example.org"},
                 {made.sealed, NULL, "example.org"},
                 {changed, made.secret, "example.org"},
                 {"s1.", made.secret, "example.org"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        publish(&push, settings, cases[i].node, cases[i].secret, cases[i].from,
                DAY);
        assert_gone(&push);
    }
    sealed_settings_free(settings);
}

static void age__is_between_the_half_and_the_whole(void **state)
{
    struct settings *settings = new_settings(10 * DAY);
    struct request push;

    (void)state;
    for (int64_t since = 0; since < 10; since++) {
        int64_t now_s = (1000 + since) * DAY;
        struct request made = registered(settings, "T", NULL, now_s);
        /* At each login in the same half it is the same node. */
        struct request again =
            registered(settings, "T", NULL, now_s - since % 5 * DAY);
        assert_string_equal(again.sealed, made.sealed);
        again = registered(settings, "T", NULL, now_s + 5 * DAY);
        assert_string_not_equal(again.sealed, made.sealed);

        publish(&push, settings, made.sealed, made.secret, "example.org",
                now_s + 5 * DAY);
        assert_int_equal(push.step, REQUEST_WAKE);
        publish(&push, settings, made.sealed, made.secret, "example.org",
                now_s + 10 * DAY + 1);
        assert_gone(&push);
    }
    sealed_settings_free(settings);
}

/* Who sets an age later ends what is older by a new key, when he wants. */
static void node_without_an_age__is_good_for_ever(void **state)
{
    struct settings *settings = new_settings(0);
    const struct request made = registered(settings, "T", NULL, DAY);
    const struct request again = registered(settings, "T", NULL, 9000 * DAY);
    struct request push;

    (void)state;
    assert_string_equal(made.sealed, again.sealed);
    settings->sealed.max_age_s = DAY;
    publish(&push, settings, made.sealed, made.secret, "example.org",
            9000 * DAY);
    assert_int_equal(push.step, REQUEST_WAKE);
    sealed_settings_free(settings);
}

static void shortest_age__is_one_second(void **state)
{
    struct settings *settings = new_settings(1);
    const struct request made = registered(settings, "T", NULL, DAY);
    struct request push;

    (void)state;
    publish(&push, settings, made.sealed, made.secret, "example.org", DAY);
    assert_int_equal(push.step, REQUEST_WAKE);
    publish(&push, settings, made.sealed, made.secret, "example.org", DAY + 2);
    assert_gone(&push);
    sealed_settings_free(settings);
}

static void app_that_is_gone__is_still_named(void **state)
{
    struct settings *settings = new_settings(0);
    const struct request made = registered(settings, "T", NULL, DAY);
    struct request push;

    (void)state;
    settings->apps[0].name = "other";
    publish(&push, settings, made.sealed, made.secret, "example.org", DAY);
    assert_int_equal(push.step, REQUEST_WAKE);
    assert_null(push.app);
    assert_string_equal(push.app_name, "bare");
    sealed_settings_free(settings);
}

static void token_that_is_too_long__is_refused(void **state)
{
    struct settings *settings = new_settings(0);
    char token[1024 + 1] = "";

    (void)state;
    memset(token, 'x', 1024);
    struct request made = registered(settings, token, NULL, DAY);
    assert_int_equal(made.step, REQUEST_REFUSE);
    assert_int_equal(made.answer, ANSWER_BAD_REQUEST);
    assert_string_equal(made.text,
                        "token: too long for a node without a registration.");
    token[400] = '\0';
    made = registered(settings, token, NULL, DAY);
    assert_int_equal(made.step, REQUEST_SEALED);
    sealed_settings_free(settings);
}

static void without_keys__there_is_no_command_and_nothing_is_lost(void **state)
{
    struct settings *settings = new_settings(0);
    const struct request made = registered(settings, "T", NULL, DAY);
    struct request push;

    (void)state;
    assert_true(sealed_can_register(settings));
    assert_true(p2_is_command(settings, "register-push-fcm-bare"));
    sealed_settings_forget_keys(settings);
    assert_false(sealed_can_register(settings));
    assert_false(p2_is_command(settings, "register-push-fcm-bare"));
    publish(&push, settings, made.sealed, made.secret, "example.org", DAY);
    assert_int_equal(push.step, REQUEST_REFUSE);
    assert_int_equal(push.answer, ANSWER_TROUBLE);
    sealed_settings_free(settings);
}

static void other_nodes__are_left_alone(void **state)
{
    static const char *const nodes[] = {"7Bn3bOe0KxTS", "s1", "s2.AAAA", "S1."};
    struct settings *settings = new_settings(0);
    struct request push;

    (void)state;
    for (size_t i = 0; i < COUNT(nodes); i++) {
        publish(&push, settings, nodes[i], "S", "example.org", DAY);
        assert_int_equal(push.step, REQUEST_PUSH);
    }
    sealed_settings_free(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push__finds_in_its_node_what_was_registered),
        cmocka_unit_test(what_is_wrong__is_answered_alike),
        cmocka_unit_test(age__is_between_the_half_and_the_whole),
        cmocka_unit_test(node_without_an_age__is_good_for_ever),
        cmocka_unit_test(shortest_age__is_one_second),
        cmocka_unit_test(app_that_is_gone__is_still_named),
        cmocka_unit_test(token_that_is_too_long__is_refused),
        cmocka_unit_test(without_keys__there_is_no_command_and_nothing_is_lost),
        cmocka_unit_test(other_nodes__are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

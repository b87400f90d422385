/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/answer.h"

#include "tests/support/cmocka_test.h"
#include <stdbool.h>
#include <string.h>

/* What makes no server drop a subscription; see answer.h. */
static bool is_harmless(const struct stanza_error *error)
{
    return strcmp(error->type, "wait") == 0 &&
           (strcmp(error->condition, "remote-server-timeout") == 0 ||
            strcmp(error->condition, "internal-server-error") == 0 ||
            strcmp(error->condition, "service-unavailable") == 0);
}

static void transient_trouble__harms_no_subscription(void **state)
{
    static const enum answer transient[] = {ANSWER_TIMEOUT, ANSWER_TROUBLE,
                                            ANSWER_STOPPING};

    (void)state;
    for (size_t i = 0; i < COUNT(transient); i++) {
        assert_true(is_harmless(answer_error(transient[i])));
    }
}

static void item_not_found__is_said_of_what_is_gone_only(void **state)
{
    (void)state;
    for (int a = ANSWER_TIMEOUT; a <= ANSWER_UNKNOWN; a++) {
        const struct stanza_error *error = answer_error((enum answer)a);
        bool not_found = strcmp(error->condition, "item-not-found") == 0;
        assert_int_equal(not_found, a == ANSWER_GONE || a == ANSWER_NO_COMMAND);
    }
}

static void every_answer__has_an_error(void **state)
{
    static const struct {
        enum answer answer;
        const char *type, *condition, *detail;
    } cases[] = {
        {ANSWER_TIMEOUT, "wait", "remote-server-timeout", NULL},
        {ANSWER_TROUBLE, "wait", "internal-server-error", NULL},
        {ANSWER_STOPPING, "wait", "service-unavailable", NULL},
        {ANSWER_LIMITED, "wait", "resource-constraint", NULL},
        {ANSWER_GONE, "cancel", "item-not-found", NULL},
        {ANSWER_NO_COMMAND, "cancel", "item-not-found", NULL},
        {ANSWER_FORBIDDEN, "auth", "forbidden", NULL},
        {ANSWER_BAD_REQUEST, "modify", "bad-request", NULL},
        {ANSWER_NO_NODE, "modify", "bad-request", "nodeid-required"},
        {ANSWER_BAD_ACTION, "modify", "bad-request", "bad-action"},
        {ANSWER_UNSUPPORTED, "cancel", "feature-not-implemented", NULL},
        {ANSWER_UNKNOWN, "cancel", "service-unavailable", NULL},
    };

    (void)state;
    assert_int_equal(COUNT(cases), ANSWER_UNKNOWN);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct stanza_error *error = answer_error(cases[i].answer);
        assert_string_equal(error->type, cases[i].type);
        assert_string_equal(error->condition, cases[i].condition);
        assert_int_equal(error->detail == NULL, cases[i].detail == NULL);
        assert_int_equal(error->detail == NULL, error->detail_ns == NULL);
        if (error->detail != NULL) {
            assert_string_equal(error->detail, cases[i].detail);
        }
        assert_true(strlen(error->text) > 0);
        assert_null(strpbrk(error->text, "<>&"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(transient_trouble__harms_no_subscription),
        cmocka_unit_test(item_not_found__is_said_of_what_is_gone_only),
        cmocka_unit_test(every_answer__has_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/tally.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void set_apps(struct settings *settings, size_t count,
                     const char *const *names)
{
    settings->app_count = count;
    for (size_t i = 0; i < count; i++) {
        settings->apps[i] = (struct app){.name = names[i], .backend = "fcm"};
    }
}

/* A retry for this app, sent. */
static void push(struct tally *tally, const char *app)
{
    const struct target_due due = {.node = "n",
                                   .app = app,
                                   .device = "d",
                                   .token = "t",
                                   .deferred = "1",
                                   .priority = PRIORITY_HIGH};
    exchange_t *exchange = exchange_new_due(&due);

    tally_begin(tally, exchange, 0);
    tally_answer(tally, exchange, ANSWER_RESULT, OUTCOME_SENT, 1);
    exchange_destroy(&exchange);
}

static void assert_sent(const struct tally *tally, const char *app,
                        const char *backend, int sent)
{
    char line[200];
    metrics_t *page = metrics_new();

    tally_metrics(tally, page);
    char *text = metrics_print(page);
    snprintf(line, sizeof line,
             "\nwakebus_retry_outcomes_total{app=\"%s\",backend=\"%s\","
             "outcome=\"sent\"} %d\n",
             app, backend, sent);
    if (sent < 0) {
        *strstr(line, "\"sent\"") = '\0';
        assert_null(strstr(text, line));
    } else {
        assert_non_null(strstr(text, line));
    }
    free(text);
    metrics_destroy(&page);
}

static void apps__are_counted_by_name_when_others_come_and_go(void **state)
{
    static const char *const before[] = {"a", "b"};
    static const char *const after[] = {"c", "b"};
    static struct settings settings[2];
    static struct tally tally;

    (void)state;
    set_apps(&settings[0], 2, before);
    set_apps(&settings[1], 2, after);
    tally_use(&tally, &settings[0]);
    push(&tally, "a");
    push(&tally, "b");
    push(&tally, "b");
    push(&tally, "x");
    assert_sent(&tally, "a", "fcm", 1);
    assert_sent(&tally, "b", "fcm", 2);
    assert_sent(&tally, "", "", 1);

    tally_use(&tally, &settings[1]);
    push(&tally, "b");
    push(&tally, "c");
    assert_sent(&tally, "b", "fcm", 3);
    assert_sent(&tally, "c", "fcm", 1); /* none of those of `a` */
    assert_sent(&tally, "a", "fcm", -1);
    assert_sent(&tally, "", "", 2); /* but here they are */
    assert_int_equal(tally_outcome(&tally.retries, OUTCOME_SENT), 6);
    assert_int_equal(tally.retries.received, 6);
    tally_release(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(apps__are_counted_by_name_when_others_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

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

static exchange_t *new_push_with(const char *encrypted)
{
    const struct iq iq = {.head = {"1", "example.org", "p"},
                          .node = "n",
                          .encrypted = encrypted,
                          .iv = "AA=="};
    const struct request request = {.step = REQUEST_PUSH,
                                    .domain = "example.org",
                                    .may_forward = encrypted != NULL};

    return exchange_new(&iq, &request, 0);
}

static exchange_t *new_push(void)
{
    return new_push_with(NULL);
}

/* The lookup tells which app it is. */
static void look_up(exchange_t *exchange)
{
    static const struct target_lookup_result found = {
        .outcome = TARGET_OK,
        .app = "a",
        .device = "ec164939a8485ee6b7f7871071a11c7bb18aead5",
        .token = "t"};
    struct exchange_step step;
    struct proto_err err;
    struct msg m;

    char *frame = target_lookup_result_encode(&found, "1", &err);
    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    assert_int_equal(exchange_take(exchange, &m, &step, &err), 0);
    msg_close(&m);
    free(frame);
}

/* Who has joined a push is counted for the app that this one is for. */
static void joined__are_counted_for_the_app_of_their_leader(void **state)
{
    static const char *const names[] = {"b", "a"};
    static struct settings settings;
    static struct tally tally;
    exchange_t *leader = new_push();
    exchange_t *other = new_push();

    (void)state;
    set_apps(&settings, 2, names);
    tally_use(&tally, &settings);
    tally_begin(&tally, leader, 0);
    tally_begin(&tally, other, 0);
    exchange_join(leader, &other);
    look_up(leader);
    assert_int_equal(tally.pushes.in_flight, 2);
    tally_answer(&tally, leader, ANSWER_RESULT, OUTCOME_SENT, 1);
    tally_answer(&tally, exchange_next(leader), ANSWER_RESULT,
                 OUTCOME_COALESCED, 1);
    size_t row = needs_of(&tally.rows, "a");
    assert_int_equal(tally.pushes.outcomes[row][OUTCOME_SENT], 1);
    assert_int_equal(tally.pushes.outcomes[row][OUTCOME_COALESCED], 1);
    assert_int_equal(tally.pushes.received, 2);
    assert_int_equal(tally.pushes.in_flight, 0);
    exchange_destroy(&leader);
    tally_release(&tally);
}

/* Who has no app that wants content never sees it counted. */
static void unfit_contents__are_those_of_apps_that_want_some(void **state)
{
    static const char *const names[] = {"a"};
    static const struct {
        bool forwards;
        bool is_known; /* the node is */
        const char *encrypted;
        uint64_t counted;
    } cases[] = {
        {true, true, "no base64", 1},  {true, true, "AAAA", 0},
        {true, true, NULL, 0},         {true, false, "no base64", 0},
        {false, true, "no base64", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct settings *settings = calloc(1, sizeof *settings);
        struct tally tally = {0};
        exchange_t *exchange = new_push_with(cases[i].encrypted);

        set_apps(settings, 1, names);
        settings->apps[0].forwards_encrypted = cases[i].forwards;
        tally_use(&tally, settings);
        tally_begin(&tally, exchange, 0);
        if (cases[i].is_known) {
            look_up(exchange);
        }
        tally_answer(&tally, exchange, ANSWER_RESULT, OUTCOME_SENT, 1);
        assert_int_equal(tally.unfit_contents, cases[i].counted);
        exchange_destroy(&exchange);
        tally_release(&tally);
        free(settings);
    }
}

static void turned_away__have_begun_and_failed(void **state)
{
    static const char *const names[] = {"a"};
    static struct settings settings;
    static struct tally tally;

    (void)state;
    set_apps(&settings, 1, names);
    tally_use(&tally, &settings);
    tally_turned_away(&tally, NULL);
    tally_turned_away(&tally, settings_app(&settings, "a"));
    assert_int_equal(tally.pushes.received, 2);
    assert_int_equal(tally.pushes.in_flight, 0);
    assert_int_equal(tally.pushes.outcomes[0][OUTCOME_FAILED], 1);
    assert_int_equal(
        tally.pushes.outcomes[needs_of(&tally.rows, "a")][OUTCOME_FAILED], 1);
    assert_int_equal(tally_outcome(&tally.pushes, OUTCOME_FAILED), 2);
    tally_release(&tally);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_away__have_begun_and_failed),
        cmocka_unit_test(unfit_contents__are_those_of_apps_that_want_some),
        cmocka_unit_test(joined__are_counted_for_the_app_of_their_leader),
        cmocka_unit_test(apps__are_counted_by_name_when_others_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

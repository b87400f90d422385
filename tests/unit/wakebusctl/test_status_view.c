/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/status_view.h"

#include "tests/support/cmocka_test.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct operator_status_result state_of(int64_t age_ms, int64_t received)
{
    return (struct operator_status_result){
        .version = "0.1.0 (cc563994c86b)",
        .age_ms = age_ms,
        .link = OPERATOR_LINK_UP,
        .link_age_ms = 7260000,
        .received = received,
        .in_flight = 12,
        .retried = 7,
        .retries_sent = 5,
        .registered = 1234,
        .queued = 1,
        .workers = {2,
                    {{"registry", "010a8b4f90982050", 0, 512, 7000},
                     {"fcm-sender", "f3af9c01", 12, 256, 86400000}}},
        .apps = {2,
                 {{.gone = 0},
                  {"conversations", "fcm", 1, 3, received - 30, 20, 1, 6, 2, 8,
                   4, 1}}}};
}

typedef void print_fn(const struct status_view *view, FILE *to);

static char *printed(print_fn *print, const struct status_view *view)
{
    size_t size;
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    print(view, to);
    fclose(to);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL) {
        print_error("\"%s\" is not in\n%s", part, text);
        fail();
    }
}

static void rate__is_of_two_states_of_one_start(void **state)
{
    static const struct {
        int64_t age_ms, before_age_ms, now, before;
        double rate;
    } cases[] = {
        {3000, 1000, 500, 100, 200}, {1500, 1000, 100, 100, 0},
        {1000, 1000, 500, 100, -1},  {500, 9000, 500, 100, -1},
        {3000, 1000, 5, 100, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct operator_status_result now = {.age_ms = cases[i].age_ms};
        const struct operator_status_result before = {
            .age_ms = cases[i].before_age_ms};
        const struct status_frontend frontend = {.now = &now,
                                                 .before = &before};
        assert_float_equal(
            status_rate(&frontend, cases[i].now, cases[i].before),
            cases[i].rate, 1e-6);
    }
    const struct operator_status_result only = {.age_ms = 1};
    const struct status_frontend first = {.now = &only};
    assert_float_equal(status_rate(&first, 1, 0), -1, 1e-6);
}

static void tables__tell_of_each_frontend(void **state)
{
    const struct operator_status_result before = state_of(600000, 1000000);
    const struct operator_status_result now = state_of(602000, 1000240);
    const struct status_frontend frontends[] = {
        {"tcp://192.0.2.7:5750", NULL, &now, &before},
        {"tcp://192.0.2.8:5750", "cannot be reached", NULL, NULL}};
    const struct status_view view = {.count = 2,
                                     .frontends = frontends,
                                     .waiting = -1,
                                     .waiting_trouble = "no registry"};

    (void)state;
    char *text = printed(status_print, &view);
    assert_has(text, "frontend  tcp://192.0.2.7:5750: up for 10 min, version "
                     "0.1.0 (cc563994c86b)\n"
                     "link      up for 2 h 1 min\n"
                     "pushes    120/s now, 1,000,240 since the start, 12 in "
                     "flight\n"
                     "retries   7 of deferred pushes, 5 got through\n"
                     "phones    1,234 registrations\n"
                     "queue     4 jobs wait for a worker\n");
    assert_has(text, "\n"
                     "WORKER      ID                JOBS  CREDIT    SINCE\n"
                     "registry    010a8b4f90982050     0     512      7 s\n"
                     "fcm-sender  f3af9c01            12     256  1 d 0 h\n");
    assert_has(text, "conversations  fcm            1       3       120  "
                     "1,000,210    20        1         6        2          8   "
                     "     4       1\n");
    assert_has(text, "frontend  tcp://192.0.2.8:5750: cannot be reached\n");
    assert_has(text, "waiting   –: no registry\n");
    assert_null(strstr(text, "(no app)"));
    free(text);
}

static void tables__show_what_is_amiss(void **state)
{
    struct operator_status_result now = state_of(5000, 40);
    const struct status_frontend frontend = {"ipc:///f", NULL, &now, NULL};
    const struct status_view view = {.count = 1, .frontends = &frontend};

    (void)state;
    now.link = OPERATOR_LINK_DOWN;
    now.draining = 1;
    now.workers.count = 0;
    now.apps.items[0].gone = 1;
    char *text = printed(status_print, &view);
    assert_has(text, "up for 5 s, stopping, version");
    assert_has(text, "link      DOWN: see whether the XMPP server runs");
    free(text);
    now.link_why = "not-authorized";
    now.link_remedy = "check \033[2Jxmpp.secret";
    text = printed(status_print, &view);
    assert_has(text, "link      DOWN: not-authorized: check ");
    assert_null(strchr(text, '\033'));
    assert_has(text, "pushes    40 since the start");
    assert_has(text, "no worker is there");
    assert_has(text, "(no app)");
    assert_has(text, "waiting   0 targets in Redis");
    free(text);
}

static void link__is_silent_when_pings_do_not_come_back(void **state)
{
    struct operator_status_result now = state_of(2000, 50);
    const struct status_frontend frontend = {"ipc:///f", NULL, &now, NULL};
    const struct status_view view = {.count = 1, .frontends = &frontend};
    static const struct {
        int64_t silent_ms;
        const char *line;
    } cases[] = {
        {0, "link      up for 2 h 1 min\n"},
        {499, "link      up for 2 h 1 min\n"},
        {2000, "link      up for 2 h 1 min, but the XMPP server answers no "
               "ping: silent for 2 s\n"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        now.link_silent_ms = cases[i].silent_ms;
        char *text = printed(status_print, &view);
        assert_has(text, cases[i].line);
        free(text);
    }
}

static void lines__are_one_for_each_frontend(void **state)
{
    const struct operator_status_result before = state_of(1000, 50);
    const struct operator_status_result now = state_of(2000, 53);
    const struct status_frontend frontends[] = {
        {"tcp://a:1", NULL, &now, &before}, {"tcp://b:1", "x", NULL, NULL}};
    const struct status_view view = {.unix_ms = 1795451930973,
                                     .count = 2,
                                     .frontends = frontends,
                                     .waiting = 9};

    (void)state;
    char *text = printed(status_print_lines, &view);
    assert_string_equal(
        text,
        "2026-11-23T16:38:50Z tcp://a:1 state=up link=up pushes/s=3.0 "
        "in_flight=12 queued=4 workers=2 sent=23 gone=20 refused=1 deferred=6 "
        "expired=2 coalesced=8 limited=4 failed=1 waiting=9\n"
        "2026-11-23T16:38:50Z tcp://b:1 state=down\n");
    free(text);
}

static void json__is_one_object(void **state)
{
    const struct operator_status_result now = state_of(2000, 53);
    const struct status_frontend frontends[] = {
        {"tcp://a:1", NULL, &now, NULL}, {"tcp://b:1", "gone", NULL, NULL}};
    const struct status_view view = {.unix_ms = 1795451930973,
                                     .count = 2,
                                     .frontends = frontends,
                                     .waiting = -1};
    json_error_t error;
    const char *role, *why;
    json_t *rate, *waiting;
    json_int_t sent;

    (void)state;
    char *text = printed(status_print_json, &view);
    json_t *root = json_loads(text, 0, &error);
    assert_non_null(root);
    assert_int_equal(
        json_unpack(root, "{s:[{s:o,s:[{s:s},{}],s:[{},{s:I}]},{s:s}],s:o}",
                    "frontends", "pushes_per_second", &rate, "workers", "role",
                    &role, "apps", "sent", &sent, "why", &why, "waiting",
                    &waiting),
        0);
    assert_true(json_is_null(rate) && json_is_null(waiting));
    assert_string_equal(role, "registry");
    assert_int_equal(sent, 23);
    assert_string_equal(why, "gone");
    json_decref(root);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rate__is_of_two_states_of_one_start),
        cmocka_unit_test(tables__tell_of_each_frontend),
        cmocka_unit_test(tables__show_what_is_amiss),
        cmocka_unit_test(link__is_silent_when_pings_do_not_come_back),
        cmocka_unit_test(lines__are_one_for_each_frontend),
        cmocka_unit_test(json__is_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

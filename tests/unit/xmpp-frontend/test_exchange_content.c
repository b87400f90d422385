/* SPDX-License-Identifier: BSD-3-Clause */
/* What an exchange does with what the server has encrypted for the app. */
#include "services/xmpp-frontend/exchange.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"

static const struct settings SETTINGS = {
    .app_count = 2,
    .apps = {{.name = "ios", .backend = "apns", .forwards_encrypted = true},
             {.name = "mac", .backend = "apns"}}};

static exchange_t *new_push(const char *encrypted, bool is_urgent,
                            const char *module)
{
    struct iq iq = {.head = {"p1", "example.org", "p.example.net"},
                    .node = "N",
                    .is_urgent = is_urgent,
                    .encrypted = encrypted,
                    .iv = encrypted != NULL ? "AA==" : NULL};
    const struct request request = {.step = REQUEST_PUSH,
                                    .domain = "example.org",
                                    .may_forward = encrypted != NULL};

    if (module != NULL) {
        iq.form.count = 1;
        iq.form.fields[0].var = "pushModule";
        iq.form.fields[0].value = module;
    }
    return exchange_new(&iq, &request, 1);
}

static void take(exchange_t *exchange, char *frame)
{
    struct exchange_step step;
    struct proto_err err;
    struct msg m;

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    assert_int_equal(exchange_take(exchange, &m, &step, &err), 0);
    msg_close(&m);
    free(frame);
}

static void look_up(exchange_t *exchange, const char *app)
{
    const struct target_lookup_result result = {
        .outcome = TARGET_OK, .app = app, .device = DEVICE, .token = "T"};
    struct proto_err err;

    take(exchange, target_lookup_result_encode(&result, "1", &err));
    assert_true(exchange_route(exchange, &SETTINGS));
}

/* NULL: none. */
static void assert_forwards(const exchange_t *exchange, const char *encrypted)
{
    struct proto_err err;
    char *frame = exchange_encode(exchange, "1", 1234, &err);

    assert_non_null(frame);
    if (encrypted == NULL) {
        assert_null(strstr(frame, "\"encrypted\""));
        assert_null(strstr(frame, "\"iv\""));
    } else {
        char part[64];
        snprintf(part, sizeof part, "\"encrypted\":\"%s\",\"iv\":\"AA==\"",
                 encrypted);
        assert_non_null(strstr(frame, part));
    }
    free(frame);
}

static void content__goes_only_to_an_app_that_wants_it(void **state)
{
    static const struct {
        const char *app, *module, *encrypted;
    } cases[] = {
        {"ios", NULL, "QUFB"},
        {"mac", NULL, NULL},
        {"mac", "ios", "QUFB"},
        {"ios", "mac", NULL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        exchange_t *push = new_push("QUFB", true, cases[i].module);
        assert_forwards(push, NULL); /* to a registry */
        look_up(push, cases[i].app);
        assert_forwards(push, cases[i].encrypted);
        assert_forwards(push, cases[i].encrypted); /* to another sender */
        exchange_destroy(&push);
    }
}

static void content__that_is_unfit_is_told_of(void **state)
{
    exchange_t *push = new_push("no base64", true, NULL);

    (void)state;
    assert_true(exchange_has_unfit_content(push));
    look_up(push, "ios");
    assert_forwards(push, NULL);
    exchange_destroy(&push);
    push = new_push("QUFB", true, NULL);
    assert_false(exchange_has_unfit_content(push));
    exchange_destroy(&push);
    push = new_push(NULL, true, NULL);
    assert_false(exchange_has_unfit_content(push));
    exchange_destroy(&push);
}

/* Redis is told nothing of it, and a retry has nothing. */
static void content__is_lost_when_it_has_to_wait(void **state)
{
    const struct push_result later = {.verdict = PUSH_LATER};
    const struct target_due due = {.node = "N",
                                   .app = "ios",
                                   .device = DEVICE,
                                   .token = "T",
                                   .priority = PRIORITY_HIGH,
                                   .deferred = "1"};
    struct proto_err err;
    exchange_t *push = new_push("QUFB", true, NULL);

    (void)state;
    look_up(push, "ios");
    take(push, push_result_encode(&later, "1", &err));
    assert_int_equal(exchange_stage(push), STAGE_DEFER);
    assert_forwards(push, NULL);
    exchange_destroy(&push);
    push = exchange_new_due(&due);
    assert_true(exchange_route(push, &SETTINGS));
    assert_forwards(push, NULL);
    exchange_destroy(&push);
}

/* Whether they join before it is looked up or while it waits for a sender. */
static void content__of_pushes_that_are_one_is_one(void **state)
{
    static const struct {
        const char *first;
        bool first_urgent;
        const char *second;
        bool second_urgent;
        const char *forwarded;
    } cases[] = {
        {"QUFB", true, "QkJC", true, "QkJC"},
        {"QUFB", true, "QkJC", false, "QUFB"},
        {"QUFB", true, NULL, true, "QUFB"},
        {NULL, true, "QkJC", false, "QkJC"},
    };

    (void)state;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        size_t c = i / 2;
        exchange_t *leader =
            new_push(cases[c].first, cases[c].first_urgent, NULL);
        exchange_t *other =
            new_push(cases[c].second, cases[c].second_urgent, NULL);
        if (i % 2 == 0) {
            exchange_join(leader, &other);
            look_up(leader, "ios");
        } else {
            look_up(leader, "ios");
            exchange_join(leader, &other);
        }
        assert_forwards(leader, cases[c].forwarded);
        exchange_destroy(&leader);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content__goes_only_to_an_app_that_wants_it),
        cmocka_unit_test(content__that_is_unfit_is_told_of),
        cmocka_unit_test(content__is_lost_when_it_has_to_wait),
        cmocka_unit_test(content__of_pushes_that_are_one_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

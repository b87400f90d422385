/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis.h"
#include "services/registry/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The store without a Redis: this test is Redis. It notes the commands and
 * answers with what the test has prepared. */

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define NODE "7Bcdefghijkl"
#define SECRET "0123456789abcdefghijklmn"
#define IMPORTED "+/cdefghijkl" /* not with the device's tag */

enum { ANSWERS = 4 };

struct redis {
    const struct redis_answer *first[ANSWERS]; /* to the first commands … */
    const struct redis_answer *answer; /* … and all others; NULL: none comes */
    unsigned sent;                     /* commands */
    char command[16];                  /* of the last one: its name … */
    char key[64];                      /* … and its first key */
    char before[64];                   /* the first key of the one before */
    char at[16];                       /* the last text of the last one */
};

static struct redis fake;

void redis_send(redis_t *self, const char *const *argv, size_t argc,
                redis_answer_fn *on_answer, void *arg)
{
    bool script = strcmp(argv[0], "EVAL") == 0;

    assert_true(argc > (script ? 3U : 1U));
    for (size_t i = 0; i < argc; i++) {
        assert_non_null(argv[i]);
    }
    const struct redis_answer *first =
        self->sent < ANSWERS ? self->first[self->sent] : NULL;
    self->sent++;
    memcpy(self->before, self->key, sizeof self->before);
    snprintf(self->at, sizeof self->at, "%s", argv[argc - 1]);
    snprintf(self->command, sizeof self->command, "%s", argv[0]);
    snprintf(self->key, sizeof self->key, "%s", argv[script ? 3 : 1]);
    on_answer(arg, first != NULL ? first : self->answer);
}

/* What the callbacks got. */
struct heard {
    unsigned times;
    enum target_outcome outcome;
    char app[65], channel[41], node[16], secret[32];
};

static void copy(char *to, size_t room, const char *from)
{
    snprintf(to, room, "%s", from == NULL ? "(none)" : from);
}

static void on_registered(void *arg, const struct target_register_result *r)
{
    struct heard *heard = arg;

    heard->times++;
    heard->outcome = r->outcome;
    copy(heard->node, sizeof heard->node, r->node);
    copy(heard->secret, sizeof heard->secret, r->secret);
}

static void on_found(void *arg, const struct target_lookup_result *r)
{
    struct heard *heard = arg;

    heard->times++;
    heard->outcome = r->outcome;
    copy(heard->app, sizeof heard->app, r->app);
    copy(heard->channel, sizeof heard->channel, r->channel);
}

static void on_done(void *arg, enum target_outcome outcome)
{
    struct heard *heard = arg;

    heard->times++;
    heard->outcome = outcome;
}

static const struct target_register REGISTER = {
    .app = "conversations",
    .device = DEVICE,
    .domain = "example.org",
    .token = "token",
};

static struct heard try_register(store_t *store,
                                 const struct redis_answer *answer)
{
    struct heard heard = {0};

    fake.answer = answer;
    store_register(store, &REGISTER, on_registered, &heard);
    assert_int_equal(heard.times, 1);
    return heard;
}

static struct heard try_lookup(store_t *store, const char *node,
                               const char *secret,
                               const struct redis_answer *answer)
{
    struct target_lookup what = {"example.org", node, secret};
    struct heard heard = {0};

    fake.answer = answer;
    store_lookup(store, &what, on_found, &heard);
    assert_int_equal(heard.times, 1);
    return heard;
}

static void register__gives_what_redis_holds(void **state)
{
    struct redis_answer answer = {2, {NODE, SECRET}};
    struct heard heard = try_register(*state, &answer);

    assert_int_equal(heard.outcome, TARGET_OK);
    assert_string_equal(heard.node, NODE);
    assert_string_equal(heard.secret, SECRET);
    assert_string_equal(fake.command, "EVAL");
    assert_string_equal(fake.key, "wakebus:{7B}:device:" DEVICE);
    assert_int_equal(fake.sent, 1);
}

static void register__is_later_for_every_other_answer(void **state)
{
    static const struct redis_answer taken = {1, {NULL}};
    static const struct redis_answer half = {2, {NODE, NULL}};
    static const struct redis_answer empty = {0, {NULL}};
    const struct redis_answer *const answers[] = {NULL, &taken, &half, &empty};

    for (size_t i = 0; i < 4; i++) {
        struct heard heard = try_register(*state, answers[i]);
        assert_int_equal(heard.outcome, TARGET_LATER);
        assert_string_equal(heard.node, "(none)");
    }
}

static void lookup__finds_what_it_may(void **state)
{
    struct redis_answer row = {
        8, {"app", DEVICE, NULL, "token", "example.org", SECRET}};
    struct heard heard = try_lookup(*state, NODE, SECRET, &row);

    assert_int_equal(heard.outcome, TARGET_OK);
    assert_string_equal(heard.app, "app");
    assert_string_equal(heard.channel, "(none)");
    assert_string_equal(fake.command, "HMGET");
    assert_string_equal(fake.key, "wakebus:{7B}:node:" NODE);
}

static void lookup__finds_nothing_alike(void **state)
{
    static const struct redis_answer rows[] = {
        {8, {NULL, NULL, NULL, NULL, NULL, NULL}},
        {8, {"app", DEVICE, NULL, "token", "example.net", SECRET}},
        {8, {"app", DEVICE, NULL, "token", "example.org", "another"}},
        {8, {"app", DEVICE, NULL, "token", "example.org", NULL}},
        {8, {"app", DEVICE, NULL, NULL, "example.org", SECRET}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        fake.sent = 0;
        struct heard heard = try_lookup(*state, NODE, SECRET, &rows[i]);
        assert_int_equal(fake.sent, 2);
        assert_int_equal(heard.outcome, TARGET_ABSENT);
        assert_string_equal(heard.app, "(none)");
    }
}

/* A row whose secret was lost must not open to one who shows none. */
static void lookup__needs_a_secret(void **state)
{
    struct redis_answer row = {
        8, {"app", DEVICE, NULL, "token", "example.org", SECRET}};

    assert_int_equal(try_lookup(*state, NODE, NULL, &row).outcome,
                     TARGET_ABSENT);
    row.items[5] = NULL;
    assert_int_equal(try_lookup(*state, NODE, NULL, &row).outcome,
                     TARGET_ABSENT);
}

static void lookup__is_later_without_a_whole_answer(void **state)
{
    struct redis_answer strange = {1, {"OK"}};

    assert_int_equal(try_lookup(*state, NODE, SECRET, NULL).outcome,
                     TARGET_LATER);
    assert_int_equal(try_lookup(*state, NODE, SECRET, &strange).outcome,
                     TARGET_LATER);
}

static void lookup__follows_the_pointer_of_an_imported_node(void **state)
{
    static const struct redis_answer pointer = {
        8, {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "7B/0000beef"}};
    static const struct redis_answer row = {
        8, {"app", DEVICE, NULL, "token", "example.org", SECRET}};
    static const struct redis_answer nothing = {8, {NULL}};

    fake.first[0] = &pointer;
    struct heard heard = try_lookup(*state, IMPORTED, SECRET, &row);
    assert_int_equal(heard.outcome, TARGET_OK);
    assert_string_equal(fake.before, "wakebus:{+/}:node:" IMPORTED);
    assert_string_equal(fake.key, "wakebus:{7B}:node:" IMPORTED);
    fake.sent = 0;
    heard = try_lookup(*state, IMPORTED, SECRET, &nothing);
    assert_int_equal(heard.outcome, TARGET_ABSENT);
    assert_int_equal(fake.sent, 2);
    fake.sent = 0;
    heard = try_lookup(*state, IMPORTED, SECRET, &pointer);
    assert_int_equal(heard.outcome, TARGET_ABSENT);
    assert_int_equal(fake.sent, 2);
}

static void register__sees_to_the_pointer_of_an_imported_node(void **state)
{
    static const struct redis_answer known = {3, {IMPORTED, SECRET, "7B/beef"}};
    static const struct redis_answer ok = {1, {"ok"}};
    static const struct redis_answer taken = {1, {"taken"}};

    fake.first[0] = &known;
    struct heard heard = try_register(*state, &ok);
    assert_int_equal(heard.outcome, TARGET_OK);
    assert_string_equal(heard.node, IMPORTED);
    assert_string_equal(heard.secret, SECRET);
    assert_string_equal(fake.key, "wakebus:{+/}:node:" IMPORTED);
    assert_string_equal(fake.at, "7B/beef");
    fake.sent = 0;
    assert_int_equal(try_register(*state, NULL).outcome, TARGET_LATER);
    fake.sent = 0;
    assert_int_equal(try_register(*state, &taken).outcome, TARGET_LATER);
}

static void removal__takes_pointers_along(void **state)
{
    static const struct redis_answer gone = {
        5, {"ok", IMPORTED, "7B/1", "ABcdefghijkl", "7B/2"}};
    struct target_unregister unregister = {.app = "app", .device = DEVICE};
    struct heard heard = {0};

    fake.first[0] = &gone;
    store_unregister(*state, &unregister, on_done, &heard);
    assert_int_equal(heard.outcome, TARGET_OK);
    assert_int_equal(heard.times, 1);
    assert_int_equal(fake.sent, 3);
    assert_string_equal(fake.before, "wakebus:{+/}:node:" IMPORTED);
    assert_string_equal(fake.key, "wakebus:{AB}:node:ABcdefghijkl");
    assert_string_equal(fake.at, "7B/2");
}

static void impossible_node__is_not_asked_for(void **state)
{
    static const char *const nodes[] = {"x", "7B}:device:0", "7Bcdefghijklm"};
    struct target_forget forget = {
        .node = "x", .device = DEVICE, .token = "token"};
    struct heard heard = {0};

    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++) {
        assert_int_equal(try_lookup(*state, nodes[i], SECRET, NULL).outcome,
                         TARGET_ABSENT);
    }
    store_forget(*state, &forget, on_done, &heard);
    assert_int_equal(heard.outcome, TARGET_ABSENT);
    assert_int_equal(fake.sent, 0);
}

static void removal__gives_the_outcome_that_the_script_says(void **state)
{
    static const struct {
        struct redis_answer answer;
        enum target_outcome outcome;
    } cases[] = {
        {{1, {"ok"}}, TARGET_OK},         {{1, {"absent"}}, TARGET_ABSENT},
        {{1, {"kept"}}, TARGET_KEPT},     {{1, {"what?"}}, TARGET_LATER},
        {{1, {NULL}}, TARGET_LATER},      {{0, {NULL}}, TARGET_LATER},
        {{2, {"ok", "ok"}}, TARGET_LATER}};
    struct target_unregister unregister = {.app = "app", .device = DEVICE};
    struct target_forget forget = {
        .node = NODE, .device = DEVICE, .token = "token"};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct heard heard = {0};
        fake.answer = &cases[i].answer;
        store_unregister(*state, &unregister, on_done, &heard);
        assert_int_equal(heard.outcome, cases[i].outcome);
        store_forget(*state, &forget, on_done, &heard);
        assert_int_equal(heard.outcome, cases[i].outcome);
        assert_int_equal(heard.times, 2);
    }
}

static void removal__is_later_without_an_answer(void **state)
{
    struct target_unregister unregister = {.app = "app", .device = DEVICE};
    struct heard heard = {0};

    store_unregister(*state, &unregister, on_done, &heard);
    assert_int_equal(heard.times, 1);
    assert_int_equal(heard.outcome, TARGET_LATER);
}

static int set_up(void **state)
{
    fake = (struct redis){0};
    *state = store_new(&fake);
    return 0;
}

static int tear_down(void **state)
{
    store_destroy((store_t **)state);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(register__gives_what_redis_holds),
        TEST(register__is_later_for_every_other_answer),
        TEST(lookup__finds_what_it_may),
        TEST(lookup__finds_nothing_alike),
        TEST(lookup__needs_a_secret),
        TEST(lookup__is_later_without_a_whole_answer),
        TEST(lookup__follows_the_pointer_of_an_imported_node),
        TEST(register__sees_to_the_pointer_of_an_imported_node),
        TEST(removal__takes_pointers_along),
        TEST(impossible_node__is_not_asked_for),
        TEST(removal__gives_the_outcome_that_the_script_says),
        TEST(removal__is_later_without_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

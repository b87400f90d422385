/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/takeover.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <string.h>

/* This test is Redis: it notes the commands, and answers with what the test has
 * prepared for the first, the second and so on. */

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define AT_HOME "7Bcdefghijkl"
#define IMPORTED "+/cdefghijkl" /* not with the device's tag */
#define SECRET "0123456789abcdefghijklmn"

enum { COMMANDS = 3 };

struct redis {
    const struct redis_answer *answers[COMMANDS];
    size_t sent;
    char keys[COMMANDS][64]; /* the first key of each … */
    char last[COMMANDS][64]; /* … and its last text */
};

static struct redis fake;

void redis_send(redis_t *self, const char *const *argv, size_t argc,
                redis_answer_fn *on_answer, void *arg)
{
    size_t i = self->sent++;

    assert_true(i < COMMANDS && argc > 4);
    assert_string_equal(argv[0], "EVAL");
    for (size_t text = 0; text < argc; text++) {
        assert_non_null(argv[text]);
    }
    snprintf(self->keys[i], sizeof self->keys[i], "%s", argv[3]);
    snprintf(self->last[i], sizeof self->last[i], "%s", argv[argc - 1]);
    on_answer(arg, self->answers[i]);
}

static const struct redis_answer OK = {1, {"ok"}};

struct heard {
    unsigned times;
    bool known;
    enum import_outcome outcome;
};

static void on_done(void *arg, bool known, enum import_outcome outcome)
{
    struct heard *heard = arg;

    heard->times++;
    heard->known = known;
    heard->outcome = outcome;
}

static struct heard take_over(const char *node,
                              const struct redis_answer *first,
                              const struct redis_answer *second)
{
    const struct operator_import what = {.app = "app",
                                         .device = DEVICE,
                                         .domain = "example.org",
                                         .token = "token",
                                         .node = node,
                                         .secret = SECRET};
    struct heard heard = {0};

    fake = (struct redis){.answers = {first, second}};
    takeover_start(&fake, &what, on_done, &heard);
    assert_int_equal(heard.times, 1);
    return heard;
}

static void node_of_the_device__takes_one_step(void **state)
{
    struct heard heard = take_over(AT_HOME, &OK, NULL);

    (void)state;
    assert_true(heard.known && heard.outcome == IMPORT_OK);
    assert_int_equal(fake.sent, 1);
    assert_string_equal(fake.keys[0], "wakebus:{7B}:device:" DEVICE);
}

static void pointer__is_written_before_the_row(void **state)
{
    struct heard heard = take_over(IMPORTED, &OK, &OK);

    (void)state;
    assert_true(heard.known && heard.outcome == IMPORT_OK);
    assert_int_equal(fake.sent, 2);
    assert_string_equal(fake.keys[0], "wakebus:{+/}:node:" IMPORTED);
    assert_memory_equal(fake.last[0], "7B/", 3);
    assert_string_equal(fake.keys[1], "wakebus:{7B}:device:" DEVICE);
}

static void without_a_pointer__there_is_no_row(void **state)
{
    static const struct redis_answer taken = {1, {"taken"}};
    struct heard heard = take_over(IMPORTED, &taken, &OK);

    (void)state;
    assert_true(heard.known && heard.outcome == IMPORT_TAKEN);
    assert_int_equal(fake.sent, 1);
    heard = take_over(IMPORTED, NULL, &OK);
    assert_false(heard.known);
    assert_int_equal(fake.sent, 1);
}

static void pointer_to_nothing__is_removed(void **state)
{
    static const struct redis_answer kept = {3, {"kept", IMPORTED, "7B/beef"}};
    struct heard heard = take_over(IMPORTED, &OK, &kept);

    (void)state;
    assert_true(heard.known && heard.outcome == IMPORT_KEPT);
    assert_int_equal(fake.sent, 3);
    assert_string_equal(fake.keys[2], "wakebus:{+/}:node:" IMPORTED);
    assert_string_equal(fake.last[2], "7B/beef");
}

static void outcome__is_what_the_script_says(void **state)
{
    static const struct {
        struct redis_answer answer;
        bool known;
        enum import_outcome outcome;
    } cases[] = {
        {{1, {"ok"}}, true, IMPORT_OK},
        {{1, {"kept"}}, true, IMPORT_KEPT},
        {{1, {"taken"}}, true, IMPORT_TAKEN},
        {{1, {"absent"}}, false, IMPORT_OK},
        {{1, {NULL}}, false, IMPORT_OK},
        {{2, {"ok", "ok"}}, false, IMPORT_OK},
        {{0, {NULL}}, false, IMPORT_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct heard heard = take_over(AT_HOME, &cases[i].answer, NULL);
        assert_int_equal(heard.known, cases[i].known);
        assert_int_equal(heard.outcome, cases[i].outcome);
    }
    assert_false(take_over(AT_HOME, NULL, NULL).known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(node_of_the_device__takes_one_step),
        cmocka_unit_test(pointer__is_written_before_the_row),
        cmocka_unit_test(without_a_pointer__there_is_no_row),
        cmocka_unit_test(pointer_to_nothing__is_removed),
        cmocka_unit_test(outcome__is_what_the_script_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

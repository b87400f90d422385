/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_reply.h"

#include "tests/support/cmocka_test.h"
#include <hiredis/hiredis.h>

/* hiredis takes texts without a const. */
static char ONE[] = "one";
static char TWO[] = "two";

static redisReply text = {.type = REDIS_REPLY_STRING, .str = ONE};
static redisReply status = {.type = REDIS_REPLY_STATUS, .str = TWO};
static redisReply nil = {.type = REDIS_REPLY_NIL};
static redisReply number = {.type = REDIS_REPLY_INTEGER, .integer = 7};

static redisReply array_of(redisReply **elements, size_t count)
{
    return (redisReply){
        .type = REDIS_REPLY_ARRAY, .elements = count, .element = elements};
}

static void reply__of_one_text_is_one_text(void **state)
{
    struct redis_answer answer;

    (void)state;
    assert_int_equal(redis_reply_read(&text, &answer), 0);
    assert_int_equal(answer.count, 1);
    assert_string_equal(answer.items[0], "one");
    assert_int_equal(redis_reply_read(&status, &answer), 0);
    assert_string_equal(answer.items[0], "two");
    assert_int_equal(redis_reply_read(&nil, &answer), 0);
    assert_int_equal(answer.count, 1);
    assert_null(answer.items[0]);
}

static void reply__that_is_a_number_says_that_it_is_done(void **state)
{
    struct redis_answer answer;

    (void)state;
    assert_int_equal(redis_reply_read(&number, &answer), 0);
    assert_int_equal(answer.count, 0);
}

static void reply__of_many_has_null_for_what_is_no_text(void **state)
{
    redisReply *elements[] = {&text, &number, &nil, &status};
    const redisReply reply = array_of(elements, COUNT(elements));
    struct redis_answer answer;

    (void)state;
    assert_int_equal(redis_reply_read(&reply, &answer), 0);
    assert_int_equal(answer.count, 4);
    assert_string_equal(answer.items[0], "one");
    assert_null(answer.items[1]);
    assert_null(answer.items[2]);
    assert_string_equal(answer.items[3], "two");
}

static void reply__that_no_command_has_is_refused(void **state)
{
    redisReply *elements[REDIS_ITEMS_MAX + 1];
    const redisReply error = {.type = REDIS_REPLY_ERROR, .str = ONE};
    struct redis_answer answer;

    (void)state;
    for (size_t i = 0; i < COUNT(elements); i++) {
        elements[i] = &text;
    }
    const redisReply most = array_of(elements, REDIS_ITEMS_MAX);
    const redisReply more = array_of(elements, REDIS_ITEMS_MAX + 1);
    assert_int_equal(redis_reply_read(&most, &answer), 0);
    assert_int_equal(redis_reply_read(&more, &answer), -1);
    assert_int_equal(redis_reply_read(&error, &answer), -1);
}

static void reply__of_any_shape_is_copied(void **state)
{
    redisReply *inner[] = {&text, &nil};
    redisReply pair = array_of(inner, COUNT(inner));
    redisReply none = array_of(NULL, 0);
    redisReply *outer[] = {&number, &pair, &none};
    const redisReply reply = array_of(outer, COUNT(outer));

    (void)state;
    struct redis_value value = redis_reply_copy(&reply);
    assert_null(value.text);
    assert_int_equal(value.count, 3);
    assert_int_equal(value.items[0].number, 7);
    assert_null(value.items[0].text);
    assert_int_equal(value.items[1].count, 2);
    assert_string_equal(value.items[1].items[0].text, "one");
    assert_null(value.items[1].items[1].text);
    assert_int_equal(value.items[2].count, 0);
    redis_reply_drop(&value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply__of_one_text_is_one_text),
        cmocka_unit_test(reply__that_is_a_number_says_that_it_is_done),
        cmocka_unit_test(reply__of_many_has_null_for_what_is_no_text),
        cmocka_unit_test(reply__that_no_command_has_is_refused),
        cmocka_unit_test(reply__of_any_shape_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/words.h"
#include "tests/support/cmocka_test.h"

static void words__are_short_and_never_lie(void **state)
{
    static const struct {
        void (*word)(char out[WORD_ROOM], double number);
        double number;
        const char *expected;
    } cases[] = {
        {word_count, 0, "0"},
        {word_count, 999, "999"},
        {word_count, 1000, "1,000"},
        {word_count, 12345678, "12,345,678"},
        {word_count, 1e15, "1,000,000,000,000,000"},
        {word_rate, 0, "0"},
        {word_rate, 0.0166, "0.02"},
        {word_rate, 0.99, "0.99"},
        {word_rate, 0.996, "1.0"},
        {word_rate, 9.94, "9.9"},
        {word_rate, 9.96, "10"},
        {word_rate, 1234.5, "1234"},
        {word_time, 420, "0.4 ms"},
        {word_time, 9949, "9.9 ms"},
        {word_time, 9951, "10 ms"},
        {word_time, 999400, "999 ms"},
        {word_time, 999600, "1.0 s"},
        {word_time, 12345678, "12.3 s"},
    };
    char word[WORD_ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cases[i].word(word, cases[i].number);
        assert_string_equal(word, cases[i].expected);
    }
}

static void word_share__is_all_or_nothing_only_if_it_is(void **state)
{
    static const struct {
        double part, whole;
        const char *expected;
    } cases[] = {{0, 0, "–"},          {0, 5, "0 %"},
                 {5, 5, "100 %"},      {1, 3, "33.3 %"},
                 {1, 2, "50.0 %"},     {99999, 100000, "99.9 %"},
                 {1, 100000, "0.1 %"}, {998, 1000, "99.8 %"}};
    char word[WORD_ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        word_share(word, cases[i].part, cases[i].whole);
        assert_string_equal(word, cases[i].expected);
    }
}

static void word_span__has_two_units_at_most(void **state)
{
    static const struct {
        int64_t seconds;
        const char *expected;
    } cases[] = {{0, "0 s"},        {59, "59 s"},        {60, "1 min"},
                 {3599, "59 min"},  {3600, "1 h 0 min"}, {86399, "23 h 59 min"},
                 {90000, "1 d 1 h"}};
    char word[WORD_ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        word_span(word, cases[i].seconds);
        assert_string_equal(word, cases[i].expected);
    }
}

static void word_some__knows_none_one_and_many(void **state)
{
    char word[WORD_ROOM];

    (void)state;
    word_some(word, 0, "sender");
    assert_string_equal(word, "no sender");
    word_some(word, 1, "sender");
    assert_string_equal(word, "1 sender");
    word_some(word, 2, "sender");
    assert_string_equal(word, "2 senders");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__are_short_and_never_lie),
        cmocka_unit_test(word_share__is_all_or_nothing_only_if_it_is),
        cmocka_unit_test(word_span__has_two_units_at_most),
        cmocka_unit_test(word_some__knows_none_one_and_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/bytes.h"

#include "tests/support/cmocka_test.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void bytes__grow_and_keep_what_there_was(void **state)
{
    struct bytes bytes = {0};
    char expected[5000];

    (void)state;
    for (size_t i = 0; i < sizeof expected; i++) {
        expected[i] = (char)('a' + i % 26);
        bytes_append(&bytes, &expected[i], 1);
    }
    bytes_append(&bytes, NULL, 0);
    assert_int_equal(bytes.size, sizeof expected);
    assert_memory_equal(bytes.data, expected, sizeof expected);
    bytes_free(&bytes);
    assert_null(bytes.data);
    bytes_free(&bytes);
}

static void bytes__take_one_piece_of_any_size(void **state)
{
    static const char big[100000];
    struct bytes bytes = {0};

    (void)state;
    bytes_append(&bytes, "x", 1);
    bytes_append(&bytes, big, sizeof big);
    assert_int_equal(bytes.size, sizeof big + 1);
    assert_true(bytes.room >= bytes.size);
    bytes_free(&bytes);
}

static void bytes__are_written_where_there_is_room(void **state)
{
    struct bytes bytes = {0};

    (void)state;
    memcpy(bytes_extend(&bytes, 3), "abc", 3);
    assert_int_equal(bytes.size, 0);
    bytes.size += 2;
    memcpy(bytes_extend(&bytes, 1), "d", 1);
    bytes.size++;
    assert_memory_equal(bytes.data, "abd", 3);
    bytes_free(&bytes);
}

static void bytes__lose_their_first(void **state)
{
    struct bytes bytes = {0};

    (void)state;
    bytes_remove(&bytes, 0);
    bytes_append(&bytes, "abcdef", 6);
    bytes_remove(&bytes, 0);
    bytes_remove(&bytes, 2);
    assert_int_equal(bytes.size, 4);
    assert_memory_equal(bytes.data, "cdef", 4);
    bytes_remove(&bytes, 4);
    assert_int_equal(bytes.size, 0);
    bytes_free(&bytes);
}

static void numbers__are_as_printf_has_them(void **state)
{
    static const int64_t NUMBERS[] = {0,   1,         9,         10,
                                      99,  100,       INT32_MAX, -1,
                                      -10, INT64_MAX, INT64_MIN, 1795451930973};

    (void)state;
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        struct bytes bytes = {0};
        char expected[32], digits[DECIMAL_SIZE];
        snprintf(expected, sizeof expected, "%" PRId64, NUMBERS[i]);
        bytes_append_number(&bytes, NUMBERS[i]);
        bytes_append(&bytes, "", 1);
        assert_string_equal(bytes.data, expected);
        snprintf(expected, sizeof expected, "%" PRIu64, (uint64_t)NUMBERS[i]);
        assert_int_equal(decimal_write(digits, (uint64_t)NUMBERS[i]),
                         strlen(expected));
        assert_string_equal(digits, expected);
        bytes_free(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes__grow_and_keep_what_there_was),
        cmocka_unit_test(bytes__take_one_piece_of_any_size),
        cmocka_unit_test(bytes__are_written_where_there_is_room),
        cmocka_unit_test(bytes__lose_their_first),
        cmocka_unit_test(numbers__are_as_printf_has_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/zmtp.h"
#include "tests/support/cmocka_test.h"
#include <string.h>

/* As libzmq 4.3.4 sends it; `changed` becomes `value`. */
static bool wants_curve(const char *mechanism, size_t changed, int value)
{
    unsigned char greeting[ZMTP_GREETING_SIZE] = {0xff, 0, 0, 0,    0, 0,
                                                  0,    0, 1, 0x7f, 3, 1};

    memcpy(greeting + 12, mechanism, strlen(mechanism));
    greeting[changed] = (unsigned char)value;
    return zmtp_wants_curve(greeting);
}

static void zmtp__knows_who_wants_curve(void **state)
{
    (void)state;
    assert_true(wants_curve("CURVE", 0, 0xff));
    assert_false(wants_curve("NULL", 0, 0xff));
    assert_false(wants_curve("PLAIN", 0, 0xff));
    assert_false(wants_curve("CURVES", 0, 0xff));
    assert_false(wants_curve("CURV", 0, 0xff));
    assert_false(wants_curve("", 0, 0xff));
}

static void zmtp__takes_later_versions(void **state)
{
    (void)state;
    assert_true(wants_curve("CURVE", 11, 0)); /* 3.0 */
    assert_true(wants_curve("CURVE", 10, 4));
    assert_false(wants_curve("CURVE", 10, 1)); /* had no mechanisms */
}

static void zmtp__wants_the_signature(void **state)
{
    (void)state;
    assert_false(wants_curve("CURVE", 0, 'H'));
    assert_false(wants_curve("CURVE", 9, 0));
    assert_true(wants_curve("CURVE", 8, 7)); /* padding */
}

static void zmtp__opening_ends_before_our_mechanism(void **state)
{
    unsigned char greeting[ZMTP_GREETING_SIZE] = {0};

    (void)state;
    memcpy(greeting, ZMTP_OPENING, ZMTP_OPENING_SIZE);
    memcpy(greeting + 12, "CURVE", 5);
    assert_int_equal(ZMTP_OPENING_SIZE, 11);
    assert_true(zmtp_wants_curve(greeting));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zmtp__knows_who_wants_curve),
        cmocka_unit_test(zmtp__takes_later_versions),
        cmocka_unit_test(zmtp__wants_the_signature),
        cmocka_unit_test(zmtp__opening_ends_before_our_mechanism),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/library_log.h"

#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include <czmq.h>
#include <stdio.h>
#include <string.h>

static int speak(void *arg)
{
    const int *times = arg;

    library_log_start();
    for (int i = 0; i < *times; i++) {
        zsys_error("number %d is odd", i);
    }
    return 0;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (; (text = strstr(text, part)) != NULL; text++) {
        count++;
    }
    return count;
}

static void line_of_czmq__is_one_of_ours(void **state)
{
    static struct captured c;
    int once = 1;

    (void)state;
    capture(&c, speak, &once);
    assert_int_equal(c.status, 0);
    assert_non_null(strstr(c.err, "warn wakebus ev=library.says library=czmq"));
    assert_non_null(strstr(c.err, "number 0 is odd\"\n"));
    assert_int_equal(count_of(c.err, "\n"), 1);
}

static void lines_of_czmq__do_not_flood(void **state)
{
    static struct captured c;
    int often = 1000;

    (void)state;
    capture(&c, speak, &often);
    assert_int_equal(c.status, 0);
    assert_in_range(count_of(c.err, "\n"), 1, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_of_czmq__is_one_of_ours),
        cmocka_unit_test(lines_of_czmq__do_not_flood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/child.h"

#include "tests/support/cmocka_test.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A shell that runs this text, in the directory "/". */
static child_t *start(const char *text)
{
    const char *const argv[] = {"sh", "-c", text, NULL};
    const struct child_conf conf = {"sh", argv, "/"};

    return child_start(&conf);
}

static void child__is_run_for_what_it_prints(void **state)
{
    static const char big[] = "head -c 200000 /dev/zero | tr '\\0' x; cat";
    child_t *children[] = {start("pwd; echo trouble >&2; exit 3"), NULL,
                           start(big)};

    (void)state;
    children_wait(children, COUNT(children), 20000);
    assert_int_equal(child_status(children[0]), 3);
    assert_string_equal(child_output(children[0]), "/\n");
    assert_string_equal(child_errors(children[0]), "trouble\n");
    assert_int_equal(child_status(children[2]), 0);
    assert_int_equal(strlen(child_output(children[2])), 200000);
    assert_string_equal(child_errors(children[2]), "");
    child_destroy(&children[0]);
    child_destroy(&children[2]);
}

static void child__that_does_not_end_is_killed(void **state)
{
    child_t *child = start("echo first; exec sleep 100");

    (void)state;
    children_wait(&child, 1, 300);
    assert_int_equal(child_status(child), 128 + 9);
    child_destroy(&child);
    assert_null(child);
    child_destroy(&child); /* idempotent */
}

static void child__that_there_is_not_is_told(void **state)
{
    const char *const argv[] = {"wakebus-nothing", NULL};
    const struct child_conf conf = {"wakebus-nothing", argv, NULL};

    (void)state;
    errno = 0;
    assert_null(child_start(&conf));
    assert_int_equal(errno, ENOENT);
}

/* This very program is beside itself, and in no PATH. */
static void child__is_looked_for_beside_us_first(void **state)
{
    const char *const argv[] = {"unit.wakebusctl.test_child", "child", NULL};
    const struct child_conf conf = {argv[0], argv, NULL};
    child_t *child = child_start(&conf);

    (void)state;
    assert_non_null(child);
    children_wait(&child, 1, 20000);
    assert_string_equal(child_output(child), "it is me\n");
    child_destroy(&child);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child__is_run_for_what_it_prints),
        cmocka_unit_test(child__that_does_not_end_is_killed),
        cmocka_unit_test(child__that_there_is_not_is_told),
        cmocka_unit_test(child__is_looked_for_beside_us_first),
    };

    if (argc > 1 && strcmp(argv[1], "child") == 0) {
        return write(STDOUT_FILENO, "it is me\n", 9) == 9 ? 0 : 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}

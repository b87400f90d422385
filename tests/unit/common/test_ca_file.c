/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/ca_file.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdlib.h>
#include <string.h>

#define QUIETLY " >/dev/null 2>&1"

static void make(const char *command)
{
    assert_int_equal(system(command), 0);
}

static int begin(void **state)
{
    int status = scratch_dir_enter(state);

    make("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=One "
         "-keyout key.pem -out one.pem" QUIETLY);
    make("openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=Two "
         "-keyout key.pem -out two.pem" QUIETLY);
    make("(echo '# One'; cat one.pem; echo; cat key.pem two.pem) > both.pem");
    make("sed 's/^M/!/' two.pem | cat one.pem - > broken.pem");
    scratch_file("empty.pem", "");
    return status;
}

static size_t count(const char *text)
{
    static const char BEGIN[] = "-----BEGIN ";
    size_t found = 0;

    while ((text = strstr(text, BEGIN)) != NULL) {
        text += strlen(BEGIN);
        found++;
    }
    return found;
}

static void file__gives_its_certificates_and_nothing_else(void **state)
{
    struct fault fault;
    char *one = ca_file_read("one.pem", &fault);
    char *both = ca_file_read("both.pem", &fault);

    (void)state;
    assert_non_null(one);
    assert_non_null(both);
    assert_int_equal(count(one), 1);
    assert_int_equal(count(both), 2);
    assert_memory_equal(both, one, strlen(one));
    assert_null(strstr(both, "PRIVATE"));
    free(one);
    free(both);
}

static void file__is_refused_with_what_is_wrong_with_it(void **state)
{
    static const struct {
        const char *path, *why;
    } cases[] = {
        {"nowhere.pem", "cannot be opened: No such file"},
        {"empty.pem", "holds no certificate"},
        {"key.pem", "holds no certificate"},
        {"broken.pem", "has a certificate that cannot be read"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct fault fault = {.why = ""};
        assert_null(ca_file_read(cases[i].path, &fault));
        assert_non_null(strstr(fault.why, cases[i].why));
        assert_non_null(fault.remedy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file__gives_its_certificates_and_nothing_else),
        cmocka_unit_test(file__is_refused_with_what_is_wrong_with_it),
    };
    return cmocka_run_group_tests(tests, begin, scratch_dir_leave);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/progress.h"

#include "tests/support/cmocka_test.h"

static void line__tells_how_far_it_is(void **state)
{
    static const struct {
        size_t total, done;
        int64_t ms;
        const char *line;
    } cases[] = {
        {1000, 0, 0, "import: [........................] 0%  0 of 1000  0/s"},
        {1000, 500, 250,
         "import: [############............] 50%  500 of 1000  2000/s  0 s "
         "left"},
        {100000, 1000, 2000,
         "import: [........................] 1%  1000 of 100000  500/s  198 s "
         "left"},
        {7, 7, 1000,
         "import: [########################] 100%  7 of 7  7/s  0 s left"},
        {0, 4200, 2000, "import: 4200  2100/s"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct progress progress = {.what = "import",
                                          .total = cases[i].total};
        char line[PROGRESS_ROOM];
        progress_line(line, &progress, cases[i].done, cases[i].ms);
        assert_string_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__tells_how_far_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

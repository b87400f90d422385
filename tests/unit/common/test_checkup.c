/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/checkup.h"

#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What `checkup` prints, to be freed. */
static char *printed(const checkup_t *checkup, bool colours)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    checkup_print(checkup, to, colours);
    fclose(to);
    return text;
}

static char *printed_json(const checkup_t *checkup)
{
    char *text = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&text, &size);

    assert_non_null(to);
    checkup_print_json(checkup, to, "registry");
    fclose(to);
    return text;
}

static void assert_printed(const checkup_t *checkup, const char *expected)
{
    char *text = printed(checkup, false);

    assert_string_equal(text, expected);
    free(text);
}

static void findings__are_told_in_the_order_of_their_steps(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    checkup_expect(checkup, "bus");
    checkup_expect(checkup, "redis");
    checkup_note(checkup, "nobody", FINDING_SKIPPED, NULL, "announced %s",
                 "it");
    checkup_note(checkup, "redis", FINDING_WARNING, "give more", "%d%%", 90);
    checkup_note(checkup, "bus", FINDING_OK, NULL, "one");
    checkup_note(checkup, "bus", FINDING_FAULT, "start it", "two");
    assert_printed(checkup, "  ok      bus     one\n"
                            "  FAULT   bus     two\n"
                            "                  -> start it\n"
                            "  warning redis   90%\n"
                            "                  -> give more\n"
                            "  skipped nobody  announced it\n");
    assert_int_equal(checkup_size(checkup), 4);
    assert_string_equal(checkup_finding(checkup, 1)->text, "two");
    checkup_destroy(&checkup);
    assert_null(checkup);
    checkup_destroy(&checkup); /* idempotent */
}

static void findings__that_did_not_come_are_faults(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    checkup_expect(checkup, "a");
    checkup_expect(checkup, "b");
    checkup_note(checkup, "b", FINDING_OK, NULL, "fine");
    checkup_conclude(checkup, "no answer");
    assert_printed(checkup, "  FAULT   a  no answer\n"
                            "  ok      b  fine\n");
    checkup_destroy(&checkup);
}

static void text__is_broken_between_words(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    checkup_note(checkup, "configuration", FINDING_FAULT,
                 "the public key of each side must be in the other's "
                 "bus.curve_authorized_dir, and here",
                 "%s",
                 "apps.ios.key_file: cannot be read: \xc3\xa4\xc3\xb6 No "
                 "such file or directory at all");
    checkup_note(checkup, "b", FINDING_OK, NULL, "%s",
                 "/a/path/without/any/space/in/it/which/is/longer/than/what/"
                 "there/is/of/room");
    assert_printed(
        checkup,
        "  FAULT   configuration  apps.ios.key_file: cannot be read: "
        "\xc3\xa4\xc3\xb6 No such file or\n"
        "                         directory at all\n"
        "                         -> the public key of each side must be in "
        "the other's\n"
        "                            bus.curve_authorized_dir, and here\n"
        "  ok      b              "
        "/a/path/without/any/space/in/it/which/is/longer/than/wh\n"
        "                         at/there/is/of/room\n");
    checkup_destroy(&checkup);
}

static void colours__are_only_around_the_state(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    checkup_note(checkup, "a", FINDING_OK, NULL, "fine");
    char *text = printed(checkup, true);
    assert_string_equal(text, "  \033[32mok      \033[0ma  fine\n");
    free(text);
    checkup_destroy(&checkup);
}

static int wants_colours(void *to)
{
    return checkup_wants_colours(to);
}

static void colours__are_not_for_files(void **state)
{
    FILE *file = tmpfile();
    struct captured captured;

    (void)state;
    assert_non_null(file);
    capture(&captured, wants_colours, file);
    assert_int_equal(captured.status, 0);
    fclose(file);
}

static void text__cannot_control_the_terminal(void **state)
{
    checkup_t *checkup = checkup_new();

    (void)state;
    checkup_note(checkup, "a", FINDING_FAULT, NULL, "%s",
                 "a\033[2Jb\r\nc\x7f"
                 "d");
    assert_printed(checkup, "  FAULT   a  a [2Jb  c d\n");
    checkup_destroy(&checkup);
}

static void text__is_cut_when_it_is_long(void **state)
{
    checkup_t *checkup = checkup_new();
    char longer[1000];

    (void)state;
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    checkup_note(checkup, longer, FINDING_FAULT, longer, "%s", longer);
    const struct finding *finding = checkup_finding(checkup, 0);
    assert_int_equal(strlen(finding->text), sizeof finding->text - 1);
    assert_int_equal(strlen(finding->remedy), sizeof finding->remedy - 1);
    free(printed(checkup, false));
    checkup_destroy(&checkup);
}

static void summary__counts(void **state)
{
    static const struct {
        size_t faults, warnings;
        const char *text;
    } cases[] = {
        {0, 0, "no faults"},
        {0, 1, "no faults, 1 warning"},
        {1, 0, "1 fault"},
        {2, 3, "2 faults, 3 warnings"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char summary[64];
        checkup_summary(cases[i].faults, cases[i].warnings, summary,
                        sizeof summary);
        assert_string_equal(summary, cases[i].text);
    }
}

static void json__is_read_as_it_was_written(void **state)
{
    checkup_t *checkup = checkup_new();
    checkup_t *again = checkup_new();
    char *rest;

    (void)state;
    checkup_note(checkup, "bus", FINDING_OK, NULL, "one");
    checkup_note(checkup, "a.push", FINDING_FAULT, "do \"it\"", "two");
    checkup_note(checkup, "redis", FINDING_WARNING, NULL, "three");
    checkup_note(checkup, "x", FINDING_SKIPPED, NULL, "four");
    char *text = printed_json(checkup);
    assert_string_equal(
        text,
        "{\"service\":\"registry\",\"step\":\"bus\",\"state\":\"ok\","
        "\"text\":\"one\"}\n"
        "{\"service\":\"registry\",\"step\":\"a.push\",\"state\":\"fault\","
        "\"text\":\"two\",\"remedy\":\"do \\\"it\\\"\"}\n"
        "{\"service\":\"registry\",\"step\":\"redis\",\"state\":\"warning\","
        "\"text\":\"three\"}\n"
        "{\"service\":\"registry\",\"step\":\"x\",\"state\":\"skipped\","
        "\"text\":\"four\"}\n");
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        assert_int_equal(checkup_read_json(again, line), 0);
    }
    free(text);
    char *first = printed_json(checkup);
    char *second = printed_json(again);
    assert_string_equal(first, second);
    free(first);
    free(second);
    checkup_destroy(&checkup);
    checkup_destroy(&again);
}

static void json__that_is_no_finding_is_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "x",
        "[]",
        "{}",
        "{\"step\":\"a\",\"state\":\"ok\"}",
        "{\"step\":\"a\",\"state\":\"well\",\"text\":\"x\"}",
        "{\"step\":1,\"state\":\"ok\",\"text\":\"x\"}",
    };
    checkup_t *checkup = checkup_new();

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        assert_int_equal(checkup_read_json(checkup, lines[i]), -1);
    }
    assert_int_equal(checkup_size(checkup), 0);
    checkup_destroy(&checkup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings__are_told_in_the_order_of_their_steps),
        cmocka_unit_test(findings__that_did_not_come_are_faults),
        cmocka_unit_test(text__is_broken_between_words),
        cmocka_unit_test(colours__are_only_around_the_state),
        cmocka_unit_test(colours__are_not_for_files),
        cmocka_unit_test(text__cannot_control_the_terminal),
        cmocka_unit_test(text__is_cut_when_it_is_long),
        cmocka_unit_test(summary__counts),
        cmocka_unit_test(json__is_read_as_it_was_written),
        cmocka_unit_test(json__that_is_no_finding_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

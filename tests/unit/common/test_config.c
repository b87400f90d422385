/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/config.h"

#include "proto/codec.h"
#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include "tests/support/scratch_dir.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum colour { RED, GREEN };

struct thing {
    const char *host;
    const char *secret;
    const char *recipe;
    int64_t port;
    bool on;
    enum colour colour;
    struct name_list names;
    json_t *form;
};

static const char *const COLOURS[] = {"red", "green", NULL};

#define AT(member) offsetof(struct thing, member)

static const struct setting TABLE[] = {
    {"x.host", SETTING_TEXT, AT(host), NULL, 1, 8, NULL, "cook", "a host"},
    {"x.secret", SETTING_SECRET, AT(secret), NULL, 2, 9, NULL, NULL,
     "a secret"},
    {"x.recipe", SETTING_SECRET, AT(recipe), NULL, 0, 9, NULL, "cook",
     "a recipe"},
    {"x.port", SETTING_INT, AT(port), "5", 1, 10, NULL, NULL, "a port"},
    {"on", SETTING_BOOL, AT(on), NULL, 0, 0, NULL, NULL, "a switch"},
    {"colour", SETTING_WORD, AT(colour), "green", 0, 0, COLOURS, NULL,
     "a colour"},
    {"names", SETTING_LIST, AT(names), NULL, 1, 3, NULL, NULL, "some names"},
    {"form", SETTING_OBJECT, AT(form), NULL, 0, 0, NULL, NULL, "a form"},
};

struct run {
    const char *file;         /* what stands in it, or NULL: no file */
    const char *variables[7]; /* "NAME=value", NULL-terminated */
    const char *audience;
};

static const char *or_none(const char *text)
{
    return text != NULL ? text : "-";
}

/* Read it all, print what is there, report what is not. */
static int read_run(void *arg)
{
    const struct run *run = arg;
    const struct config_scope scope = {TABLE, COUNT(TABLE), "", run->audience};
    struct thing thing = {0};

    for (size_t i = 0; run->variables[i] != NULL; i++) {
        putenv(strdup(run->variables[i]));
    }
    remove("c.json");
    if (run->file != NULL) {
        scratch_file("c.json", run->file);
    }
    config_t *config = config_open("c.json", run->file == NULL);
    config_read(config, &scope, &thing);
    config_refuse_unknown(config);
    printf("%s %s %d %d %s", or_none(thing.host), or_none(thing.secret),
           (int)thing.port, thing.on, COLOURS[thing.colour]);
    for (size_t i = 0; i < thing.names.count; i++) {
        printf(" %s", thing.names.items[i]);
    }
    if (thing.form != NULL) {
        putchar(' ');
        json_dumpf(thing.form, stdout, JSON_COMPACT);
    }
    size_t faults = config_report(config);
    config_close(&config);
    return (int)faults;
}

static void run_it(struct captured *captured, const struct run *run)
{
    struct run copy = *run;

    capture(captured, read_run, &copy);
}

static void value__is_of_environment_then_file_then_default(void **state)
{
    static const struct {
        struct run run;
        const char *values;
    } cases[] = {
        {{NULL, {NULL}, NULL}, "- - 5 0 green"},
        {{"{}", {NULL}, NULL}, "- - 5 0 green"},
        {{"{\"x\":{\"host\":null,\"port\":null},\"on\":null}", {NULL}, NULL},
         "- - 5 0 green"},
        {{"{\"x\":null}", {NULL}, NULL}, "- - 5 0 green"},
        {{"{\"x\":{\"host\":\"h\",\"secret\":\"ss\",\"port\":7},\"on\":true,"
          "\"colour\":\"red\",\"names\":[\"a\",\"bc\"]}",
          {NULL},
          NULL},
         "h ss 7 1 red a bc"},
        {{"{\"x\":{\"host\":\"h\",\"secret\":\"ss\",\"port\":7},\"on\":true,"
          "\"colour\":\"red\",\"names\":[\"a\",\"bc\"]}",
          {"WAKEBUS_X_HOST=e", "WAKEBUS_X_SECRET=es", "WAKEBUS_X_PORT=9",
           "WAKEBUS_ON=false", "WAKEBUS_COLOUR=green", "WAKEBUS_NAMES=c, d,e"},
          NULL},
         "e es 9 0 green c d e"},
        {{NULL, {"WAKEBUS_X_PORT=10", "WAKEBUS_ON=true"}, NULL},
         "- - 10 1 green"},
        /* Nobody looks into an object: its members are its own. */
        {{"{\"form\":{\"a.b\":{\"c\":[1]},\"d\":null}}", {NULL}, NULL},
         "- - 5 0 green {\"a.b\":{\"c\":[1]},\"d\":null}"},
        {{"{\"form\":{\"a\":1}}", {"WAKEBUS_FORM={\"b\": \"x y\"}"}, NULL},
         "- - 5 0 green {\"b\":\"x y\"}"},
        {{"{\"form\":null}", {NULL}, NULL}, "- - 5 0 green"},
        /* Bounds are inclusive and in bytes. */
        {{"{\"x\":{\"host\":\"\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\",\"port\":1},"
          "\"names\":[]}",
          {NULL},
          NULL},
         "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9 - 1 0 green"},
    };
    static struct captured c;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        run_it(&c, &cases[i].run);
        assert_string_equal(c.err, "");
        assert_string_equal(c.out, cases[i].values);
        assert_int_equal(c.status, 0);
    }
}

/* Whoever runs our Services in Kubernetes has these in the environment. */
static void service_links__are_no_settings(void **state)
{
    static struct captured c;

    (void)state;
    run_it(&c, &(struct run){"{\"x\":{\"port\":7}}",
                             {"WAKEBUS_X_PORT=tcp://10.0.0.1:5347",
                              "WAKEBUS_X_SERVICE_HOST=10.0.0.1",
                              "WAKEBUS_Z_SERVICE_PORT=9",
                              "WAKEBUS_Z_PORT_9_TCP_ADDR=10.0.0.1"},
                             NULL});
    assert_string_equal(c.err, "");
    assert_string_equal(c.out, "- - 7 0 green");
}

/* Of the four places for a secret: each wins over those after it. */
static void secret__may_stand_in_a_file_of_its_own(void **state)
{
    static const char BOTH[] =
        "{\"x\":{\"secret\":\"inline\",\"secret_file\":\"s1\"}}";
    static const struct {
        struct run run;
        const char *secret;
    } cases[] = {
        {{"{\"x\":{\"secret_file\":\"s1\"}}", {NULL}, NULL}, "- one 5"},
        {{BOTH, {NULL}, NULL}, "- inline 5"},
        {{BOTH, {"WAKEBUS_X_SECRET_FILE=s2"}, NULL}, "- two 5"},
        {{BOTH, {"WAKEBUS_X_SECRET_FILE=s2", "WAKEBUS_X_SECRET=env"}, NULL},
         "- env 5"},
        {{"{\"x\":{\"secret_file\":\"s1\"}}", {"WAKEBUS_X_SECRET=env"}, NULL},
         "- env 5"},
        {{"{\"x\":{\"secret_file\":null}}", {NULL}, NULL}, "- - 5"},
    };
    static struct captured c;

    (void)state;
    scratch_file("s1", "one");
    scratch_file("s2", "two\r\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        run_it(&c, &cases[i].run);
        assert_string_equal(c.err, "");
        assert_int_equal(c.status, 0);
        assert_memory_equal(c.out, cases[i].secret, strlen(cases[i].secret));
    }
}

static void secret__of_another_program_is_not_opened(void **state)
{
    static const struct {
        struct run run;
        const char *err;
    } cases[] = {
        {{"{\"x\":{\"recipe_file\":\"none\"}}", {NULL}, "waiter"}, ""},
        {{NULL, {"WAKEBUS_X_RECIPE_FILE=none"}, "waiter"}, ""},
        {{"{\"x\":{\"host\":\"h\"}}", {NULL}, "cook"}, ""},
        {{"{\"x\":{\"host\":\"h\",\"recipe_file\":\"none\"}}", {NULL}, "cook"},
         "c.json: x.recipe: cannot read none: No such file or directory; "
         "a recipe\n"},
    };
    static struct captured c;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        run_it(&c, &cases[i].run);
        assert_string_equal(c.err, cases[i].err);
    }
}

static void fault__names_the_member_and_the_remedy(void **state)
{
    static const struct {
        struct run run;
        const char *line;
    } cases[] = {
        /* The file. */
        {{"", {NULL}, NULL}, "c.json: not valid JSON at line 1 column 0; "},
        {{"{\n \"x\": }", {NULL}, NULL},
         "c.json: not valid JSON at line 2 column "},
        {{"{\"on\":true,\"on\":true}", {NULL}, NULL},
         "c.json: not valid JSON at line 1 "},
        {{"[]", {NULL}, NULL},
         "c.json: not a JSON object; it must begin with { and end with }\n"},
        /* The kinds. */
        {{"{\"x\":{\"host\":1}}", {NULL}, NULL},
         "x.host: not a string; a host\n"},
        {{"{\"x\":{\"host\":\"\"}}", {NULL}, NULL},
         "x.host: 0 bytes is not within 1 to 8; a host\n"},
        {{"{\"x\":{\"host\":\"123456789\"}}", {NULL}, NULL},
         "x.host: 9 bytes is not within 1 to 8; a host\n"},
        {{"{\"x\":{\"secret\":[]}}", {NULL}, NULL},
         "x.secret: not a string; a secret\n"},
        {{"{\"x\":{\"secret_file\":1}}", {NULL}, NULL},
         "x.secret_file: not a string; a secret\n"},
        {{"{\"x\":{\"secret_file\":\"none\"}}", {NULL}, NULL},
         "x.secret: cannot read none: No such file or directory; a secret\n"},
        {{"{\"x\":{\"secret_file\":\"long\"}}", {NULL}, NULL},
         "x.secret: 10 bytes is not within 2 to 9; a secret\n"},
        {{"{\"x\":{\"secret_file\":\"empty\"}}", {NULL}, NULL},
         "x.secret: 0 bytes is not within 2 to 9; a secret\n"},
        {{"{\"x\":{\"port\":\"7\"}}", {NULL}, NULL},
         "x.port: not a whole number; a port\n"},
        {{"{\"x\":{\"port\":7.0}}", {NULL}, NULL},
         "x.port: not a whole number; a port\n"},
        {{"{\"x\":{\"port\":0}}", {NULL}, NULL},
         "x.port: 0 is not within 1 to 10; a port\n"},
        {{"{\"x\":{\"port\":11}}", {NULL}, NULL},
         "x.port: 11 is not within 1 to 10; a port\n"},
        {{"{\"on\":\"true\"}", {NULL}, NULL},
         "on: neither true nor false; a switch\n"},
        {{"{\"colour\":true}", {NULL}, NULL},
         "colour: not a string; a colour\n"},
        {{"{\"colour\":\"blue\"}", {NULL}, NULL},
         "colour: not one of: red green; a colour\n"},
        {{"{\"names\":\"a\"}", {NULL}, NULL},
         "names: not a list of strings; some names\n"},
        {{"{\"names\":[\"a\",1]}", {NULL}, NULL},
         "names: has an item that is no string; some names\n"},
        {{"{\"names\":[\"abcd\"]}", {NULL}, NULL},
         "names: 4 bytes in an item is not within 1 to 3; some names\n"},
        {{"{\"form\":[]}", {NULL}, NULL}, "form: not a JSON object; a form\n"},
        {{"{}", {"WAKEBUS_FORM=[]"}, NULL},
         "form (from the environment, WAKEBUS_FORM): not a JSON object; a "
         "form\n"},
        {{"{}", {"WAKEBUS_FORM={\"a\":1,\"a\":2}"}, NULL},
         "form (from the environment, WAKEBUS_FORM): not a JSON object; a "
         "form\n"},
        /* What is not there, or should not be. */
        {{"{}", {NULL}, "cook"}, "x.host: missing; a host\n"},
        {{"{\"y\":1}", {NULL}, NULL},
         "y: unknown member; see --help for all that there are\n"},
        {{"{\"x\":{\"y\":1}}", {NULL}, NULL},
         "x.y: unknown member; see --help for all that there are\n"},
        {{"{\"x\":{\"port_file\":\"s\"}}", {NULL}, NULL},
         "x.port_file: unknown member; see --help for all that there are\n"},
        {{"{\"x.port\":7}", {NULL}, NULL},
         "x.port: unknown member; see --help for all that there are\n"},
        {{"{\"\":7}", {NULL}, NULL},
         ": unknown member; see --help for all that there are\n"},
        {{"{\"x\":{\"prot\":7}}", {NULL}, NULL},
         "x.prot: unknown member; did you mean x.port?\n"},
        {{"{\"x\":{\"secret_fiel\":\"s\"}}", {NULL}, NULL},
         "x.secret_fiel: unknown member; did you mean x.secret_file?\n"},
        {{"{\"color\":\"red\"}", {NULL}, NULL},
         "color: unknown member; did you mean colour?\n"},
        {{"{\"host\":\"h\"}", {NULL}, NULL},
         "host: unknown member; see --help for all that there are\n"},
        {{"{\"x\":7}", {NULL}, NULL},
         "x: not a JSON object; its members go between { and }\n"},
        {{"{\"x\":[]}", {NULL}, NULL},
         "x: not a JSON object; its members go between { and }\n"},
        /* The environment. */
        {{"{}", {"WAKEBUS_X_HOST="}, NULL},
         "x.host (from the environment, WAKEBUS_X_HOST): "
         "0 bytes is not within 1 to 8; a host\n"},
        {{"{}", {"WAKEBUS_X_HOST=\xff"}, NULL},
         "x.host (from the environment, WAKEBUS_X_HOST): not UTF-8; a host\n"},
        {{"{}", {"WAKEBUS_X_PORT=7x"}, NULL},
         "x.port (from the environment, WAKEBUS_X_PORT): "
         "not a whole number; a port\n"},
        {{"{}", {"WAKEBUS_X_PORT="}, NULL},
         "x.port (from the environment, WAKEBUS_X_PORT): "
         "not a whole number; a port\n"},
        {{"{}", {"WAKEBUS_X_PORT=99999999999999999999"}, NULL},
         "x.port (from the environment, WAKEBUS_X_PORT): "
         "not a whole number; a port\n"},
        {{"{}", {"WAKEBUS_X_PORT=0"}, NULL},
         "x.port (from the environment, WAKEBUS_X_PORT): "
         "0 is not within 1 to 10; a port\n"},
        {{"{}", {"WAKEBUS_ON=yes"}, NULL},
         "on (from the environment, WAKEBUS_ON): "
         "neither true nor false; a switch\n"},
        {{"{}", {"WAKEBUS_COLOUR=Red"}, NULL},
         "colour (from the environment, WAKEBUS_COLOUR): "
         "not one of: red green; a colour\n"},
        {{"{}", {"WAKEBUS_NAMES=a,bcde"}, NULL},
         "names (from the environment, WAKEBUS_NAMES): "
         "4 bytes in an item is not within 1 to 3; some names\n"},
        {{"{}", {"WAKEBUS_X_SECERT=s3cret"}, NULL},
         "WAKEBUS_X_SECERT: unknown environment variable; "
         "did you mean WAKEBUS_X_SECRET?\n"},
        {{"{}", {"WAKEBUS_XX_PORT=7"}, NULL},
         "WAKEBUS_XX_PORT: unknown environment variable; "
         "did you mean WAKEBUS_X_PORT?\n"},
        {{"{}", {"WAKEBUS_THING="}, NULL},
         "WAKEBUS_THING: unknown environment variable; "
         "see --help for all that there are\n"},
        {{"{}", {"WAKEBUS_X_SECRET_FILE=none"}, NULL},
         "x.secret (from the environment, WAKEBUS_X_SECRET_FILE): "
         "cannot read none: No such file or directory; a secret\n"},
    };
    static struct captured c;
    char expected[300];

    (void)state;
    scratch_file("long", "0123456789\n");
    scratch_file("empty", "\nsecond line\n");
    for (size_t i = 0; i < COUNT(cases); i++) {
        run_it(&c, &cases[i].run);
        snprintf(expected, sizeof expected, "c.json: %s", cases[i].line);
        assert_memory_equal(c.err, expected, strlen(expected));
        assert_int_equal(c.status, 1);
    }
}

static void missing__is_a_fault_only_for_who_needs_it(void **state)
{
    static struct captured c;

    (void)state;
    run_it(&c, &(struct run){"{}", {NULL}, "waiter"});
    assert_int_equal(c.status, 0);
    run_it(&c, &(struct run){"{}", {"WAKEBUS_X_HOST=h"}, "cook"});
    assert_int_equal(c.status, 0);
}

static void all_faults__are_reported_at_once(void **state)
{
    static struct captured c;

    (void)state;
    run_it(&c, &(struct run){"{\"x\":{\"port\":11,\"z\":0},\"on\":1,\"y\":{}}",
                             {"WAKEBUS_COLOUR=blue"},
                             "cook"});
    assert_string_equal(
        c.err,
        "c.json: x.host: missing; a host\n"
        "c.json: x.port: 11 is not within 1 to 10; a port\n"
        "c.json: on: neither true nor false; a switch\n"
        "c.json: colour (from the environment, WAKEBUS_COLOUR): "
        "not one of: red green; a colour\n"
        "c.json: x.z: unknown member; see --help for all that there are\n"
        "c.json: y: unknown member; see --help for all that there are\n");
    assert_int_equal(c.status, 6);
}

static int open_nothing(void *arg)
{
    config_t *config = config_open("not-there.json", arg != NULL);
    size_t faults = config_report(config);

    config_close(&config);
    config_close(&config); /* idempotent */
    return (int)faults;
}

static void file__that_is_not_there_is_a_fault_unless_optional(void **state)
{
    static struct captured c;

    (void)state;
    capture(&c, open_nothing, NULL);
    assert_int_equal(c.status, 1);
    assert_string_equal(c.err, "not-there.json: not-there.json: No such file "
                               "or directory; give a file to --config\n");
    capture(&c, open_nothing, &c);
    assert_int_equal(c.status, 0);
    assert_string_equal(c.err, "");
}

static void print__shows_what_is_in_force_without_secrets(void **state)
{
    static const struct config_scope scope = {TABLE, COUNT(TABLE), "", NULL};
    struct thing thing = {0};

    (void)state;
    scratch_file("c.json", "{\"x\":{\"host\":\"h\",\"secret\":\"hidden\"},"
                           "\"names\":[\"a\",\"b\"]}");
    config_t *config = config_open("c.json", false);
    config_read(config, &scope, &thing);
    assert_string_equal(thing.secret, "hidden");
    char *text = config_print(config);
    json_t *shown = json_loads(text, 0, NULL);
    json_t *expected =
        json_loads("{\"x\":{\"host\":\"h\",\"secret\":\"********\",\"port\":5},"
                   "\"colour\":\"green\",\"names\":[\"a\",\"b\"]}",
                   0, NULL);
    assert_true(json_equal(shown, expected));
    assert_null(strstr(text, "hidden"));
    json_decref(expected);
    json_decref(shown);
    free(text);
    config_close(&config);
}

static void members__are_counted_and_named(void **state)
{
    const char *names[2] = {NULL, NULL};

    (void)state;
    scratch_file("c.json", "{\"a\":{\"one\":1,\"two\":2,\"three\":3},\"b\":4}");
    config_t *config = config_open("c.json", false);
    assert_int_equal(config_members(config, "a", names, 2), 3);
    assert_string_equal(names[0], "one");
    assert_string_equal(names[1], "two");
    assert_int_equal(config_members(config, "b", names, 2), 0);
    assert_int_equal(config_members(config, "none", names, 2), 0);
    assert_int_equal(config_members(config, "a.one", names, 2), 0);
    config_close(&config);
}

static void warnings__are_told_and_are_no_faults(void **state)
{
    config_t *config = config_open(NULL, false);

    (void)state;
    config_warn(config, "x.host", "is old", "get a new one");
    assert_int_equal(config_report(config), 0);
    config_fault(config, "x.port", "is wrong", "mend it");
    assert_int_equal(config_report(config), 1);
    assert_int_equal(notes_count(config_notes(config), NOTE_WARNING), 1);
    config_close(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value__is_of_environment_then_file_then_default),
        cmocka_unit_test(service_links__are_no_settings),
        cmocka_unit_test(secret__may_stand_in_a_file_of_its_own),
        cmocka_unit_test(secret__of_another_program_is_not_opened),
        cmocka_unit_test(fault__names_the_member_and_the_remedy),
        cmocka_unit_test(missing__is_a_fault_only_for_who_needs_it),
        cmocka_unit_test(all_faults__are_reported_at_once),
        cmocka_unit_test(file__that_is_not_there_is_a_fault_unless_optional),
        cmocka_unit_test(print__shows_what_is_in_force_without_secrets),
        cmocka_unit_test(members__are_counted_and_named),
        cmocka_unit_test(warnings__are_told_and_are_no_faults),
    };
    return cmocka_run_group_tests(tests, scratch_dir_enter, scratch_dir_leave);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/own_format.h"
#include "services/wakebusctl/targets_file.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define OTHER_DEVICE "fc164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"
#define NODE "eKxTS5n3bOe0"
#define OTHER_NODE "aKxTS5n3bO+/"
#define SECRET "KK4+H5WMfpRG/2zCbuKq6wpX"
#define HEADER "service\tdevice\tchannel\tdomain\ttoken\tnode\tsecret\n"
#define ROW(service, node, device)                                             \
    service "\t" device "\t\texample.org\tt\t" node "\t" SECRET "\n"

static const struct p2_apps APPS = {"conversations", "ios"};

static struct targets_file parse(const char *text, enum targets_format format)
{
    struct targets_file file;
    char *copy = strdup(text);

    assert_non_null(copy);
    targets_file_parse(&file, copy, strlen(text), format, &APPS);
    return file;
}

/* "3 node is not 12 characters of base64; 4 …" */
static void check_faults(const char *text, const char *expected)
{
    struct targets_file file = parse(text, FORMAT_ANY);
    char told[2000] = "";
    size_t used = 0;

    for (size_t i = 0; i < file.faults.count && i < FAULTS_KEPT; i++) {
        const struct file_fault *fault = &file.faults.kept[i];
        used +=
            (size_t)snprintf(told + used, sizeof told - used, "%zu %s%s%s",
                             fault->line, fault->member ? fault->member : "",
                             fault->member ? " " : "", fault->why);
        if (fault->other_line > 0) {
            used += (size_t)snprintf(told + used, sizeof told - used, " %zu",
                                     fault->other_line);
        }
        used += (size_t)snprintf(told + used, sizeof told - used, ";");
    }
    assert_string_equal(told, expected);
    targets_file_free(&file);
}

static const struct target_row *row_of(const struct targets_file *file,
                                       const char *device, bool channel)
{
    for (size_t i = 0; i < file->rows.count; i++) {
        const struct target_row *row = &file->rows.items[i];
        if (strcmp(row->device, device) == 0 &&
            (row->channel != NULL) == channel) {
            return row;
        }
    }
    fail_msg("no row of that device");
    return NULL;
}

/* ---- what a real MariaDB has written ---- */

static void read_dump(struct targets_file *file, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/tests/integration/dumps/%s",
             WAKEBUS_SOURCE_DIR, name);
    assert_int_equal(targets_file_read(file, path, FORMAT_ANY, &APPS), 0);
    assert_int_equal(file->faults.count, 0);
    assert_int_equal(file->format, FORMAT_P2);
}

/* The rows of p2.sql. */
static void check_rows(const struct targets_file *file)
{
    const struct target_row *row =
        row_of(file, "43222c48f723561a617d6d87f9ee09b8f099aa67", false);

    assert_string_equal(row->app, "conversations");
    assert_string_equal(row->domain, "example.test");
    assert_string_equal(row->node, "Pjv57vX3nytJ");
    assert_string_equal(row->secret, "NK+H9VILablLDZguhbtVtnKo");
    assert_int_equal(strlen(row->token), 163);
    row = row_of(file, "43222c48f723561a617d6d87f9ee09b8f099aa67", true);
    assert_string_equal(row->channel,
                        "6baf2d64ca1aeb2173516d91c75a26d820a9168d");
    row = row_of(file, "3b803940e0e4470be49acce9121b9fc6a535c1af", false);
    assert_string_equal(row->app, "ios");
    row = row_of(file, "c5b6c4de8bddf75d6745c4c76035d45857e071e6", false);
    assert_string_equal(row->domain, "b\xc3\xbc"
                                     "cher.example");
}

static void dumps__are_read_to_the_last_byte(void **state)
{
    static const char *const names[] = {"p2.tab.txt", "p2.enclosed.csv",
                                        "p2.batch.tsv"};
    static const char TOKEN[] = "tab\t newline\n return\r back\\slash quote\"d "
                                "'single' comma, semi; \\N NULL";

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct targets_file file;
        read_dump(&file, names[i]);
        assert_int_equal(file.rows.count, 14);
        check_rows(&file);
        assert_string_equal(
            row_of(&file, "115d2a03e4958265eaf9e73d04e7b05e89c6d7eb", false)
                ->token,
            TOKEN);
        targets_file_free(&file);
    }
}

static void csv_with_a_header__is_read(void **state)
{
    struct targets_file file;

    (void)state;
    read_dump(&file, "p2.header.csv");
    assert_int_equal(file.rows.count, 13);
    check_rows(&file);
    targets_file_free(&file);
}

/* ---- p2 ---- */

static void columns__may_come_in_any_order(void **state)
{
    struct targets_file file =
        parse("secret,node,extra,token,domain,channel,device,service\r\n" SECRET
              "," NODE ",x,\"t,\"\"1\"\"\",Example.ORG," CHANNEL "," DEVICE
              ",apns\r\n",
              FORMAT_P2);

    (void)state;
    assert_int_equal(file.faults.count, 0);
    assert_int_equal(file.rows.count, 1);
    const struct target_row *row = file.rows.items;
    assert_string_equal(row->app, "ios");
    assert_string_equal(row->device, DEVICE);
    assert_string_equal(row->channel, CHANNEL);
    assert_string_equal(row->domain, "example.org");
    assert_string_equal(row->token, "t,\"1\"");
    assert_string_equal(row->node, NODE);
    assert_string_equal(row->secret, SECRET);
    assert_int_equal(row->created_ms, 0);
    assert_int_equal(row->renewed_ms, 0);
    targets_file_free(&file);
}

static void byte_order_mark__is_no_part_of_the_table(void **state)
{
    (void)state;
    check_faults("\xef\xbb\xbf" HEADER ROW("FCM", NODE, DEVICE), "");
}

static void faults_of_p2__name_line_and_member(void **state)
{
    static const struct {
        const char *text, *faults;
    } cases[] = {
        {"", "0 has no targets in it: is it the right file?;"},
        {HEADER, "0 has no targets in it: is it the right file?;"},
        {"service,device,domain,token,secret\n",
         "1 channel is no column of this table;"
         "1 node is no column of this table;"},
        {HEADER "a\tb\n\nc\n",
         "2 has another number of columns than the table;"
         "4 has another number of columns than the table;"},
        {HEADER ROW("GCM", NODE, DEVICE) ROW("\\N", NODE, DEVICE),
         "2 service is neither FCM nor APNS;3 service is neither FCM nor "
         "APNS;"},
        {ROW("FCM", "short", "EC164939"),
         "1 device is not 40 lowercase hex digits;"
         "1 node is not 12 characters of base64;"},
        {"FCM\t\\N\t\\N\t\\N\t\\N\t\\N\t\\N\n",
         "1 device is missing;1 domain is missing;1 token is missing;"
         "1 node is missing;1 secret is missing;"},
        {"FCM\t" DEVICE "\tx\tjuliet@example.org\t\xff\t" NODE "\tsecret!\n",
         "1 channel is not 40 lowercase hex digits;"
         "1 domain is not the name of a server;1 token is not UTF-8;"
         "1 secret is not 24 characters of base64;"},
        {ROW("FCM", NODE, DEVICE) ROW("FCM", OTHER_NODE, OTHER_DEVICE)
             ROW("APNS", NODE, DEVICE),
         "3 node is the same as in 1;"},
        {ROW("FCM", NODE, DEVICE) ROW("FCM", OTHER_NODE, DEVICE),
         "2 has the same device, channel and app as 1;"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_faults(cases[i].text, cases[i].faults);
    }
}

static void a_service_without_an_app__is_a_fault(void **state)
{
    static const struct p2_apps fcm_only = {"conversations", NULL};
    static const char TEXT[] =
        ROW("FCM", NODE, DEVICE) ROW("APNS", OTHER_NODE, OTHER_DEVICE);
    struct targets_file file;
    char *copy = strdup(TEXT);

    (void)state;
    targets_file_parse(&file, copy, strlen(TEXT), FORMAT_ANY, &fcm_only);
    assert_int_equal(file.faults.count, 1);
    assert_string_equal(file.faults.kept[0].member, "service");
    assert_string_equal(file.faults.kept[0].why, "has no app: see --app");
    assert_int_equal(file.rows.count, 1);
    assert_int_equal(file.rows.seen, 2);
    targets_file_free(&file);
}

static void the_rest__stays_when_some_are_at_fault(void **state)
{
    struct targets_file file = parse(
        ROW("FCM", "x", DEVICE)
            ROW("FCM", NODE, DEVICE) "garbage\n" ROW("FCM", NODE, OTHER_DEVICE),
        FORMAT_ANY);

    (void)state;
    assert_int_equal(file.rows.seen, 4);
    assert_int_equal(file.rows.count, 1);
    assert_int_equal(file.rows.items[0].line, 2);
    assert_int_equal(file.faults.count, 3);
    targets_file_free(&file);
}

static void many_faults__are_counted_and_the_first_kept(void **state)
{
    char text[3 * FAULTS_KEPT];

    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t i = 1; i < sizeof text; i += 2) {
        text[i] = '\n';
    }
    text[sizeof text - 1] = '\0';
    struct targets_file file = parse(text, FORMAT_P2);
    assert_int_equal(file.faults.count, sizeof text / 2);
    assert_int_equal(file.faults.kept[FAULTS_KEPT - 1].line, FAULTS_KEPT);
    targets_file_free(&file);
}

/* ---- the own format ---- */

#define HEAD "{\"format\":\"wakebus-targets\",\"version\":1}\n"
#define TARGET(node, device)                                                   \
    "{\"app\":\"a\",\"device\":\"" device "\",\"domain\":\"example.org\","     \
    "\"token\":\"t\",\"node\":\"" node "\",\"secret\":\"" SECRET "\"}\n"
#define END "{\"targets\":1}\n"

static void own_format__makes_the_round_trip(void **state)
{
    const struct target_row sent = {.app = "conversations",
                                    .device = DEVICE,
                                    .channel = CHANNEL,
                                    .domain = "b\xc3\xbc"
                                              "cher.example",
                                    .token = "\"\\\n\t\001/",
                                    .node = NODE,
                                    .secret = SECRET,
                                    .created_ms = 1,
                                    .renewed_ms = 1790000000000};
    char text[1000];
    char *lines[] = {own_format_head(), own_format_row(&sent),
                     own_format_end(1)};

    (void)state;
    snprintf(text, sizeof text, "%s%s%s", lines[0], lines[1], lines[2]);
    struct targets_file file = parse(text, FORMAT_ANY);
    assert_int_equal(file.format, FORMAT_OWN);
    assert_int_equal(file.faults.count, 0);
    assert_int_equal(file.rows.count, 1);
    const struct target_row *taken = file.rows.items;
    assert_string_equal(taken->app, sent.app);
    assert_string_equal(taken->device, sent.device);
    assert_string_equal(taken->channel, sent.channel);
    assert_string_equal(taken->domain, sent.domain);
    assert_string_equal(taken->token, sent.token);
    assert_string_equal(taken->node, sent.node);
    assert_string_equal(taken->secret, sent.secret);
    assert_int_equal(taken->created_ms, sent.created_ms);
    assert_int_equal(taken->renewed_ms, sent.renewed_ms);
    char *again = own_format_row(taken);
    assert_string_equal(again, lines[1]);
    free(again);
    for (size_t i = 0; i < 3; i++) {
        free(lines[i]);
    }
    targets_file_free(&file);
}

static void own_format__writes_no_broken_utf8(void **state)
{
    (void)state;
    assert_null(own_format_row(&(struct target_row){.token = "\xff"}));
}

static void faults_of_the_own_format__name_line_and_member(void **state)
{
    static const char EARLY[] =
        "0 ends too early: its last line, with the number of targets, is "
        "missing;";
    static const struct {
        const char *text, *faults;
    } cases[] = {
        {HEAD TARGET(NODE, DEVICE) END, ""},
        {HEAD "\n" TARGET(NODE, DEVICE) "\r\n" END "\n", ""},
        {HEAD "{\"targets\":0}", ""},
        {HEAD TARGET(NODE, DEVICE), EARLY},
        {HEAD TARGET(NODE, DEVICE) "{\"targets\":2}",
         "3 targets is not the number of targets in this file;"},
        {HEAD TARGET(NODE, DEVICE) END TARGET(OTHER_NODE, OTHER_DEVICE),
         "4 comes after the end;"},
        {TARGET(NODE, DEVICE) "{\"targets\":0}",
         "1 format is not wakebus-targets;"},
        {"{\"format\":\"wakebus-targets\",\"version\":2}\n{\"targets\":0}",
         "1 version is not 1: another Wakebus has written this;"},
        {HEAD "{\"app\":1,\"device\":\"x\",\"renewed\":\"x\",\"created\":-1,"
              "\"domain\":\"d\",\"node\":\"" NODE "\",\"secret\":\"" SECRET
              "\",\"token\":\"t\"}\n" END,
         "2 app is not a string;"
         "2 created is not a time in Unix milliseconds;"
         "2 renewed is not a time in Unix milliseconds;"},
        {HEAD "{\"app\":\"a\",\"device\":\"x\",\"token\":\"t\"}\n" END,
         "2 device is not 40 lowercase hex digits;2 domain is missing;"
         "2 node is missing;2 secret is missing;"},
        {HEAD "{\"app\":\"a\",\"app\":\"b\"}\n[]\n{\n\"\\u0000\"\n" END,
         "2 is not a JSON object in one line, in UTF-8;"
         "3 is not a JSON object in one line, in UTF-8;"
         "4 is not a JSON object in one line, in UTF-8;"
         "5 is not a JSON object in one line, in UTF-8;"
         "6 targets is not the number of targets in this file;"},
        {HEAD TARGET(NODE, DEVICE)
             TARGET(NODE, OTHER_DEVICE) "{\"targets\":2}\n",
         "3 node is the same as in 2;"},
        {HEAD TARGET(NODE, DEVICE)
             TARGET(OTHER_NODE, DEVICE) "{\"targets\":2}\n",
         ""}, /* the newer will win */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        check_faults(cases[i].text, cases[i].faults);
    }
}

static void a_format_that_is_told__is_not_guessed(void **state)
{
    struct targets_file file = parse(HEAD END, FORMAT_P2);

    (void)state;
    assert_int_equal(file.format, FORMAT_P2);
    assert_int_not_equal(file.faults.count, 0);
    targets_file_free(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dumps__are_read_to_the_last_byte),
        cmocka_unit_test(csv_with_a_header__is_read),
        cmocka_unit_test(columns__may_come_in_any_order),
        cmocka_unit_test(byte_order_mark__is_no_part_of_the_table),
        cmocka_unit_test(faults_of_p2__name_line_and_member),
        cmocka_unit_test(a_service_without_an_app__is_a_fault),
        cmocka_unit_test(the_rest__stays_when_some_are_at_fault),
        cmocka_unit_test(many_faults__are_counted_and_the_first_kept),
        cmocka_unit_test(own_format__makes_the_round_trip),
        cmocka_unit_test(own_format__writes_no_broken_utf8),
        cmocka_unit_test(faults_of_the_own_format__name_line_and_member),
        cmocka_unit_test(a_format_that_is_told__is_not_guessed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/log.h"

#include "tests/support/captured.h"
#include "tests/support/cmocka_test.h"
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* What a log call writes. The log is configured in the child alone. */
struct call {
    enum log_level level;
    enum log_format format;
    enum log_level event_level;
    const struct log_field *fields;
};

static int make_call(void *arg)
{
    const struct call *call = arg;

    log_start("tester");
    log_configure(call->level, call->format);
    log_write(call->event_level, "test.done", call->fields);
    return 0;
}

static void capture_call(struct captured *captured, const struct call *call)
{
    struct call copy = *call;

    capture(captured, make_call, &copy);
    assert_int_equal(captured->status, 0);
    assert_string_equal(captured->out, "");
}

/* The line without its time, for which there is a test of its own. */
static const char *after_time(const char *line)
{
    const char *space = strchr(line, ' ');

    assert_non_null(space);
    return space + 1;
}

static void time__is_utc_with_milliseconds(void **state)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
    const struct log_field none[] = {NO_FIELDS};
    static struct captured c;

    (void)state;
    capture_call(&c,
                 &(struct call){LEVEL_INFO, FORMAT_LOGFMT, LEVEL_INFO, none});
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (pattern[i] == 'd') {
            assert_true(isdigit((unsigned char)c.err[i]));
        } else {
            assert_int_equal(c.err[i], pattern[i]);
        }
    }
}

static void levels__let_through_what_is_at_least_as_grave(void **state)
{
    const struct log_field none[] = {NO_FIELDS};
    static struct captured c;
    char expected[64];

    (void)state;
    for (int level = LEVEL_ERROR; level <= LEVEL_DEBUG; level++) {
        for (int event = LEVEL_ERROR; event <= LEVEL_DEBUG; event++) {
            capture_call(&c,
                         &(struct call){(enum log_level)level, FORMAT_LOGFMT,
                                        (enum log_level)event, none});
            if (event > level) {
                assert_string_equal(c.err, "");
                continue;
            }
            snprintf(expected, sizeof expected, "%s tester ev=test.done\n",
                     LOG_LEVELS[event]);
            assert_string_equal(after_time(c.err), expected);
        }
    }
}

static const struct {
    const char *value, *logfmt, *json;
} TEXTS[] = {
    {"plain", "plain", "\"plain\""},
    {"a/b:c,d-e_f.g", "a/b:c,d-e_f.g", "\"a/b:c,d-e_f.g\""},
    {"", "\"\"", "\"\""},
    {"two words", "\"two words\"", "\"two words\""},
    {"a=b", "\"a=b\"", "\"a=b\""},
    {"say \"hi\"", "\"say \\\"hi\\\"\"", "\"say \\\"hi\\\"\""},
    {"back\\slash", "\"back\\\\slash\"", "\"back\\\\slash\""},
    {"a\nb", "\"a\\u000ab\"", "\"a\\u000ab\""},
    {"\x1b[31m", "\"\\u001b[31m\"", "\"\\u001b[31m\""},
    {"\x7f", "\"\\u007f\"", "\"\\u007f\""},
    {"b\xc3\xbcro", "\"b\xc3\xbcro\"", "\"b\xc3\xbcro\""},
    {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\x80\""},
    /* No UTF-8: alone, cut short, too long, a surrogate, past the end. */
    {"a\xffz", "\"a\\u00ffz\"", "\"a\\u00ffz\""},
    {"\xc3", "\"\\u00c3\"", "\"\\u00c3\""},
    {"\xc0\x80", "\"\\u00c0\\u0080\"", "\"\\u00c0\\u0080\""},
    {"\xe0\x80\x80", "\"\\u00e0\\u0080\\u0080\"", "\"\\u00e0\\u0080\\u0080\""},
    {"\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"", "\"\\u00ed\\u00a0\\u0080\""},
    {"\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"",
     "\"\\u00f4\\u0090\\u0080\\u0080\""},
};

static void logfmt__quotes_what_needs_it(void **state)
{
    static struct captured c;
    char expected[128];

    (void)state;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        const struct log_field fields[] = {TEXT("id", "k-1.2"),
                                           TEXT("value", TEXTS[i].value),
                                           NUM("n", -7), NO_FIELDS};
        capture_call(
            &c, &(struct call){LEVEL_INFO, FORMAT_LOGFMT, LEVEL_WARN, fields});
        snprintf(expected, sizeof expected,
                 "warn tester ev=test.done id=k-1.2 value=%s n=-7\n",
                 TEXTS[i].logfmt);
        assert_string_equal(after_time(c.err), expected);
    }
}

static void json__is_valid_whatever_the_text(void **state)
{
    static struct captured c;
    char expected[128];

    (void)state;
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        const struct log_field fields[] = {TEXT("value", TEXTS[i].value),
                                           NUM("n", INT64_MIN), NO_FIELDS};
        capture_call(
            &c, &(struct call){LEVEL_INFO, FORMAT_JSON, LEVEL_ERROR, fields});
        snprintf(expected, sizeof expected,
                 "\"level\":\"error\",\"svc\":\"tester\",\"ev\":\"test.done\","
                 "\"value\":%s,\"n\":-9223372036854775808}\n",
                 TEXTS[i].json);
        assert_memory_equal(c.err, "{\"ts\":\"", strlen("{\"ts\":\""));
        assert_non_null(strchr(c.err, ','));
        assert_string_equal(strchr(c.err, ',') + 1, expected);
        json_t *line = json_loads(c.err, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(line);
        json_decref(line);
    }
}

static void null_text__is_left_out(void **state)
{
    const struct log_field fields[] = {TEXT("a", NULL), TEXT("b", "1"),
                                       NO_FIELDS};
    static struct captured c;

    (void)state;
    capture_call(&c,
                 &(struct call){LEVEL_INFO, FORMAT_LOGFMT, LEVEL_INFO, fields});
    assert_string_equal(after_time(c.err), "info tester ev=test.done b=1\n");
}

/* A text of `size` bytes: as many times `unit` as fit, after `before` bytes. */
static void fill(char *text, size_t size, const char *unit, size_t before)
{
    memset(text, '.', before);
    for (size_t i = before; i < size; i++) {
        text[i] = unit[(i - before) % strlen(unit)];
    }
    text[size] = '\0';
}

/* For each alignment of characters of one to four bytes: the text is cut
 * between two of them, at the last possible place within 512 bytes. */
static void text__is_cut_after_512_bytes_between_characters(void **state)
{
    static const char *const units[] = {"x", "\xc3\xa9", "\xe2\x82\xac",
                                        "\xf0\x9f\x98\x80"};
    static struct captured c;
    char text[601];

    (void)state;
    for (size_t u = 0; u < COUNT(units); u++) {
        for (size_t before = 0; before < strlen(units[u]); before++) {
            const struct log_field fields[] = {TEXT("t", text), NO_FIELDS};
            size_t unit = strlen(units[u]);
            size_t whole = before + (512 - before) / unit * unit;
            fill(text, before + 588, units[u], before);
            capture_call(&c, &(struct call){LEVEL_INFO, FORMAT_JSON, LEVEL_INFO,
                                            fields});
            json_t *line = json_loads(c.err, 0, NULL);
            assert_non_null(line);
            const char *cut = json_string_value(json_object_get(line, "t"));
            assert_int_equal(strlen(cut), whole);
            assert_memory_equal(cut, text, whole);
            json_decref(line);
        }
    }
}

static void text__of_512_bytes_is_whole(void **state)
{
    static struct captured c;
    char text[513];
    const struct log_field fields[] = {TEXT("t", text), NO_FIELDS};

    (void)state;
    fill(text, 512, "\xc3\xa9", 0);
    capture_call(&c,
                 &(struct call){LEVEL_INFO, FORMAT_LOGFMT, LEVEL_INFO, fields});
    assert_non_null(strstr(c.err, text));
}

/* Six times 512 control characters have no room in 4096 bytes. */
static void line__leaves_out_fields_past_its_end(void **state)
{
    static struct captured c;
    char text[513];
    const struct log_field fields[] = {TEXT("a", text), TEXT("b", text),
                                       TEXT("c", "small"), NO_FIELDS};

    (void)state;
    fill(text, 512, "\x01", 0);
    for (int format = FORMAT_LOGFMT; format <= FORMAT_JSON; format++) {
        capture_call(&c, &(struct call){LEVEL_INFO, (enum log_format)format,
                                        LEVEL_INFO, fields});
        assert_true(strlen(c.err) <= 4096);
        assert_int_equal(c.err[strlen(c.err) - 1], '\n');
        assert_null(strstr(c.err, format == FORMAT_JSON ? "\"b\"" : " b="));
        assert_non_null(strstr(c.err, format == FORMAT_JSON
                                          ? "\"c\":\"small\"}\n"
                                          : " c=small\n"));
    }
    json_t *line = json_loads(c.err, 0, NULL);
    assert_non_null(line);
    assert_int_equal(strlen(json_string_value(json_object_get(line, "a"))),
                     512);
    json_decref(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time__is_utc_with_milliseconds),
        cmocka_unit_test(levels__let_through_what_is_at_least_as_grave),
        cmocka_unit_test(logfmt__quotes_what_needs_it),
        cmocka_unit_test(json__is_valid_whatever_the_text),
        cmocka_unit_test(null_text__is_left_out),
        cmocka_unit_test(text__is_cut_after_512_bytes_between_characters),
        cmocka_unit_test(text__of_512_bytes_is_whole),
        cmocka_unit_test(line__leaves_out_fields_past_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/codec.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MISTYPED "missing or of the wrong type"
#define NOT_JSON "not JSON in UTF-8, or a member stands twice"

/* ---- the envelope ---- */

static void msg_open__reads_type_and_id(void **state)
{
    static const char frame[] =
        "{\"id\":\"k3-1.1\",\"more\":[{}],\"type\":\"hello\",\"v\":1}";
    struct proto_err err;
    struct msg m;

    (void)state;
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    assert_true(msg_is(&m, "hello"));
    assert_false(msg_is(&m, "hell"));
    assert_string_equal(m.id, "k3-1.1");
    msg_close(&m);
    assert_null(m.root);
}

static void msg_open__names_what_it_refuses(void **state)
{
    static const struct {
        const char *frame, *field, *why;
    } cases[] = {
        {"", "message", NOT_JSON},
        {"{", "message", NOT_JSON},
        {"{}x", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"1\"} {}", "message", NOT_JSON},
        {"{\"v\":1,\"v\":1,\"type\":\"x\",\"id\":\"1\"}", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"1\",\"a\":{\"b\":1,\"b\":1}}",
         "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"\xff\",\"id\":\"1\"}", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"\xc3\"}", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"a\\u0000b\"}", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"\\ud800\"}", "message", NOT_JSON},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"1\",\"n\":99999999999999999999}",
         "message", NOT_JSON},
        {"[]", "message", "not a JSON object"},
        {"{}", "v", MISTYPED},
        {"{\"v\":\"1\"}", "v", MISTYPED},
        {"{\"v\":1.0}", "v", MISTYPED},
        {"{\"v\":2,\"type\":\"x\",\"id\":\"1\"}", "v",
         "not a version that is known here"},
        {"{\"v\":1,\"id\":\"1\"}", "type", MISTYPED},
        {"{\"v\":1,\"type\":null,\"id\":\"1\"}", "type", MISTYPED},
        {"{\"v\":1,\"type\":\"x\"}", "id", MISTYPED},
        {"{\"v\":1,\"type\":\"x\",\"id\":1}", "id", MISTYPED},
        {"{\"v\":1,\"type\":\"x\",\"id\":\"\"}", "id", "out of bounds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct proto_err err = {0};
        struct msg m;
        assert_int_equal(
            msg_open(&m, cases[i].frame, strlen(cases[i].frame), &err), -1);
        assert_string_equal(err.field, cases[i].field);
        assert_string_equal(err.why, cases[i].why);
    }
}

static void msg_open__refuses_a_raw_nul(void **state)
{
    static const char frame[] = "{\"v\":1,\"type\":\"x\",\"id\":\"a\0b\"}";
    static const char behind[] = "{\"v\":1,\"type\":\"x\",\"id\":\"a\"}";
    struct proto_err err;
    struct msg m;

    (void)state;
    assert_int_equal(msg_open(&m, frame, sizeof frame - 1, &err), -1);
    assert_string_equal(err.field, "message");
    assert_int_equal(msg_open(&m, behind, sizeof behind, &err), -1);
    assert_string_equal(err.field, "message");
}

/* A message that is `size` bytes long, of spaces for the most part. */
static char *padded_frame(size_t size)
{
    static const char head[] = "{\"v\":1,\"type\":\"x\",\"id\":\"1\"";
    char *frame = malloc(size);

    assert_non_null(frame);
    memset(frame, ' ', size);
    memcpy(frame, head, strlen(head));
    frame[size - 1] = '}';
    return frame;
}

static void msg_open__takes_64_kib_and_not_a_byte_more(void **state)
{
    struct proto_err err;
    struct msg m;

    (void)state;
    char *frame = padded_frame(PROTO_FRAME_MAX);
    assert_int_equal(msg_open(&m, frame, PROTO_FRAME_MAX, &err), 0);
    msg_close(&m);
    free(frame);
    frame = padded_frame(PROTO_FRAME_MAX + 1);
    assert_int_equal(msg_open(&m, frame, PROTO_FRAME_MAX + 1, &err), -1);
    assert_string_equal(err.field, "message");
    assert_string_equal(err.why, "longer than 64 KiB");
    free(frame);
}

static void msg_open__takes_ids_of_64_bytes_and_not_65(void **state)
{
    static const char zeros[] = "00000000000000000000000000000000"
                                "000000000000000000000000000000000";
    struct proto_err err;
    struct msg m;
    char frame[200];

    (void)state;
    for (int size = 64; size <= 65; size++) {
        snprintf(frame, sizeof frame,
                 "{\"v\":1,\"type\":\"x\",\"id\":\"%.*s\"}", size, zeros);
        int status = msg_open(&m, frame, strlen(frame), &err);
        assert_int_equal(status, size == 64 ? 0 : -1);
        if (status == 0) {
            msg_close(&m);
        } else {
            assert_string_equal(err.field, "id");
            assert_string_equal(err.why, "out of bounds");
        }
    }
}

/* ---- members, with a message that has one of each kind ---- */

enum colour { RED, GREEN };

struct thing {
    const char *name;
    const char *note; /* optional */
    int64_t size;
    int64_t since; /* optional */
    enum colour colour;
    struct name_list parts; /* optional */
};

static const char *const COLOURS[] = {"red", "green", NULL};

static const struct field FIELDS[] = {
    STR_FIELD(struct thing, name, 1, 4),
    OPT_STR_FIELD(struct thing, note, 2, 3),
    INT_FIELD(struct thing, size, -1, 9),
    OPT_INT_FIELD(struct thing, since, 1, 9),
    ENUM_FIELD(struct thing, colour, COLOURS),
    OPT_LIST_FIELD(struct thing, parts, 1, 2),
};
static const struct schema THING = {"thing", FIELDS, COUNT(FIELDS)};

#define HEAD "{\"v\":1,\"type\":\"thing\",\"id\":\"1\","
#define REST "\"size\":0,\"colour\":\"red\""

static int decode(struct thing *thing, struct msg *m, const char *frame,
                  struct proto_err *err)
{
    *err = (struct proto_err){0};
    assert_int_equal(msg_open(m, frame, strlen(frame), err), 0);
    return codec_decode(&THING, thing, m, err);
}

static void decode__fills_every_member(void **state)
{
    static const char frame[] =
        HEAD "\"name\":\"\xc3\xa9t\",\"note\":\"abc\",\"size\":-1,"
             "\"since\":9,\"colour\":\"green\",\"parts\":[\"a\",\"bc\"]}";
    struct proto_err err;
    struct thing thing;
    struct msg m;

    (void)state;
    assert_int_equal(decode(&thing, &m, frame, &err), 0);
    assert_string_equal(thing.name, "\xc3\xa9t");
    assert_string_equal(thing.note, "abc");
    assert_int_equal(thing.size, -1);
    assert_int_equal(thing.since, 9);
    assert_int_equal(thing.colour, GREEN);
    assert_int_equal(thing.parts.count, 2);
    assert_string_equal(thing.parts.items[0], "a");
    assert_string_equal(thing.parts.items[1], "bc");
    msg_close(&m);
}

static void
decode__clears_what_is_absent_and_ignores_what_is_unknown(void **state)
{
    struct proto_err err;
    struct thing thing;
    struct msg m;

    (void)state;
    memset(&thing, 0x55, sizeof thing);
    assert_int_equal(
        decode(&thing, &m, HEAD "\"later\":{},\"name\":\"n\"," REST "}", &err),
        0);
    assert_null(thing.note);
    assert_int_equal(thing.since, 0);
    assert_int_equal(thing.colour, RED);
    assert_int_equal(thing.parts.count, 0);
    msg_close(&m);
}

static void decode__names_the_member_it_refuses(void **state)
{
    static const struct {
        const char *frame, *field, *why;
    } cases[] = {
        {HEAD REST "}", "name", MISTYPED},
        {HEAD REST ",\"name\":1}", "name", MISTYPED},
        {HEAD REST ",\"name\":null}", "name", MISTYPED},
        {HEAD REST ",\"name\":\"\"}", "name", "out of bounds"},
        {HEAD REST ",\"name\":\"\xc3\xa9\xc3\xa9t\"}", "name", "out of bounds"},
        {HEAD REST ",\"name\":\"n\",\"note\":null}", "note", MISTYPED},
        {HEAD REST ",\"name\":\"n\",\"note\":\"a\"}", "note", "out of bounds"},
        {HEAD "\"name\":\"n\",\"colour\":\"red\"}", "size", MISTYPED},
        {HEAD "\"name\":\"n\",\"colour\":\"red\",\"size\":1.0}", "size",
         MISTYPED},
        {HEAD "\"name\":\"n\",\"colour\":\"red\",\"size\":\"1\"}", "size",
         MISTYPED},
        {HEAD "\"name\":\"n\",\"colour\":\"red\",\"size\":-2}", "size",
         "out of bounds"},
        {HEAD "\"name\":\"n\",\"colour\":\"red\",\"size\":10}", "size",
         "out of bounds"},
        {HEAD REST ",\"name\":\"n\",\"since\":0}", "since", "out of bounds"},
        {HEAD "\"name\":\"n\",\"size\":0}", "colour", MISTYPED},
        {HEAD "\"name\":\"n\",\"size\":0,\"colour\":0}", "colour", MISTYPED},
        {HEAD "\"name\":\"n\",\"size\":0,\"colour\":\"Red\"}", "colour",
         "not one of the words that are allowed"},
        {HEAD REST ",\"name\":\"n\",\"parts\":\"a\"}", "parts", MISTYPED},
        {HEAD REST ",\"name\":\"n\",\"parts\":[\"a\",1]}", "parts",
         "has an item that is no string"},
        {HEAD REST ",\"name\":\"n\",\"parts\":[\"\"]}", "parts",
         "has an item out of bounds"},
        {HEAD REST ",\"name\":\"n\",\"parts\":[\"abc\"]}", "parts",
         "has an item out of bounds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct proto_err err;
        struct thing thing;
        struct msg m;
        assert_int_equal(decode(&thing, &m, cases[i].frame, &err), -1);
        assert_string_equal(err.field, cases[i].field);
        assert_string_equal(err.why, cases[i].why);
        msg_close(&m);
    }
}

static void decode__refuses_a_message_of_another_type(void **state)
{
    static const char frame[] = "{\"v\":1,\"type\":\"things\",\"id\":\"1\"}";
    struct proto_err err;
    struct thing thing;
    struct msg m;

    (void)state;
    assert_int_equal(decode(&thing, &m, frame, &err), -1);
    assert_string_equal(err.field, "type");
    assert_string_equal(err.why, "not the expected one");
    msg_close(&m);
}

static void decode__takes_64_items_and_not_65(void **state)
{
    struct proto_err err;
    struct thing thing;
    struct msg m;

    (void)state;
    for (int items = PROTO_LIST_MAX; items <= PROTO_LIST_MAX + 1; items++) {
        char frame[1024];
        size_t used = (size_t)snprintf(
            frame, sizeof frame, HEAD REST ",\"name\":\"n\",\"parts\":[\"a\"");
        for (int i = 1; i < items; i++) {
            used +=
                (size_t)snprintf(frame + used, sizeof frame - used, ",\"a\"");
        }
        snprintf(frame + used, sizeof frame - used, "]}");
        int status = decode(&thing, &m, frame, &err);
        assert_int_equal(status, items == PROTO_LIST_MAX ? 0 : -1);
        if (status != 0) {
            assert_string_equal(err.field, "parts");
            assert_string_equal(err.why, "too many items");
        } else {
            assert_int_equal(thing.parts.count, PROTO_LIST_MAX);
        }
        msg_close(&m);
    }
}

static void encode__leaves_out_what_is_absent(void **state)
{
    const struct thing thing = {.name = "n", .size = 7};
    struct proto_err err;

    (void)state;
    char *frame = codec_encode(&THING, &thing, "k-1", &err);
    assert_string_equal(frame, "{\"v\":1,\"type\":\"thing\",\"id\":\"k-1\","
                               "\"name\":\"n\",\"size\":7,\"colour\":\"red\","
                               "\"parts\":[]}");
    free(frame);
}

static void encode__names_the_member_it_refuses(void **state)
{
    static const struct {
        struct thing thing;
        const char *id, *field, *why;
    } cases[] = {
        {{.size = 1}, "1", "name", "unset"},
        {{.name = ""}, "1", "name", "out of bounds"},
        {{.name = "abcde"}, "1", "name", "out of bounds"},
        {{.name = "\xff"}, "1", "name", "not UTF-8"},
        {{.name = "n", .note = "a"}, "1", "note", "out of bounds"},
        {{.name = "n", .note = "\xc3(a"}, "1", "note", "not UTF-8"},
        {{.name = "n", .size = 10}, "1", "size", "out of bounds"},
        {{.name = "n", .size = -2}, "1", "size", "out of bounds"},
        {{.name = "n", .since = 10}, "1", "since", "out of bounds"},
        {{.name = "n", .parts = {1, {"abc"}}}, "1", "parts", "out of bounds"},
        {{.name = "n", .parts = {2, {"a", "\xff"}}}, "1", "parts", "not UTF-8"},
        {{.name = "n"}, "", "id", "out of bounds"},
        {{.name = "n"}, "\xff", "id", "not UTF-8"},
        {{.name = "n"},
         "00000000000000000000000000000000000000000000000000000000000000000",
         "id",
         "out of bounds"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct proto_err err;
        assert_null(codec_encode(&THING, &cases[i].thing, cases[i].id, &err));
        assert_string_equal(err.field, cases[i].field);
        assert_string_equal(err.why, cases[i].why);
    }
}

static void encode__refuses_more_than_64_kib(void **state)
{
    static const struct field fields[] = {
        STR_FIELD(struct thing, name, 1, 2 * PROTO_FRAME_MAX)};
    static const struct schema schema = {"thing", fields, 1};
    struct proto_err err;
    char *name = malloc(PROTO_FRAME_MAX + 1);

    (void)state;
    assert_non_null(name);
    memset(name, 'n', PROTO_FRAME_MAX);
    name[PROTO_FRAME_MAX] = '\0';
    const struct thing thing = {.name = name};
    assert_null(codec_encode(&schema, &thing, "1", &err));
    assert_string_equal(err.field, "message");
    assert_string_equal(err.why, "longer than 64 KiB");
    free(name);
}

/* ---- rows ---- */

struct part {
    const char *name;
    int64_t weight;
};

struct machine {
    struct {
        size_t count;
        struct part items[3];
    } parts;
};

static const struct field PART_FIELDS[] = {
    STR_FIELD(struct part, name, 1, 4),
    OPT_INT_FIELD(struct part, weight, 1, 9),
};
static const struct rows PARTS =
    ROWS(PART_FIELDS, struct machine, parts.items, struct part);
static const struct field MACHINE_FIELDS[] = {
    OPT_ROWS_FIELD(struct machine, parts, 3, &PARTS),
};
static const struct schema MACHINE = {"machine", MACHINE_FIELDS, 1};

#define MACHINE_HEAD "{\"v\":1,\"type\":\"machine\",\"id\":\"1\""

static void rows__make_the_round_trip(void **state)
{
    static const char *const frames[] = {
        MACHINE_HEAD ",\"parts\":[]}",
        MACHINE_HEAD ",\"parts\":[{\"name\":\"a\"}]}",
        MACHINE_HEAD ",\"parts\":[{\"name\":\"a\",\"weight\":1},"
                     "{\"name\":\"bc\"},{\"name\":\"d\",\"weight\":9}]}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(frames); i++) {
        struct machine machine;
        struct proto_err err;
        struct msg m;
        assert_int_equal(msg_open(&m, frames[i], strlen(frames[i]), &err), 0);
        assert_int_equal(codec_decode(&MACHINE, &machine, &m, &err), 0);
        assert_int_equal(machine.parts.count, i == 2 ? 3 : i);
        char *again = codec_encode(&MACHINE, &machine, "1", &err);
        assert_string_equal(again, frames[i]);
        free(again);
        msg_close(&m);
    }
}

static void rows__that_are_missing_are_none(void **state)
{
    struct machine machine = {.parts = {.count = 2}};
    struct proto_err err;
    struct msg m;

    (void)state;
    assert_int_equal(
        msg_open(&m, MACHINE_HEAD "}", strlen(MACHINE_HEAD "}"), &err), 0);
    assert_int_equal(codec_decode(&MACHINE, &machine, &m, &err), 0);
    assert_int_equal(machine.parts.count, 0);
    msg_close(&m);
}

static void rows__are_refused_by_name(void **state)
{
    static const struct {
        const char *rows, *field, *why;
    } cases[] = {
        {"{}", "parts", "missing or of the wrong type"},
        {"[7]", "parts", "has an item that is no object"},
        {"[{}]", "name", "missing or of the wrong type"},
        {"[{\"name\":\"a\"},{\"name\":\"abcde\"}]", "name", "out of bounds"},
        {"[{\"name\":\"a\",\"weight\":10}]", "weight", "out of bounds"},
        {"[{\"name\":\"a\"},{\"name\":\"a\"},{\"name\":\"a\"},"
         "{\"name\":\"a\"}]",
         "parts", "too many items"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct machine machine;
        struct proto_err err;
        struct msg m;
        char frame[300];
        snprintf(frame, sizeof frame, MACHINE_HEAD ",\"parts\":%s}",
                 cases[i].rows);
        assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
        assert_int_equal(codec_decode(&MACHINE, &machine, &m, &err), -1);
        assert_string_equal(err.field, cases[i].field);
        assert_string_equal(err.why, cases[i].why);
        msg_close(&m);
    }
}

static void rows__with_a_fault_are_not_encoded(void **state)
{
    static const struct {
        struct machine machine;
        const char *field;
    } cases[] = {
        {{{1, {{NULL, 1}}}}, "name"},
        {{{2, {{"a", 1}, {"b", 10}}}}, "weight"},
        {{{4, {{"a", 1}, {"b", 1}, {"c", 1}}}}, "parts"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct proto_err err;
        assert_null(codec_encode(&MACHINE, &cases[i].machine, "1", &err));
        assert_string_equal(err.field, cases[i].field);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(msg_open__reads_type_and_id),
        cmocka_unit_test(msg_open__names_what_it_refuses),
        cmocka_unit_test(msg_open__refuses_a_raw_nul),
        cmocka_unit_test(msg_open__takes_64_kib_and_not_a_byte_more),
        cmocka_unit_test(msg_open__takes_ids_of_64_bytes_and_not_65),
        cmocka_unit_test(decode__fills_every_member),
        cmocka_unit_test(
            decode__clears_what_is_absent_and_ignores_what_is_unknown),
        cmocka_unit_test(decode__names_the_member_it_refuses),
        cmocka_unit_test(decode__refuses_a_message_of_another_type),
        cmocka_unit_test(decode__takes_64_items_and_not_65),
        cmocka_unit_test(encode__leaves_out_what_is_absent),
        cmocka_unit_test(encode__names_the_member_it_refuses),
        cmocka_unit_test(encode__refuses_more_than_64_kib),
        cmocka_unit_test(rows__make_the_round_trip),
        cmocka_unit_test(rows__that_are_missing_are_none),
        cmocka_unit_test(rows__are_refused_by_name),
        cmocka_unit_test(rows__with_a_fault_are_not_encoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* proto/README.md is for people who write or debug a peer: each message has an
 * example there, and the examples must be what the code takes. They show every
 * member, so they also serve to try each member's absence and wrong type. */
#include "tests/support/every_message.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FENCE "```json\n"

static char *read_source(const char *path)
{
    char full[512];
    char *text = calloc(1, 65536);

    snprintf(full, sizeof full, "%s/%s", WAKEBUS_SOURCE_DIR, path);
    FILE *file = fopen(full, "r");
    assert_non_null(text);
    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) < 65535);
    fclose(file);
    return text;
}

/* The next example of the README as JSON, or NULL; moves *at behind it. */
static json_t *next_example(const char **at)
{
    const char *begin = strstr(*at, FENCE);

    if (begin == NULL) {
        return NULL;
    }
    begin += strlen(FENCE);
    const char *end = strstr(begin, "```");
    assert_non_null(end);
    json_t *example =
        json_loadb(begin, (size_t)(end - begin), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(example);
    *at = end + strlen("```");
    return example;
}

/* What the code says to this message. */
static int decode(const json_t *message, struct proto_err *err)
{
    union any_message taken;
    struct msg m;
    char *frame = json_dumps(message, JSON_COMPACT);

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), err), 0);
    const struct message_kind *kind = message_kind(m.type);
    assert_non_null(kind);
    int status = kind->decode(&taken, &m, err);
    msg_close(&m);
    free(frame);
    return status;
}

static bool is_of_envelope(const char *member)
{
    return strcmp(member, "v") == 0 || strcmp(member, "type") == 0 ||
           strcmp(member, "id") == 0;
}

static void examples__are_taken_as_they_stand(void **state)
{
    char *readme = read_source("proto/README.md");
    const char *at = readme;
    json_t *example;

    (void)state;
    while ((example = next_example(&at)) != NULL) {
        union any_message taken;
        struct proto_err err;
        struct msg m;
        char *frame = json_dumps(example, JSON_COMPACT);
        assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
        const struct message_kind *kind = message_kind(m.type);
        assert_non_null(kind);
        assert_int_equal(kind->decode(&taken, &m, &err), 0);
        /* Nothing in it is unknown: it comes out again as it went in. */
        char *again = kind->encode(&taken, m.id, &err);
        assert_string_equal(again, frame);
        free(again);
        free(frame);
        msg_close(&m);
        json_decref(example);
    }
    free(readme);
}

static void examples__lose_no_member_unnoticed(void **state)
{
    char *readme = read_source("proto/README.md");
    const char *at = readme;
    json_t *example;

    (void)state;
    while ((example = next_example(&at)) != NULL) {
        const char *member;
        json_t *value;
        json_object_foreach(example, member, value) {
            struct proto_err err;
            if (is_of_envelope(member)) {
                continue;
            }
            json_t *changed = json_copy(example);
            json_object_set_new(changed, member, json_object());
            assert_int_equal(decode(changed, &err), -1);
            assert_string_equal(err.field, member);
            json_object_del(changed, member);
            if (decode(changed, &err) != 0) {
                assert_string_equal(err.field, member);
            }
            json_decref(changed);
        }
        json_decref(example);
    }
    free(readme);
}

static size_t count_examples(const char *readme, const char *type)
{
    size_t count = 0;
    json_t *example;

    while ((example = next_example(&readme)) != NULL) {
        const char *its = json_string_value(json_object_get(example, "type"));
        count += its != NULL && strcmp(its, type) == 0;
        json_decref(example);
    }
    return count;
}

/* Types are the only strings that the headers define: #define NAME "type". */
static size_t check_types_of(const char *header, const char *readme)
{
    char *text = read_source(header);
    char *rest = NULL;
    size_t types = 0;

    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char type[64];
        if (sscanf(line, "#define %*[A-Z_] \"%63[^\"]\"", type) == 1) {
            assert_non_null(message_kind(type));
            assert_true(count_examples(readme, type) >= 1);
            types++;
        }
    }
    free(text);
    return types;
}

static void every_message__has_an_example(void **state)
{
    static const char *const headers[] = {"proto/worker.h", "proto/target.h",
                                          "proto/push.h", "proto/operator.h"};
    char *readme = read_source("proto/README.md");
    size_t types = 0;
    size_t kinds = 0;

    (void)state;
    for (size_t i = 0; i < COUNT(headers); i++) {
        types += check_types_of(headers[i], readme);
    }
    while (EVERY_MESSAGE[kinds].type != NULL) {
        kinds++;
    }
    assert_int_equal(types, kinds);
    free(readme);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples__are_taken_as_they_stand),
        cmocka_unit_test(examples__lose_no_member_unnoticed),
        cmocka_unit_test(every_message__has_an_example),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

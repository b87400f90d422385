/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/due_keys.h"
#include "services/registry/slot.h"
#include "tests/support/cmocka_test.h"

#include <stdio.h>
#include <string.h>

static const char BASE64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                             "abcdefghijklmnopqrstuvwxyz"
                             "0123456789+/";

static void one_part__is_the_list_that_always_was(void **state)
{
    struct due_keys keys;

    (void)state;
    due_keys_make(&keys, 1);
    assert_string_equal(keys.keys[0], "wakebus:{due}:targets");
    assert_int_equal(due_keys_part(&keys, "+/cdefghijkl"), 0);
}

static void that_list__is_one_of_several(void **state)
{
    struct due_keys keys;
    unsigned found = 0;

    (void)state;
    due_keys_make(&keys, DUE_PARTS);
    for (size_t i = 0; i < keys.count; i++) {
        found += strcmp(keys.keys[i], "wakebus:{due}:targets") == 0;
    }
    assert_int_equal(found, 1);
}

/* Of these names pushes wait in Redis: they cannot be changed. */
static void the_names__stay(void **state)
{
    struct due_keys keys;

    (void)state;
    due_keys_make(&keys, DUE_PARTS);
    assert_string_equal(keys.keys[0], "wakebus:{due2}:targets");
    assert_string_equal(keys.keys[4], "wakebus:{due}:targets");
    assert_string_equal(keys.keys[23], "wakebus:{due12}:targets");
}

static size_t range_of(const char *key)
{
    return slot_of_key(key) * DUE_PARTS / SLOTS;
}

static void every_tag__is_in_the_range_of_its_part(void **state)
{
    unsigned tags[DUE_PARTS] = {0};
    struct due_keys keys;

    (void)state;
    due_keys_make(&keys, DUE_PARTS);
    for (size_t i = 0; i < keys.count; i++) {
        assert_int_equal(range_of(keys.keys[i]), i);
    }
    for (unsigned tag = 0; tag < 4096; tag++) {
        char node[NODE_SIZE + 1] = "..cdefghijkl";
        char row[KEY_ROOM];
        node[0] = BASE64[tag >> 6];
        node[1] = BASE64[tag & 63];
        key_of_node(row, node);
        size_t part = due_keys_part(&keys, node);
        assert_int_equal(part, range_of(row));
        tags[part]++;
    }
    for (size_t i = 0; i < keys.count; i++) {
        assert_in_range(tags[i], 4096 / DUE_PARTS / 2, 4096 / DUE_PARTS * 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_part__is_the_list_that_always_was),
        cmocka_unit_test(that_list__is_one_of_several),
        cmocka_unit_test(the_names__stay),
        cmocka_unit_test(every_tag__is_in_the_range_of_its_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define DEVICE "ec164939a8485ee6b7f7871071a11c7bb18aead5"
#define CHANNEL "0123456789abcdef0123456789abcdef01234567"

static void device_key__is_tagged_with_the_first_12_bits(void **state)
{
    static const struct {
        const char *first, *tag;
    } cases[] = {
        {"ec1", "7B"}, {"000", "AA"}, {"fff", "//"},
        {"03f", "A/"}, {"fc0", "/A"}, {"fbe", "++"},
    };
    char device[] = DEVICE;
    char key[KEY_ROOM];

    (void)state;
    key_of_device(key, device);
    assert_string_equal(key, "wakebus:{7B}:device:" DEVICE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        memcpy(device, cases[i].first, 3);
        key_of_device(key, device);
        assert_memory_equal(key + strlen("wakebus:{"), cases[i].tag, 2);
    }
}

static void node_key__is_tagged_with_how_the_node_begins(void **state)
{
    char key[KEY_ROOM];

    (void)state;
    key_of_node(key, "+/cdefghijkl");
    assert_string_equal(key, "wakebus:{+/}:node:+/cdefghijkl");
}

static void row__is_in_the_slot_of_its_device(void **state)
{
    char key[KEY_ROOM];

    (void)state;
    assert_true(node_is_at_home("7Bcdefghijkl", DEVICE));
    assert_false(node_is_at_home("7bcdefghijkl", DEVICE));
    key_of_row(key, DEVICE, "7Bcdefghijkl");
    assert_string_equal(key, "wakebus:{7B}:node:7Bcdefghijkl");
    key_of_row(key, DEVICE, "+/cdefghijkl");
    assert_string_equal(key, "wakebus:{7B}:node:+/cdefghijkl");
}

static void pointer__leads_to_the_row(void **state)
{
    static const char *const none[] = {"", "7", "7B", "7B0", "7}/0", "\n"};
    char at[POINTER_ROOM];
    char key[KEY_ROOM];

    (void)state;
    pointer_make(at, DEVICE, 0xbeef);
    assert_string_equal(at, "7B/0000beef");
    assert_true(key_of_pointed(key, at, "+/cdefghijkl"));
    assert_string_equal(key, "wakebus:{7B}:node:+/cdefghijkl");
    assert_true(key_of_pointed(key, "///ffffffff", "+/cdefghijkl"));
    assert_string_equal(key, "wakebus:{//}:node:+/cdefghijkl");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(key_of_pointed(key, none[i], "+/cdefghijkl"));
    }
}

static void field__tells_app_and_channel_apart(void **state)
{
    char field[FIELD_ROOM];
    char other[FIELD_ROOM];

    (void)state;
    field_of(field, "conversations", NULL);
    assert_string_equal(field, "/conversations");
    field_of(field, "conversations", CHANNEL);
    assert_string_equal(field, CHANNEL "/conversations");
    field_of(other, CHANNEL "/conversations", NULL);
    assert_string_not_equal(field, other);
}

static void field__has_room_for_the_longest(void **state)
{
    char app[APP_SIZE + 1];
    char field[FIELD_ROOM];

    (void)state;
    memset(app, 'a', APP_SIZE);
    app[APP_SIZE] = '\0';
    field_of(field, app, CHANNEL);
    assert_int_equal(strlen(field), FIELD_ROOM - 1);
    assert_string_equal(field + HASH_DIGITS + 1, app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_key__is_tagged_with_the_first_12_bits),
        cmocka_unit_test(node_key__is_tagged_with_how_the_node_begins),
        cmocka_unit_test(row__is_in_the_slot_of_its_device),
        cmocka_unit_test(pointer__leads_to_the_row),
        cmocka_unit_test(field__tells_app_and_channel_apart),
        cmocka_unit_test(field__has_room_for_the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

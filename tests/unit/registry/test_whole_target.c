/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/whole_target.h"

#include "tests/support/cmocka_test.h"
#include <stdio.h>
#include <string.h>

#define DEVICE "\"device\":\"ec164939a8485ee6b7f7871071a11c7bb18aead5\""
#define NODE "\"node\":\"eKxTS5n3bOe0\""
#define SECRET "\"secret\":\"KK4+H5WMfpRG\\/2zCbuKq6wpX\""
#define REST "\"app\":\"a\",\"domain\":\"d\",\"token\":\"t\""

static void target__has_all_that_redis_has(void **state)
{
    struct whole_target target;

    (void)state;
    assert_true(whole_target_read(
        &target,
        "{" DEVICE "," NODE "," SECRET "," REST
        ",\"channel\":\"0123456789abcdef0123456789abcdef01234567\","
        "\"created\":\"1780000000000\",\"renewed\":\"1790000000000\"}"));
    assert_string_equal(target.is.app, "a");
    assert_string_equal(target.is.device,
                        "ec164939a8485ee6b7f7871071a11c7bb18aead5");
    assert_string_equal(target.is.channel,
                        "0123456789abcdef0123456789abcdef01234567");
    assert_string_equal(target.is.domain, "d");
    assert_string_equal(target.is.token, "t");
    assert_string_equal(target.is.node, "eKxTS5n3bOe0");
    assert_string_equal(target.is.secret, "KK4+H5WMfpRG/2zCbuKq6wpX");
    assert_int_equal(target.is.created_ms, 1780000000000);
    assert_int_equal(target.is.renewed_ms, 1790000000000);
    whole_target_release(&target);
    assert_true(whole_target_read(&target, "{" DEVICE "," NODE "," SECRET
                                           "," REST ",\"created\":\"x\"}"));
    assert_null(target.is.channel);
    assert_int_equal(target.is.created_ms, 0);
    assert_int_equal(target.is.renewed_ms, 0);
    whole_target_release(&target);
}

static void what_others_have_written__is_no_target(void **state)
{
    static const char *const texts[] = {
        "",
        "?",
        "[]",
        "{}",
        "{" NODE "," SECRET "," REST "}",
        "{" DEVICE "," SECRET "," REST "}",
        "{" DEVICE "," NODE "," REST "}",
        "{" DEVICE "," NODE "," SECRET ",\"app\":\"a\",\"domain\":\"d\"}",
        "{" DEVICE "," NODE "," SECRET ",\"app\":\"a\",\"token\":\"t\"}",
        "{" DEVICE "," NODE "," SECRET ",\"domain\":\"d\",\"token\":\"\"}",
        "{\"device\":\"x\"," NODE "," SECRET "," REST "}",
        "{" DEVICE ",\"node\":\"x\"," SECRET "," REST "}",
        "{" DEVICE "," NODE ",\"secret\":\"x\"," REST "}",
        "{" DEVICE "," NODE "," SECRET "," REST ",\"channel\":\"x\"}",
        "{" DEVICE "," NODE "," SECRET "," REST ",\"app\":\"b\"}",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct whole_target target;
        assert_false(whole_target_read(&target, texts[i]));
        whole_target_release(&target);
    }
}

static void longest_token__is_still_one(void **state)
{
    char text[6000];
    char token[4098];
    struct whole_target target;

    (void)state;
    memset(token, 't', sizeof token);
    for (size_t size = 4096; size <= 4097; size++) {
        token[size] = '\0';
        snprintf(text, sizeof text,
                 "{" DEVICE "," NODE "," SECRET ",\"app\":\"a\","
                 "\"domain\":\"d\",\"token\":\"%s\"}",
                 token);
        assert_int_equal(whole_target_read(&target, text), size == 4096);
        whole_target_release(&target);
        token[size] = 't';
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target__has_all_that_redis_has),
        cmocka_unit_test(what_others_have_written__is_no_target),
        cmocka_unit_test(longest_token__is_still_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

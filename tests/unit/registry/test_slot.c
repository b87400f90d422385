/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/slot.h"
#include "tests/support/cmocka_test.h"

/* As CLUSTER KEYSLOT of Redis 7.0 has them. */
static void slot__is_that_of_the_tag(void **state)
{
    static const struct {
        const char *key;
        unsigned slot;
    } cases[] = {
        {"123456789", 12739},
        {"", 0},
        {"a", 15495},
        {"foo", 12182},
        {"{foo}", 12182},
        {"wakebus:{foo}:node:x", 12182},
        {"{foo}{bar}", 12182},
        {"foo}", 15679},
        {"{foo", 13308},
        {"{}foo", 9500},
        {"foo{}{bar}", 8363},
        {"foo{{bar}}zap", 4015}, /* "{bar" */
        {"}{foo}", 12182},
        {"wakebus:{+/}:node:+/cdefghijkl", 3985},
        {"wakebus:{due}:targets", 3076},
        {"\xc3\xbc", 9552},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(slot_of_key(cases[i].key), cases[i].slot);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slot__is_that_of_the_tag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

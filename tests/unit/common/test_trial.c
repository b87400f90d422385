/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/trial.h"

#include "tests/support/cmocka_test.h"

/* The provider complains of the device that there is not, and of nothing else:
 * only then are the app's settings proved. */
static void trial__is_passed_by_what_was_expected_and_by_success(void **state)
{
    static const char *const expected[] = {"BadDeviceToken", "Unregistered",
                                           NULL};
    static const struct {
        enum push_verdict verdict;
        const char *reason;
        enum finding_state state;
    } cases[] = {
        {PUSH_SENT, "ok", FINDING_OK},
        {PUSH_GONE, "BadDeviceToken", FINDING_OK},
        {PUSH_GONE, "Unregistered", FINDING_OK},
        {PUSH_GONE, "DeviceTokenNotForTopic", FINDING_FAULT},
        {PUSH_REFUSED, "PayloadEmpty", FINDING_FAULT},
        {PUSH_LATER, "TooManyProviderTokenUpdates", FINDING_FAULT},
        {PUSH_MISCONFIGURED, "InvalidProviderToken", FINDING_FAULT},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct judgement judgement = {.verdict = cases[i].verdict};
        judgement_set_reason(&judgement, cases[i].reason);
        assert_int_equal(trial_judge(expected, &judgement), cases[i].state);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial__is_passed_by_what_was_expected_and_by_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

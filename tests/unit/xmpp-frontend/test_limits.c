/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/limits.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/many.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECOND = 1000000, MINUTE = 60 * SECOND };

static const struct siphash_key KEY = {{1, 2}};

/* Two of a kind at once, and then: two a second for a domain; a registration of
 * a user each minute, one a second of a domain, which may have three at once.
 */
static struct settings SETTINGS = {
    .limits = {.domain_per_second = 2,
               .domain_burst = 2,
               .user_registrations_per_hour = 60,
               .user_registrations_burst = 2,
               .domain_registrations_per_second = 1,
               .domain_registrations_burst = 3}};

/* One app has a push to a device each 10 s, the other one a second to all. */
static const struct app APP = {
    .name = "app", .limits = {.target_per_minute = 6, .target_burst = 2}};
static const struct app OTHER = {.name = "other",
                                 .limits = {.per_second = 1, .burst = 2}};

static int64_t push(limits_t *limits, const char *domain, const char *node,
                    int64_t now_us)
{
    enum limit limit;

    return limits_push(limits, &APP, domain, node, now_us, &limit);
}

static int64_t join(limits_t *limits, const char *jid, int64_t now_us)
{
    enum limit limit;

    return limits_register(limits, jid, now_us, &limit);
}

static void target__has_its_burst_then_its_rate(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit = LIMITS;

    (void)state;
    assert_int_equal(push(limits, "a", "n", 1), 0);
    assert_int_equal(push(limits, "b", "n", 1), 0);
    assert_int_equal(limits_push(limits, &APP, "c", "n", 1, &limit),
                     10 * SECOND);
    assert_int_equal(limit, LIMIT_TARGET);
    assert_int_equal(push(limits, "d", "other", 1), 0);
    limits_destroy(&limits);
    assert_null(limits);
    limits_destroy(&limits);
}

/* It will be sent when it is due, so the next one's turn is ten seconds after
 * that; and those that come before then are the same push. */
static void target__that_waits_has_one_turn_kept(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);

    (void)state;
    push(limits, "a", "n", 1);
    push(limits, "b", "n", 1);
    assert_int_equal(push(limits, "c", "n", 1), 10 * SECOND);
    assert_int_equal(push(limits, "d", "n", 1), 20 * SECOND);
    assert_int_equal(push(limits, "e", "n", 1), 20 * SECOND);
    assert_int_equal(push(limits, "f", "n", 20 * SECOND), 1);
    /* That one was kept again. */
    assert_int_equal(push(limits, "g", "n", 20 * SECOND + 1), 10 * SECOND);
    limits_destroy(&limits);
}

static void domain__has_turns_kept_for_many(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit = LIMITS;
    char node[16];

    (void)state;
    for (int i = 0; i < 1300; i++) {
        snprintf(node, sizeof node, "n%d", i);
        int64_t wait_us = limits_push(limits, &APP, "a", node, 1, &limit);
        int64_t turn_us = i < 2 ? 0 : (int64_t)(i - 1) * SECOND / 2;
        /* Beyond ten minutes it is so for all. */
        assert_int_equal(wait_us,
                         turn_us <= 600 * SECOND ? turn_us : 1201 * SECOND / 2);
        assert_true(wait_us == 0 || limit == LIMIT_DOMAIN);
    }
    assert_int_equal(push(limits, "b", "x", 1), 0);
    assert_int_equal(push(limits, "b", "y", 1), 0);
    assert_int_equal(push(limits, "b", "z", 1), SECOND / 2);
    limits_destroy(&limits);
}

static void target__that_is_at_its_limit_costs_its_domain_nothing(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);

    (void)state;
    push(limits, "a", "n", 1);
    push(limits, "b", "n", 1);
    for (int i = 0; i < 100; i++) {
        assert_true(push(limits, "c", "n", 1) > 0);
    }
    assert_int_equal(push(limits, "c", "x", 1), 0);
    limits_destroy(&limits);
}

static void user__is_a_bare_jid(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit = LIMITS;

    (void)state;
    assert_int_equal(join(limits, "romeo@a/phone", 1), 0);
    assert_int_equal(join(limits, "romeo@a/pad", 1), 0);
    assert_int_equal(limits_register(limits, "romeo@a", 1, &limit), MINUTE);
    assert_int_equal(limit, LIMIT_USER_REGISTRATIONS);
    /* Nothing is kept for who is refused. */
    assert_int_equal(join(limits, "romeo@a", MINUTE), 1);
    assert_int_equal(join(limits, "romeo@a", MINUTE + 1), 0);
    assert_int_equal(join(limits, "romeo@b", 1), 0);
    limits_destroy(&limits);
}

static void users__share_what_their_domain_may(void **state)
{
    static const char *const users[] = {"a@d/x", "b@d/a@c", "d/y", "c@d"};
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit = LIMITS;

    (void)state;
    for (size_t i = 0; i < COUNT(users); i++) {
        assert_int_equal(limits_register(limits, users[i], 1, &limit),
                         i < 3 ? 0 : SECOND);
    }
    assert_int_equal(limit, LIMIT_DOMAIN_REGISTRATIONS);
    assert_int_equal(join(limits, "a@c", 1), 0);
    limits_destroy(&limits);
}

/* What one has used is nothing to the other, and a change counts at once. */
static void app__has_limits_of_its_own(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    struct app stricter = APP;
    enum limit limit = LIMITS;

    (void)state;
    assert_int_equal(limits_push(limits, &OTHER, "a", "x", 1, &limit), 0);
    assert_int_equal(limits_push(limits, &OTHER, "b", "x", 1, &limit), 0);
    assert_int_equal(limits_push(limits, &OTHER, "c", "x", 1, &limit), SECOND);
    assert_int_equal(limit, LIMIT_APP);
    assert_int_equal(limits_push(limits, &OTHER, "d", "x", 1, &limit),
                     2 * SECOND);
    assert_int_equal(push(limits, "e", "n", 1), 0);
    stricter.limits.target_burst = 1;
    assert_int_equal(limits_push(limits, &stricter, "e", "n", 1, &limit),
                     10 * SECOND);
    assert_int_equal(limit, LIMIT_TARGET);
    limits_destroy(&limits);
}

static void domain__that_is_at_its_limit_costs_its_app_nothing(void **state)
{
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit = LIMITS;

    (void)state;
    push(limits, "a", "x", 1);
    push(limits, "a", "y", 1);
    for (int i = 0; i < 100; i++) {
        assert_true(limits_push(limits, &OTHER, "a", "z", 1, &limit) > 0);
        assert_int_equal(limit, LIMIT_DOMAIN);
    }
    assert_int_equal(limits_push(limits, &OTHER, "b", "z", 1, &limit), 0);
    limits_destroy(&limits);
}

static void rate_0__is_no_limit(void **state)
{
    struct settings off = SETTINGS;
    const struct app free_app = {.name = "free"};
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    enum limit limit;

    (void)state;
    off.limits.domain_per_second = 0;
    off.limits.user_registrations_per_hour = 0;
    off.limits.domain_registrations_per_second = 0;
    limits_use(limits, &off);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(limits_push(limits, &free_app, "a", "n", 1, &limit),
                         0);
        assert_int_equal(join(limits, "romeo@a", 1), 0);
    }
    limits_use(limits, &SETTINGS);
    assert_int_equal(push(limits, "a", "n", 1), 0);
    assert_int_equal(push(limits, "a", "n", 1), 0);
    assert_int_equal(push(limits, "a", "n", 1), 10 * SECOND);
    limits_destroy(&limits);
}

static void settings__are_named_as_they_are_set(void **state)
{
    (void)state;
    assert_string_equal(limit_setting(LIMIT_TARGET),
                        "limits.target_per_minute");
    assert_string_equal(limit_setting(LIMIT_DOMAIN),
                        "limits.domain_per_second");
    assert_string_equal(limit_setting(LIMIT_APP), "apps.limits.per_second");
    assert_string_equal(limit_setting(LIMIT_USER_REGISTRATIONS),
                        "limits.user_registrations_per_hour");
    assert_string_equal(limit_setting(LIMIT_DOMAIN_REGISTRATIONS),
                        "limits.domain_registrations_per_second");
}

/* ---- for any pushes: no more than may be, and no less ---- */

enum { STEPS = 10000 };

struct sending {
    int64_t at_us[STEPS];
    size_t count;
};

static int by_time(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x > *y) - (*x < *y);
}

/* In any time there are no more than the burst and what comes back in it. */
static void assert_within(struct sending *sending, int64_t token_us,
                          size_t burst)
{
    qsort(sending->at_us, sending->count, sizeof *sending->at_us, by_time);
    for (size_t i = 0; i + burst < sending->count; i++) {
        assert_true(sending->at_us[i + burst] - sending->at_us[i] >= token_us);
    }
    /* Over long the rate is used up, as there was always more to send. */
    int64_t took_us = sending->at_us[sending->count - 1] - sending->at_us[0];
    assert_true((int64_t)(sending->count + 1) * token_us >= took_us);
}

/* Many targets of one domain: what is deferred is sent when its turn comes. */
static void domain__in_a_random_life_has_its_rate(void **state)
{
    struct sending *sending = calloc(1, sizeof *sending);
    limits_t *limits = limits_new(&SETTINGS, &KEY);
    uint64_t random = 0x57414b4542555321;
    int64_t now_us = 1;
    char node[16];

    (void)state;
    assert_non_null(sending);
    for (int i = 0; i < STEPS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        now_us += (int64_t)(random >> 20) % (SECOND * 9 / 10);
        snprintf(node, sizeof node, "n%d", i);
        int64_t wait_us = push(limits, "a", node, now_us);
        sending->at_us[sending->count++] = now_us + wait_us;
    }
    assert_within(sending, SECOND / 2, 2);
    limits_destroy(&limits);
    free(sending);
}

/* One target: of those that are deferred one is sent, at the earliest of their
 * turns. */
static void target__in_a_random_life_has_its_rate(void **state)
{
    struct sending *sending = calloc(1, sizeof *sending);
    struct settings settings = SETTINGS;
    uint64_t random = 0x57414b4542555321;
    int64_t now_us = 1;
    int64_t due_us = 0; /* of what is deferred, or 0 */

    (void)state;
    assert_non_null(sending);
    settings.limits.domain_per_second = 0;
    limits_t *limits = limits_new(&settings, &KEY);
    for (int i = 0; i < STEPS; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        now_us += (int64_t)(random >> 20) % (4 * SECOND);
        if (due_us != 0 && due_us <= now_us) {
            sending->at_us[sending->count++] = due_us;
            due_us = 0;
        }
        int64_t wait_us = push(limits, "a", "n", now_us);
        if (wait_us == 0) {
            sending->at_us[sending->count++] = now_us;
        } else if (due_us == 0 || now_us + wait_us < due_us) {
            due_us = now_us + wait_us;
        }
    }
    assert_within(sending, 10 * SECOND, 2);
    limits_destroy(&limits);
    free(sending);
}

/* ---- ten million ---- */

static double sum_of(const limits_t *limits, const char *metric, enum limit of)
{
    metrics_t *page = metrics_new();

    limits_metrics(limits, page);
    double sum = metrics_sum(page, metric, 0, limit_setting(of));
    metrics_destroy(&page);
    return sum;
}

static void ten_million_targets__need_bounded_memory(void **state)
{
    enum { MANY = SO_MANY };
    struct settings settings = SETTINGS;
    char node[16];

    (void)state;
    settings.limits.domain_per_second = 100000;
    settings.limits.domain_burst = MANY;
    limits_t *limits = limits_new(&settings, &KEY);
    for (int i = 0; i < MANY; i++) {
        snprintf(node, sizeof node, "%08x", (unsigned)i);
        assert_int_equal(push(limits, "a", node, 1 + i), 0);
    }
    double kept = sum_of(limits, "wakebus_limit_buckets", LIMIT_TARGET);
    assert_true(kept == 131072);
    assert_true(kept + sum_of(limits, "wakebus_limit_buckets_forgotten_total",
                              LIMIT_TARGET) ==
                MANY);
    assert_true(sum_of(limits, "wakebus_limit_buckets", LIMIT_DOMAIN) == 1);
    assert_true(sum_of(limits, "wakebus_limit_reached_total", LIMIT_DOMAIN) ==
                0);
    limits_destroy(&limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(target__has_its_burst_then_its_rate),
        cmocka_unit_test(target__that_waits_has_one_turn_kept),
        cmocka_unit_test(domain__has_turns_kept_for_many),
        cmocka_unit_test(target__that_is_at_its_limit_costs_its_domain_nothing),
        cmocka_unit_test(user__is_a_bare_jid),
        cmocka_unit_test(users__share_what_their_domain_may),
        cmocka_unit_test(app__has_limits_of_its_own),
        cmocka_unit_test(domain__that_is_at_its_limit_costs_its_app_nothing),
        cmocka_unit_test(rate_0__is_no_limit),
        cmocka_unit_test(settings__are_named_as_they_are_set),
        cmocka_unit_test(domain__in_a_random_life_has_its_rate),
        cmocka_unit_test(target__in_a_random_life_has_its_rate),
        cmocka_unit_test(ten_million_targets__need_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/coalesce.h"

#include "tests/support/cmocka_test.h"
#include "tests/support/many.h"
#include <stdio.h>

enum { WINDOW_MS = 1000 };

static const struct push_target TARGET = {"example.org", "node", "secret", NULL,
                                          false};

static int pushes[4]; /* stand for pushes */
static int *const A = &pushes[0];
static int *const B = &pushes[1];
static int *const C = &pushes[2];

static coalesce_t *new_coalesce(int64_t window_ms, size_t most)
{
    const struct coalesce_conf conf = {window_ms, most, {{1, 2}}};

    return coalesce_new(&conf);
}

/* One with the window of a push that was sent at 0. */
static coalesce_t *after_push(bool is_urgent)
{
    coalesce_t *coalesce = new_coalesce(WINDOW_MS, 100);

    assert_true(coalesce_lead(coalesce, &TARGET, is_urgent, A, 0));
    coalesce_sent(coalesce, &TARGET, is_urgent, A, 0);
    return coalesce;
}

static void finish(coalesce_t **coalesce_p)
{
    assert_int_equal(coalesce_joinable(*coalesce_p), 0);
    assert_null(coalesce_due(*coalesce_p, INT64_MAX));
    coalesce_destroy(coalesce_p);
    assert_null(*coalesce_p);
    coalesce_destroy(coalesce_p);
}

static void first__goes_at_once_and_can_be_joined_until_it_is_sent(void **state)
{
    coalesce_t *coalesce = new_coalesce(WINDOW_MS, 100);

    (void)state;
    assert_null(coalesce_find(coalesce, &TARGET));
    assert_true(coalesce_lead(coalesce, &TARGET, false, A, 0));
    assert_ptr_equal(coalesce_find(coalesce, &TARGET), A);
    assert_false(
        coalesce_join(coalesce, &TARGET, true, 0)); /* has not waited */
    coalesce_sent(coalesce, &TARGET, true, A, 5);
    assert_null(coalesce_find(coalesce, &TARGET));
    assert_null(coalesce_due(coalesce, INT64_MAX));
    finish(&coalesce);
}

static void others__wait_for_the_end_of_the_window_and_go_as_one(void **state)
{
    coalesce_t *coalesce = after_push(true);

    (void)state;
    assert_false(coalesce_lead(coalesce, &TARGET, true, B, 1));
    assert_ptr_equal(coalesce_find(coalesce, &TARGET), B);
    assert_false(coalesce_join(coalesce, &TARGET, true, WINDOW_MS - 1));
    assert_null(coalesce_due(coalesce, WINDOW_MS - 1));
    assert_ptr_equal(coalesce_due(coalesce, WINDOW_MS), B);
    assert_null(coalesce_due(coalesce, WINDOW_MS));
    /* It is on its way, and can still be joined. */
    assert_ptr_equal(coalesce_find(coalesce, &TARGET), B);
    assert_false(coalesce_join(coalesce, &TARGET, true, WINDOW_MS + 1));
    coalesce_sent(coalesce, &TARGET, true, B, WINDOW_MS + 2);
    /* From there on it is the same again. */
    assert_false(coalesce_lead(coalesce, &TARGET, true, C, WINDOW_MS + 3));
    assert_null(coalesce_due(coalesce, 2 * WINDOW_MS + 1));
    assert_ptr_equal(coalesce_due(coalesce, 2 * WINDOW_MS + 2), C);
    coalesce_close(coalesce, &TARGET, C);
    finish(&coalesce);
}

static void window__is_over_at_its_end(void **state)
{
    coalesce_t *coalesce = after_push(true);

    (void)state;
    assert_true(coalesce_lead(coalesce, &TARGET, false, B, WINDOW_MS));
    coalesce_close(coalesce, &TARGET, B);
    finish(&coalesce);
}

static void urgent__does_not_wait_for_what_was_not(void **state)
{
    coalesce_t *coalesce = after_push(false);

    (void)state;
    assert_true(coalesce_lead(coalesce, &TARGET, true, B, 1));
    coalesce_sent(coalesce, &TARGET, true, B, 1);
    /* But it does for what was. */
    assert_false(coalesce_lead(coalesce, &TARGET, true, C, 2));
    assert_ptr_equal(coalesce_due(coalesce, WINDOW_MS + 1), C);
    coalesce_close(coalesce, &TARGET, C);
    finish(&coalesce);
}

static void urgent__takes_what_waits_along(void **state)
{
    coalesce_t *coalesce = after_push(false);

    (void)state;
    assert_false(coalesce_lead(coalesce, &TARGET, false, B, 1));
    assert_ptr_equal(coalesce_find(coalesce, &TARGET), B);
    assert_true(coalesce_join(coalesce, &TARGET, true, 2));
    assert_false(coalesce_join(coalesce, &TARGET, true, 2)); /* only once */
    assert_null(coalesce_due(coalesce, INT64_MAX));
    coalesce_sent(coalesce, &TARGET, true, B, 3);
    finish(&coalesce);
}

static void targets__have_nothing_to_do_with_each_other(void **state)
{
    static const struct push_target others[] = {
        {"example.net", "node", "secret", NULL, false},
        {"example.org", "other", "secret", NULL, false},
        {"example.org", "node", "wrong", NULL, false},
        {"example.org", "node", NULL, NULL, false},
        {"example.org", "nod", "esecret", NULL, false},
        {"example.orgn", "ode", "secret", NULL, false},
        {"example.org", "node", "secret", "app", false},
        {"example.org", "node", "secret", NULL, true},
    };
    coalesce_t *coalesce = after_push(true);

    (void)state;
    assert_false(coalesce_lead(coalesce, &TARGET, true, A, 1));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(coalesce_find(coalesce, &others[i]));
        assert_true(coalesce_lead(coalesce, &others[i], false, B, 1));
        assert_ptr_equal(coalesce_find(coalesce, &TARGET), A);
        coalesce_close(coalesce, &others[i], B);
    }
    coalesce_close(coalesce, &TARGET, A);
    finish(&coalesce);
}

static void close__is_of_that_push_only(void **state)
{
    coalesce_t *coalesce = after_push(true);

    (void)state;
    coalesce_close(coalesce, &TARGET, A); /* it was sent */
    assert_false(coalesce_lead(coalesce, &TARGET, true, B, 1));
    coalesce_close(coalesce, &TARGET, A);
    /* Lost with its sender, and sent again. */
    coalesce_sent(coalesce, &TARGET, true, A, 2);
    assert_ptr_equal(coalesce_find(coalesce, &TARGET), B);
    coalesce_close(coalesce, &TARGET, B); /* while it waits */
    assert_null(coalesce_find(coalesce, &TARGET));
    finish(&coalesce);
}

static void what_was_not_sent__leaves_nothing(void **state)
{
    coalesce_t *coalesce = new_coalesce(WINDOW_MS, 100);

    (void)state;
    assert_true(coalesce_lead(coalesce, &TARGET, true, A, 0));
    coalesce_close(coalesce, &TARGET, A);
    assert_int_equal(coalesce_windows(coalesce), 0);
    assert_true(coalesce_lead(coalesce, &TARGET, true, B, 0));
    coalesce_close(coalesce, &TARGET, B);
    finish(&coalesce);
}

static void
waiting__are_due_in_order_when_the_window_becomes_shorter(void **state)
{
    static const struct push_target other = {"example.org", "other", "secret",
                                             NULL, false};
    coalesce_t *coalesce = after_push(true);

    (void)state;
    assert_false(coalesce_lead(coalesce, &TARGET, true, B, 1));
    coalesce_set_window(coalesce, 100);
    assert_true(coalesce_lead(coalesce, &other, true, A, 10));
    coalesce_sent(coalesce, &other, true, A, 10);
    assert_false(coalesce_lead(coalesce, &other, true, C, 20));
    assert_null(coalesce_due(coalesce, 109));
    assert_ptr_equal(coalesce_due(coalesce, 110), C);
    assert_null(coalesce_due(coalesce, WINDOW_MS - 1));
    assert_ptr_equal(coalesce_due(coalesce, WINDOW_MS), B);
    coalesce_close(coalesce, &TARGET, B);
    coalesce_close(coalesce, &other, C);
    finish(&coalesce);
}

static void window_0__switches_it_off(void **state)
{
    coalesce_t *coalesce = after_push(true);

    (void)state;
    assert_false(coalesce_lead(coalesce, &TARGET, true, B, 1));
    coalesce_set_window(coalesce, 0);
    assert_ptr_equal(coalesce_due(coalesce, WINDOW_MS), B);
    coalesce_sent(coalesce, &TARGET, true, B, WINDOW_MS);
    for (int i = 0; i < 3; i++) {
        assert_null(coalesce_find(coalesce, &TARGET));
        assert_true(coalesce_lead(coalesce, &TARGET, true, C, WINDOW_MS));
        coalesce_sent(coalesce, &TARGET, true, C, WINDOW_MS);
    }
    finish(&coalesce);
}

/* ---- ten million targets ---- */

enum { MANY = SO_MANY, MOST = 1 << 16 };

/* What is invented is looked up in vain, and meanwhile a user has a window. */
static void invented_nodes__leave_the_windows_of_users_alone(void **state)
{
    char node[16];
    const struct push_target invented = {"evil.example", node, NULL, NULL,
                                         false};
    coalesce_t *coalesce = after_push(true);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(node, sizeof node, "%08x", (unsigned)i);
        assert_true(coalesce_lead(coalesce, &invented, true, B, 1));
        coalesce_close(coalesce, &invented, B);
    }
    assert_int_equal(coalesce_windows(coalesce), 1);
    assert_false(coalesce_lead(coalesce, &TARGET, true, C, 2));
    coalesce_close(coalesce, &TARGET, C);
    finish(&coalesce);
}

/* A thousand pushes each millisecond, to targets that there are. */
static void good_nodes__need_bounded_memory(void **state)
{
    char node[16];
    const struct push_target good = {"example.org", node, "secret", NULL,
                                     false};
    coalesce_t *coalesce = new_coalesce(WINDOW_MS, MOST);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        snprintf(node, sizeof node, "%08x", (unsigned)i);
        assert_true(coalesce_lead(coalesce, &good, true, A, i / 1000));
        coalesce_sent(coalesce, &good, true, A, i / 1000);
    }
    assert_int_equal(coalesce_windows(coalesce), MOST);
    assert_int_equal(coalesce_forgotten(coalesce), MANY - MOST);
    assert_true(coalesce_bytes(coalesce) < 37 * MOST);
    finish(&coalesce);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            first__goes_at_once_and_can_be_joined_until_it_is_sent),
        cmocka_unit_test(others__wait_for_the_end_of_the_window_and_go_as_one),
        cmocka_unit_test(window__is_over_at_its_end),
        cmocka_unit_test(urgent__does_not_wait_for_what_was_not),
        cmocka_unit_test(urgent__takes_what_waits_along),
        cmocka_unit_test(targets__have_nothing_to_do_with_each_other),
        cmocka_unit_test(close__is_of_that_push_only),
        cmocka_unit_test(what_was_not_sent__leaves_nothing),
        cmocka_unit_test(
            waiting__are_due_in_order_when_the_window_becomes_shorter),
        cmocka_unit_test(window_0__switches_it_off),
        cmocka_unit_test(invented_nodes__leave_the_windows_of_users_alone),
        cmocka_unit_test(good_nodes__need_bounded_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

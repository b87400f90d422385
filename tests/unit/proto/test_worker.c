/* SPDX-License-Identifier: BSD-3-Clause */
#include "proto/worker.h"

#include "tests/support/cmocka_test.h"
#include <stdlib.h>
#include <string.h>

static struct msg open_frame(const char *frame)
{
    struct proto_err err;
    struct msg m;

    assert_non_null(frame);
    assert_int_equal(msg_open(&m, frame, strlen(frame), &err), 0);
    return m;
}

static void hello__makes_the_round_trip(void **state)
{
    const struct hello sent = {.role = "fcm-sender",
                               .worker = "0123456789abcdef",
                               .jobs = "tcp://192.0.2.7:40001",
                               .credit = 100000,
                               .apps = {2, {"conversations", "quicksy"}}};
    struct hello taken;
    struct proto_err err;

    (void)state;
    char *frame = hello_encode(&sent, "0123456789abcdef", &err);
    assert_string_equal(
        frame, "{\"v\":1,\"type\":\"hello\",\"id\":\"0123456789abcdef\","
               "\"role\":\"fcm-sender\",\"worker\":\"0123456789abcdef\","
               "\"jobs\":\"tcp://192.0.2.7:40001\",\"credit\":100000,"
               "\"apps\":[\"conversations\",\"quicksy\"]}");
    struct msg m = open_frame(frame);
    assert_int_equal(hello_decode(&taken, &m, &err), 0);
    assert_string_equal(taken.role, sent.role);
    assert_string_equal(taken.worker, sent.worker);
    assert_string_equal(taken.jobs, sent.jobs);
    assert_int_equal(taken.credit, sent.credit);
    assert_int_equal(taken.apps.count, 2);
    assert_string_equal(taken.apps.items[1], "quicksy");
    msg_close(&m);
    free(frame);
}

static void hello__needs_credit(void **state)
{
    struct hello hello = {
        .role = "registry", .worker = "w", .jobs = "ipc:///j"};
    struct proto_err err;

    (void)state;
    for (int64_t credit = 0; credit <= 100001; credit += 100001) {
        hello.credit = credit;
        assert_null(hello_encode(&hello, "1", &err));
        assert_string_equal(err.field, "credit");
        assert_string_equal(err.why, "out of bounds");
    }
}

static void bye_and_fin__say_who(void **state)
{
    const struct bye bye = {"w1"};
    const struct fin fin = {"w1"};
    struct bye taken_bye;
    struct fin taken_fin;
    struct proto_err err;

    (void)state;
    char *frame = bye_encode(&bye, "w1", &err);
    assert_string_equal(
        frame, "{\"v\":1,\"type\":\"bye\",\"id\":\"w1\",\"worker\":\"w1\"}");
    struct msg m = open_frame(frame);
    assert_int_equal(bye_decode(&taken_bye, &m, &err), 0);
    assert_string_equal(taken_bye.worker, "w1");
    assert_int_equal(fin_decode(&taken_fin, &m, &err), -1);
    assert_string_equal(err.field, "type");
    msg_close(&m);
    free(frame);
    frame = fin_encode(&fin, "w1", &err);
    m = open_frame(frame);
    assert_int_equal(fin_decode(&taken_fin, &m, &err), 0);
    assert_string_equal(taken_fin.worker, "w1");
    msg_close(&m);
    free(frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello__makes_the_round_trip),
        cmocka_unit_test(hello__needs_credit),
        cmocka_unit_test(bye_and_fin__say_who),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void url__is_taken_apart(void **state)
{
    static const struct {
        const char *text;
        struct redis_url url;
    } cases[] = {
        {"redis://127.0.0.1:6380/3",
         {.places = {{.host = "127.0.0.1", .port = 6380}},
          .place_count = 1,
          .database = 3,
          .label = "127.0.0.1:6380/3"}},
        {"redis://redis",
         {.places = {{.host = "redis", .port = 6379}},
          .place_count = 1,
          .label = "redis:6379/0"}},
        {"redis://redis/",
         {.places = {{.host = "redis", .port = 6379}},
          .place_count = 1,
          .label = "redis:6379/0"}},
        {"redis://:pass@redis:1/0",
         {.password = "pass",
          .places = {{.host = "redis", .port = 1}},
          .place_count = 1,
          .label = "redis:1/0"}},
        {"redis://us%40er:p%3a%2F@w@redis",
         {.user = "us@er",
          .password = "p:/@w",
          .places = {{.host = "redis", .port = 6379}},
          .place_count = 1,
          .label = "redis:6379/0"}},
        {"redis://[::1]:7000/1",
         {.places = {{.host = "::1", .port = 7000}},
          .place_count = 1,
          .database = 1,
          .label = "::1:7000/1"}},
        {"redis://[fe80::1]",
         {.places = {{.host = "fe80::1", .port = 6379}},
          .place_count = 1,
          .label = "fe80::1:6379/0"}},
        {"unix:/run/redis.sock",
         {.places = {{.path = "/run/redis.sock", .port = 6379}},
          .place_count = 1,
          .label = "unix:/run/redis.sock?db=0"}},
        {"unix:/run/redis.sock?db=2",
         {.places = {{.path = "/run/redis.sock", .port = 6379}},
          .place_count = 1,
          .database = 2,
          .label = "unix:/run/redis.sock?db=2"}},
        {"unix:///run/redis.sock",
         {.places = {{.path = "/run/redis.sock", .port = 6379}},
          .place_count = 1,
          .label = "unix:/run/redis.sock?db=0"}},
        {"unix://u:p@/run/redis.sock?db=1",
         {.user = "u",
          .password = "p",
          .places = {{.path = "/run/redis.sock", .port = 6379}},
          .place_count = 1,
          .database = 1,
          .label = "unix:/run/redis.sock?db=1"}},
        {"redis+sentinel://a,b:7,[::1]:8/mymaster",
         {.places = {{.host = "a", .port = 26379},
                     {.host = "b", .port = 7},
                     {.host = "::1", .port = 8}},
          .place_count = 3,
          .master = "mymaster",
          .label = "sentinel:mymaster/0"}},
        {"redis+sentinel://u:p,w@1.2.3.4/m/2",
         {.user = "u",
          .password = "p,w",
          .places = {{.host = "1.2.3.4", .port = 26379}},
          .place_count = 1,
          .master = "m",
          .database = 2,
          .label = "sentinel:m/2"}},
        {"redis+sentinel://:p@a/m/",
         {.password = "p",
          .places = {{.host = "a", .port = 26379}},
          .place_count = 1,
          .master = "m",
          .label = "sentinel:m/0"}},
        {"redis+cluster://a,b:7,[::1]:8",
         {.places = {{.host = "a", .port = 6379},
                     {.host = "b", .port = 7},
                     {.host = "::1", .port = 8}},
          .place_count = 3,
          .cluster = true,
          .label = "cluster:a:6379"}},
        {"redis+cluster://u:p@a:7,b/0",
         {.user = "u",
          .password = "p",
          .places = {{.host = "a", .port = 7}, {.host = "b", .port = 6379}},
          .place_count = 2,
          .cluster = true,
          .label = "cluster:a:7"}},
        {"redis+cluster://a/",
         {.places = {{.host = "a", .port = 6379}},
          .place_count = 1,
          .cluster = true,
          .label = "cluster:a:6379"}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct redis_url url;
        const struct redis_url *want = &cases[i].url;
        const char *why;
        assert_int_equal(redis_url_parse(&url, cases[i].text, &why), 0);
        assert_string_equal(url.user, want->user);
        assert_string_equal(url.password, want->password);
        assert_string_equal(url.master, want->master);
        assert_string_equal(url.label, want->label);
        assert_int_equal(url.cluster, want->cluster);
        assert_int_equal(url.database, want->database);
        assert_int_equal(url.place_count, want->place_count);
        for (size_t j = 0; j < url.place_count; j++) {
            assert_string_equal(url.places[j].host, want->places[j].host);
            assert_string_equal(url.places[j].path, want->places[j].path);
            assert_int_equal(url.places[j].port, want->places[j].port);
        }
    }
}

static void url__is_refused_without_quoting_it(void **state)
{
    static const char *const cases[] = {
        "",
        "redis",
        "redis:",
        "redis:/sesame",
        "redis://",
        "redis://:6379",
        "redis://host:",
        "redis://host:0",
        "redis://host:65536",
        "redis://host:123456",
        "redis://host:63x9",
        "redis://host/one",
        "redis://host/-1",
        "redis://host/1/2",
        "redis://sesame@host",
        "redis://user:@host",
        "redis://user:sesame%4@host",
        "redis://user:sesame%zz@host",
        "redis://user:sesame%00@host",
        "redis://user:sesame%@host",
        "redis://:sesame@",
        "redis://[::1",
        "redis://[::1]6379",
        "redis://[]:6379",
        "rediss://:sesame@host",
        "http://:sesame@host",
        "unix:",
        "unix:/",
        "unix:run/redis.sock",
        "unix:/run/redis.sock?db=",
        "unix:/run/redis.sock?db=x",
        "unix:/run/redis.sock?password=sesame",
        "unix://sesame@/run/redis.sock",
        "redis+sentinel:",
        "redis+sentinel://",
        "redis+sentinel://:sesame@a",
        "redis+sentinel://:sesame@a/",
        "redis+sentinel://:sesame@a//1",
        "redis+sentinel://:sesame@/master",
        "redis+sentinel://:sesame@a,/master",
        "redis+sentinel://:sesame@,a/master",
        "redis+sentinel://:sesame@a,,b/master",
        "redis+sentinel://:sesame@a:0/master",
        "redis+sentinel://:sesame@a:,b/master",
        "redis+sentinel://:sesame@a/master/one",
        "redis+sentinel://:sesame@a/master/1/2",
        "redis+sentinel://:sesame@1,2,3,4,5,6,7,8,9/master",
        "redis+sentinel://sesame@a/master",
        "redis+cluster:",
        "redis+cluster://",
        "redis+cluster:///0",
        "redis+cluster://sesame@a",
        "redis+cluster://:sesame@a,",
        "redis+cluster://:sesame@a:0",
        "redis+cluster://:sesame@a/1",
        "redis+cluster://:sesame@a/0/1",
        "redis+cluster://:sesame@a/master",
        "redis+cluster://:sesame@1,2,3,4,5,6,7,8,9",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct redis_url url;
        const char *why = NULL;
        assert_int_equal(redis_url_parse(&url, cases[i], &why), -1);
        assert_non_null(why);
        assert_null(strstr(why, "sesame"));
    }
}

static void url__is_refused_when_a_part_is_too_long(void **state)
{
    static const char *const forms[][2] = {{"redis://", ""},
                                           {"redis://", ":p@host"},
                                           {"redis://:", "@host"},
                                           {"unix:/", ""},
                                           {"redis+sentinel://a/", ""},
                                           {"redis+sentinel://a,", "/m"},
                                           {"redis+cluster://a,", ""}};
    char part[1024];
    char text[1100];

    (void)state;
    memset(part, 'a', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct redis_url url;
        const char *why = NULL;
        snprintf(text, sizeof text, "%s%s%s", forms[i][0], part, forms[i][1]);
        assert_int_equal(redis_url_parse(&url, text, &why), -1);
        assert_non_null(why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(url__is_taken_apart),
        cmocka_unit_test(url__is_refused_without_quoting_it),
        cmocka_unit_test(url__is_refused_when_a_part_is_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_checkup.h"

#include "tests/support/cmocka_test.h"
#include <string.h>

#define VERSION "redis_version:7.0.15\r\n"
#define LOG                                                                    \
    "aof_enabled:1\r\naof_last_write_status:ok\r\n"                            \
    "aof_last_bgrewrite_status:ok\r\nrdb_last_bgsave_status:ok\r\n"
#define MEMORY                                                                 \
    "used_memory:10485760\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n"   \
    "total_system_memory:8589934592\r\n"
#define REPLICAS "connected_slaves:1\r\n"

/* One for each thing that can be found, and of what is right between them. */
static const struct {
    const char *info;
    const char *appendfsync;
    bool wants_replica;
    const char *step; /* the finding that is looked at */
    enum finding_state state;
    const char *text; /* how it begins */
} CASES[] = {
    {VERSION LOG MEMORY REPLICAS, "everysec", true, "redis.version", FINDING_OK,
     "7.0.15"},
    {VERSION LOG MEMORY REPLICAS, "everysec", true, "redis.log", FINDING_OK,
     "on, appendfsync everysec"},
    {VERSION LOG MEMORY REPLICAS, "everysec", true, "redis.memory", FINDING_OK,
     "10.0 MB used; maxmemory is not set"},
    {VERSION LOG MEMORY REPLICAS, "everysec", true, "redis.replicas",
     FINDING_OK, "1"},
    /* version */
    {"redis_version:6.0.16\r\n", NULL, false, "redis.version", FINDING_OK,
     "6.0.16"},
    {"redis_version:5.0.14\r\n", NULL, false, "redis.version", FINDING_FAULT,
     "5.0.14 is too old"},
    {"redis_version:10.0.0\r\n", NULL, false, "redis.version", FINDING_OK,
     "10.0.0"},
    {"", NULL, false, "redis.version", FINDING_FAULT, "unknown"},
    /* the log */
    {"aof_enabled:0\r\naof_last_write_status:ok\r\n", "everysec", false,
     "redis.log", FINDING_FAULT, "off: when Redis ends"},
    {"aof_enabled:1\r\naof_last_write_status:err\r\n", "everysec", false,
     "redis.log", FINDING_FAULT, "it cannot be written"},
    {LOG, "always", false, "redis.log", FINDING_OK, "on, appendfsync always"},
    {LOG, "no", false, "redis.log", FINDING_WARNING,
     "on, but it reaches the disk only when"},
    {LOG, NULL, false, "redis.log", FINDING_OK,
     "on; appendfsync is not told to this user"},
    {"", NULL, false, "redis.log", FINDING_FAULT, "off"},
    /* memory */
    {"used_memory:2147483648\r\nmaxmemory:4294967296\r\n", NULL, false,
     "redis.memory", FINDING_OK, "2.0 GB used of 4.0 GB"},
    {"used_memory:80\r\nmaxmemory:100\r\n", NULL, false, "redis.memory",
     FINDING_WARNING, "0.0 MB used of 0.0 MB"},
    {"used_memory:79\r\nmaxmemory:100\r\n", NULL, false, "redis.memory",
     FINDING_OK, "0.0 MB used of 0.0 MB"},
    {"used_memory:4294967296\r\nmaxmemory:0\r\n"
     "total_system_memory:8589934592\r\n",
     NULL, false, "redis.memory", FINDING_WARNING,
     "4.0 GB used of the host's 8.0 GB"},
    {"used_memory:4294967295\r\nmaxmemory:0\r\n"
     "total_system_memory:8589934592\r\n",
     NULL, false, "redis.memory", FINDING_OK, "4.0 GB used; maxmemory"},
    {"maxmemory:0\r\n", NULL, false, "redis.memory", FINDING_SKIPPED,
     "Redis does not tell"},
    /* replicas */
    {"connected_slaves:0\r\n", NULL, false, "redis.replicas", FINDING_OK,
     "none"},
    {"connected_slaves:0\r\n", NULL, true, "redis.replicas", FINDING_WARNING,
     "none"},
    {"connected_slaves:2\r\n", NULL, true, "redis.replicas", FINDING_OK, "2"},
};

/* The `number`th finding of this step, from 0; it must be there. */
static const struct finding *find(const checkup_t *checkup, const char *step,
                                  size_t number)
{
    for (size_t i = 0; i < checkup_size(checkup); i++) {
        const struct finding *finding = checkup_finding(checkup, i);
        if (strcmp(finding->step, step) == 0 && number-- == 0) {
            return finding;
        }
    }
    fail();
    return NULL;
}

static void checkup__finds_what_there_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        checkup_t *checkup = checkup_new();
        const struct redis_facts facts = {
            NULL, CASES[i].info, CASES[i].appendfsync, CASES[i].wants_replica};
        redis_checkup(checkup, &facts);
        const struct finding *finding = find(checkup, CASES[i].step, 0);
        assert_int_equal(finding->state, CASES[i].state);
        assert_memory_equal(finding->text, CASES[i].text,
                            strlen(CASES[i].text));
        bool is_bad = finding->state == FINDING_FAULT ||
                      finding->state == FINDING_WARNING;
        assert_int_equal(finding->remedy[0] != '\0', is_bad);
        checkup_destroy(&checkup);
    }
}

/* Beside what is said of how much there is. */
static void policy__must_not_throw_registrations_away(void **state)
{
    static const struct {
        const char *info;
        bool found;
        enum finding_state state;
    } cases[] = {
        {"maxmemory:100\r\nmaxmemory_policy:allkeys-lru\r\n", true,
         FINDING_FAULT},
        {"maxmemory:100\r\nmaxmemory_policy:allkeys-random\r\n", true,
         FINDING_FAULT},
        {"maxmemory:0\r\nmaxmemory_policy:allkeys-lfu\r\n", true,
         FINDING_WARNING},
        {"maxmemory:100\r\nmaxmemory_policy:volatile-lru\r\n", false,
         FINDING_OK},
        {"maxmemory:100\r\nmaxmemory_policy:noeviction\r\n", false, FINDING_OK},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        checkup_t *checkup = checkup_new();
        char info[256];
        const struct redis_facts facts = {.info = info};
        snprintf(info, sizeof info, VERSION LOG "used_memory:1\r\n%s",
                 cases[i].info);
        redis_checkup(checkup, &facts);
        assert_int_equal(checkup_size(checkup), cases[i].found ? 5 : 4);
        if (cases[i].found) {
            const struct finding *finding = find(checkup, "redis.memory", 1);
            assert_int_equal(finding->state, cases[i].state);
            assert_non_null(strstr(finding->text, "allkeys-"));
        }
        checkup_destroy(&checkup);
    }
}

static void log__may_have_more_than_one_trouble(void **state)
{
    const struct redis_facts facts = {
        .info = "aof_enabled:1\r\naof_last_write_status:ok\r\n"
                "aof_last_bgrewrite_status:err\r\n"
                "rdb_last_bgsave_status:err\r\n",
        .appendfsync = "everysec"};
    checkup_t *checkup = checkup_new();

    (void)state;
    redis_checkup(checkup, &facts);
    assert_int_equal(find(checkup, "redis.log", 0)->state, FINDING_OK);
    assert_int_equal(find(checkup, "redis.log", 1)->state, FINDING_WARNING);
    assert_int_equal(find(checkup, "redis.log", 2)->state, FINDING_WARNING);
    checkup_destroy(&checkup);
}

static void redis__that_tells_nothing_is_a_warning(void **state)
{
    const struct redis_facts facts = {.server = NULL};
    checkup_t *checkup = checkup_new();

    (void)state;
    redis_checkup(checkup, &facts);
    assert_int_equal(checkup_count(checkup, FINDING_WARNING), 1);
    assert_int_equal(checkup_count(checkup, FINDING_SKIPPED), 3);
    assert_non_null(strstr(find(checkup, "redis.version", 0)->remedy, "+info"));
    checkup_destroy(&checkup);
}

static void servers__are_named_where_there_are_several(void **state)
{
    const struct redis_facts facts = {.server = "192.0.2.7:7000",
                                      .info = VERSION};
    checkup_t *checkup = checkup_new();

    (void)state;
    redis_checkup(checkup, &facts);
    assert_string_equal(find(checkup, "redis.version", 0)->text,
                        "192.0.2.7:7000: 7.0.15");
    checkup_destroy(&checkup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checkup__finds_what_there_is),
        cmocka_unit_test(policy__must_not_throw_registrations_away),
        cmocka_unit_test(log__may_have_more_than_one_trouble),
        cmocka_unit_test(redis__that_tells_nothing_is_a_warning),
        cmocka_unit_test(servers__are_named_where_there_are_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_checkup.h"

#include "services/registry/redis_info.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERSION_MIN = 6, /* that has users, and what our scripts use */
    FULL_PERCENT = 80,
    /* Of the host's memory: a snapshot of data that changes takes as much
     * again. */
    HOST_PERCENT = 50,
};

#define VERSION "redis.version"
#define LOG "redis.log"
#define MEMORY "redis.memory"
#define REPLICAS "redis.replicas"

const char *const REDIS_CHECKUP_STEPS[] = {VERSION, LOG, MEMORY, REPLICAS,
                                           NULL};

static const char ALLOW_INFO[] =
    "allow its user +info, as deploy/redis.conf has it";

struct exam {
    checkup_t *checkup;
    const struct redis_facts *facts;
    const char *info; /* of the facts */
};

/* With the server's name before it, where there are several. */
static void note(const struct exam *exam, const char *step,
                 enum finding_state state, const char *remedy,
                 const char *format, ...) __attribute__((format(printf, 5, 6)));

static void note(const struct exam *exam, const char *step,
                 enum finding_state state, const char *remedy,
                 const char *format, ...)
{
    const char *server = exam->facts->server;
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    checkup_note(exam->checkup, step, state, remedy, "%s%s%s",
                 server != NULL ? server : "", server != NULL ? ": " : "",
                 text);
}

/* ---- version ---- */

static void check_version(const struct exam *exam)
{
    char version[32] = "unknown";

    redis_info_text(exam->info, "redis_version", version, sizeof version);
    if (strtol(version, NULL, 10) < VERSION_MIN) {
        note(exam, VERSION, FINDING_FAULT, "run Redis 6 or newer",
             "%s is too old", version);
    } else {
        note(exam, VERSION, FINDING_OK, NULL, "%s", version);
    }
}

/* ---- what is on the disk ---- */

static void check_fsync(const struct exam *exam)
{
    const char *appendfsync = exam->facts->appendfsync;

    if (appendfsync == NULL) {
        note(exam, LOG, FINDING_OK, NULL,
             "on; appendfsync is not told to this user");
    } else if (strcmp(appendfsync, "no") == 0) {
        note(exam, LOG, FINDING_WARNING, "set appendfsync everysec, or always",
             "on, but it reaches the disk only when the kernel likes: a power "
             "cut takes half a minute of registrations along");
    } else {
        note(exam, LOG, FINDING_OK, NULL, "on, appendfsync %s", appendfsync);
    }
}

static void check_log(const struct exam *exam)
{
    if (!redis_info_is(exam->info, "aof_enabled", "1")) {
        note(exam, LOG, FINDING_FAULT,
             "set appendonly yes in redis.conf, and now with redis-cli CONFIG "
             "SET appendonly yes",
             "off: when Redis ends, registrations that it has acknowledged are "
             "lost");
    } else if (!redis_info_is(exam->info, "aof_last_write_status", "ok")) {
        note(exam, LOG, FINDING_FAULT, "free disk space: see Redis's log",
             "it cannot be written");
    } else {
        check_fsync(exam);
    }
    if (redis_info_is(exam->info, "aof_last_bgrewrite_status", "err")) {
        note(exam, LOG, FINDING_WARNING,
             "free disk space and memory: see Redis's log",
             "it could not be rewritten, and grows until it can");
    }
    if (redis_info_is(exam->info, "rdb_last_bgsave_status", "err")) {
        note(exam, LOG, FINDING_WARNING,
             "free disk space and memory: see Redis's log",
             "the last snapshot failed");
    }
}

/* ---- memory ---- */

struct amount {
    char text[24];
};

static struct amount amount_of(int64_t bytes)
{
    struct amount amount;
    double mb = (double)bytes / (1024 * 1024);

    if (mb < 1024) {
        snprintf(amount.text, sizeof amount.text, "%.1f MB", mb);
    } else {
        snprintf(amount.text, sizeof amount.text, "%.1f GB", mb / 1024);
    }
    return amount;
}

static void check_room(const struct exam *exam, int64_t used, int64_t limit)
{
    if (used * 100 >= limit * FULL_PERCENT) {
        note(exam, MEMORY, FINDING_WARNING,
             "give Redis more memory, and raise maxmemory: when it is reached "
             "nobody can register",
             "%s used of %s", amount_of(used).text, amount_of(limit).text);
    } else {
        note(exam, MEMORY, FINDING_OK, NULL, "%s used of %s",
             amount_of(used).text, amount_of(limit).text);
    }
}

/* Without a limit of its own it is the host that has to have the room. */
static void check_host(const struct exam *exam, int64_t used)
{
    int64_t host = redis_info_number(exam->info, "total_system_memory");

    if (host > 0 && used * 100 >= host * HOST_PERCENT) {
        note(exam, MEMORY, FINDING_WARNING,
             "give the host more memory: a snapshot may take as much again, "
             "and the kernel ends who takes too much",
             "%s used of the host's %s", amount_of(used).text,
             amount_of(host).text);
    } else {
        note(exam, MEMORY, FINDING_OK, NULL, "%s used; maxmemory is not set",
             amount_of(used).text);
    }
}

/* Nothing of ours has a time to live: of the policies that throw away, only
 * those for all keys concern it. */
static void check_policy(const struct exam *exam, int64_t limit)
{
    char policy[32] = "";

    redis_info_text(exam->info, "maxmemory_policy", policy, sizeof policy);
    if (strncmp(policy, "allkeys", 7) == 0) {
        note(exam, MEMORY, limit > 0 ? FINDING_FAULT : FINDING_WARNING,
             "set maxmemory-policy noeviction",
             "maxmemory-policy %s throws registrations away when memory is "
             "short",
             policy);
    }
}

static void check_memory(const struct exam *exam)
{
    int64_t used = redis_info_number(exam->info, "used_memory");
    int64_t limit = redis_info_number(exam->info, "maxmemory");

    if (used < 0) {
        note(exam, MEMORY, FINDING_SKIPPED, NULL, "Redis does not tell");
        return;
    }
    if (limit > 0) {
        check_room(exam, used, limit);
    } else {
        check_host(exam, used);
    }
    check_policy(exam, limit);
}

/* ---- replicas ---- */

static void check_replicas(const struct exam *exam)
{
    int64_t count = redis_info_number(exam->info, "connected_slaves");

    if (exam->facts->wants_replica && count <= 0) {
        note(exam, REPLICAS, FINDING_WARNING,
             "start a replica: without one there is nobody to take over",
             "none");
    } else if (count <= 0) {
        note(exam, REPLICAS, FINDING_OK, NULL, "none");
    } else {
        note(exam, REPLICAS, FINDING_OK, NULL, "%" PRId64, count);
    }
}

void redis_checkup(checkup_t *checkup, const struct redis_facts *facts)
{
    const struct exam with = {checkup, facts, facts->info};
    const struct exam *exam = &with;

    if (facts->info == NULL) {
        note(exam, VERSION, FINDING_WARNING, ALLOW_INFO,
             "Redis does not answer INFO: nobody knows how it is");
        for (size_t i = 1; REDIS_CHECKUP_STEPS[i] != NULL; i++) {
            note(exam, REDIS_CHECKUP_STEPS[i], FINDING_SKIPPED, NULL,
                 "no answer to INFO");
        }
        return;
    }
    check_version(exam);
    check_log(exam);
    check_memory(exam);
    check_replicas(exam);
}

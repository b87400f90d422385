/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_fault.h"

#include "common/clock.h"
#include "common/log.h"
#include <stddef.h>
#include <string.h>

const struct redis_fault REDIS_UNREACHABLE = {
    "UNREACHABLE", "check redis.url, and that Redis runs", false};
const struct redis_fault REDIS_SILENT = {
    "SILENT", "Redis or the network to it hangs: see its log and its host",
    false};
const struct redis_fault REDIS_STRANGE = {
    "STRANGE",
    "check that redis.url is a Redis of version 6 or newer, whose data under "
    "wakebus: nobody else writes",
    false};
const struct redis_fault REDIS_NO_ENTRY = {
    "AUTH", "correct the user or password in redis.url", false};
const struct redis_fault REDIS_NO_DATABASE = {
    "SELECT", "correct the database in redis.url, or the server's `databases`",
    false};
const struct redis_fault REDIS_NO_SENTINEL = {
    "NOSENTINEL", "check the sentinels in redis.url, and that they run", false};
const struct redis_fault REDIS_NO_MASTER = {
    "NOMASTER", "correct the master's name in redis.url", false};
const struct redis_fault REDIS_DEMOTED = {
    "DEMOTED", "none needed unless it lasts: the sentinels change the master",
    true};

const struct redis_fault REDIS_NO_CLUSTER = {
    "NOCLUSTER", "this Redis is in no cluster: write redis.url as redis://…",
    false};
const struct redis_fault REDIS_NO_OWNER = {
    "NOOWNER", "give each slot a master, 64 at most: redis-cli --cluster check",
    false};
const struct redis_fault REDIS_NO_END = {
    "NOEND", "the nodes do not agree on slots: redis-cli --cluster check",
    false};

static const char CLUSTER[] =
    "this Redis is in a cluster: write redis.url as redis+cluster://…";

static const struct redis_fault FAULTS[] = {
    {"LOADING", "none needed: Redis is reading its data from disk", false},
    {"READONLY", "redis.url must lead to the master, this is a replica", true},
    {"MASTERDOWN",
     "redis.url must lead to the master, this is a replica that "
     "has lost its own",
     true},
    {"OOM", "give Redis more memory: its maxmemory is reached", false},
    {"MISCONF", "free disk space: Redis cannot save, see its log", false},
    {"NOREPLICAS", "bring the replicas back that min-replicas-to-write needs",
     false},
    {"BUSY", "find the script that blocks Redis: SCRIPT KILL", false},
    {"NOAUTH", "put the password into redis.url", false},
    {"WRONGPASS", "correct the user or password in redis.url", false},
    {"NOPERM",
     "allow the user ~wakebus:* +@read +@write +@connection +eval +info "
     "+role +cluster|slots",
     false},
    {"DENIED", "Redis is in protected mode: set a password and `bind`", false},
    {"CLUSTERDOWN",
     "the cluster lacks masters: redis-cli --cluster check, and see "
     "cluster-require-full-coverage",
     false},
    {"TRYAGAIN", "none needed unless it lasts: the keys are being moved",
     false},
    {"CROSSSLOT",
     "targets that were imported under another tag cannot be in a cluster",
     false},
    {"MOVED", CLUSTER, false},
    {"ASK", CLUSTER, false},
    {"ERR max number of clients", "raise Redis's maxclients", false},
};

const struct redis_fault *redis_fault_of(const char *error)
{
    for (size_t i = 0; i < sizeof FAULTS / sizeof *FAULTS; i++) {
        size_t size = strlen(FAULTS[i].state);
        if (strncmp(error, FAULTS[i].state, size) == 0 &&
            (error[size] == ' ' || error[size] == '\0')) {
            return &FAULTS[i];
        }
    }
    return &REDIS_STRANGE;
}

void redis_fault_report(const struct redis_fault *fault, const char *server,
                        const char *detail, repeats_t *repeats)
{
    int64_t times = repeats_note(repeats, fault->state, clock_mono_ms());

    if (times > 0) {
        log_error("redis.fault", TEXT("server", server),
                  TEXT("state", fault->state), TEXT("why", detail),
                  TEXT("remedy", fault->remedy), TIMES(times));
    }
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/due_list.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "common/log.h"
#include "services/registry/answer.h"
#include "services/registry/due_keys.h"
#include "services/registry/keys.h"
#include "services/registry/scripts.h"
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

enum {
    TICK_MS = 200,
    CLAIM_MOST = 8,   /* in one claim, of REDIS_ITEMS_MAX */
    TAKE_MOST = 48,   /* in one tick, of all parts: providers punish a flood */
    LEASE_MS = 30000, /* longer than any push takes */
    DELAY_MAX_MS = 600000,
    NUMBER_ROOM = 24,
};

struct part {
    due_list_t *list;
    const char *key;
    size_t left; /* to take in this tick */
};

struct due_list {
    zloop_t *loop;
    redis_t *redis;
    const struct settings *settings;
    struct due_events events;
    struct due_keys keys;
    struct part parts[DUE_PARTS]; /* so many as there are keys */
    int timer;
    bool stopped;
};

int64_t due_delay_ms(int64_t first_s, int64_t times, int64_t retry_after_s,
                     uint32_t random)
{
    const struct backoff backoff = {.base_ms = first_s * 2 * 1000,
                                    .cap_ms = DELAY_MAX_MS};
    int64_t own_ms = backoff_delay_ms(&backoff, (unsigned)(times - 1), random);
    int64_t asked_ms = retry_after_s * 1000;

    /* A tenth more, at random: not all at once when the time is up. */
    asked_ms += asked_ms * (int64_t)(random % 100) / 1000;
    return own_ms > asked_ms ? own_ms : asked_ms;
}

/* A frontend of an older version does not name the device, of which it needs
 * none for a node that is its own row's. */
static void find_row(char key[KEY_ROOM], const char *node, const char *device)
{
    if (device != NULL) {
        key_of_row(key, device, node);
    } else {
        key_of_node(key, node);
    }
}

/* ---- defer ---- */

struct deferral {
    due_list_t *list;
    store_done_fn *on_done;
    void *arg;
    char node[NODE_SIZE + 1];
    int64_t retry_after_s;
    bool is_retry;
};

static void end_deferral(struct deferral *deferral, enum target_outcome outcome)
{
    deferral->on_done(deferral->arg, outcome);
    free(deferral);
}

static void on_listed(void *arg, const struct redis_answer *answer)
{
    end_deferral(arg, answer != NULL ? TARGET_OK : TARGET_LATER);
}

/* The target knows that it waits; now for when. Should this be lost, nobody
 * was told yet that it is durable. */
static void on_deferred(void *arg, const struct redis_answer *answer)
{
    struct deferral *deferral = arg;
    due_list_t *self = deferral->list;
    const char *list =
        self->parts[due_keys_part(&self->keys, deferral->node)].key;
    const char *times = answer_text(answer);
    char due[NUMBER_ROOM];

    if (times == NULL || strcmp(times, "absent") == 0) {
        end_deferral(deferral, times == NULL ? TARGET_LATER : TARGET_ABSENT);
        return;
    }
    int64_t delay_ms = due_delay_ms(self->settings->push.retry_first_s,
                                    strtoll(times, NULL, 10),
                                    deferral->retry_after_s, random_u32());
    snprintf(due, sizeof due, "%" PRId64, clock_unix_ms() + delay_ms);
    /* A push that joins one that waits may bring it forward (LT: if less), not
     * delay it; a try that failed again has a later turn. */
    const char *joins[] = {"ZADD", list, "LT", due, deferral->node};
    const char *again[] = {"ZADD", list, due, deferral->node};
    if (deferral->is_retry) {
        redis_send(self->redis, again, sizeof again / sizeof *again, on_listed,
                   deferral);
    } else {
        redis_send(self->redis, joins, sizeof joins / sizeof *joins, on_listed,
                   deferral);
    }
}

void due_list_defer(due_list_t *self, const struct target_defer *what,
                    store_done_fn *on_done, void *arg)
{
    char row[KEY_ROOM];
    char now[NUMBER_ROOM];
    char ttl[NUMBER_ROOM];

    if (!node_is_valid(what->node)) {
        on_done(arg, TARGET_ABSENT);
        return;
    }
    struct deferral *deferral = calloc(1, sizeof *deferral);
    assert(deferral);
    deferral->list = self;
    deferral->on_done = on_done;
    deferral->arg = arg;
    deferral->retry_after_s = what->retry_after_s;
    deferral->is_retry = what->is_retry;
    snprintf(deferral->node, sizeof deferral->node, "%s", what->node);
    find_row(row, what->node, what->device);
    snprintf(now, sizeof now, "%" PRId64, clock_unix_ms());
    snprintf(ttl, sizeof ttl, "%" PRId64,
             self->settings->push.retry_ttl_s * 1000);
    const char *argv[] = {"EVAL",
                          SCRIPT_DEFER,
                          "1",
                          row,
                          now,
                          ttl,
                          what->priority == PRIORITY_HIGH ? "1" : "0",
                          what->is_retry ? "1" : "0",
                          what->app != NULL ? what->app : ""};
    redis_send(self->redis, argv, sizeof argv / sizeof *argv, on_deferred,
               deferral);
}

/* ---- settle ---- */

struct settlement {
    store_done_fn *on_done;
    void *arg;
};

static void on_settled(void *arg, const struct redis_answer *answer)
{
    struct settlement *settlement = arg;

    settlement->on_done(settlement->arg, answer_outcome(answer));
    free(settlement);
}

void due_list_settle(due_list_t *self, const struct target_settle *what,
                     store_done_fn *on_done, void *arg)
{
    char row[KEY_ROOM];

    if (!node_is_valid(what->node)) {
        on_done(arg, TARGET_ABSENT);
        return;
    }
    struct settlement *settlement = calloc(1, sizeof *settlement);
    assert(settlement);
    settlement->on_done = on_done;
    settlement->arg = arg;
    find_row(row, what->node, what->device);
    const char *argv[] = {"EVAL", SCRIPT_SETTLE, "1", row, what->deferred};
    redis_send(self->redis, argv, sizeof argv / sizeof *argv, on_settled,
               settlement);
}

/* ---- what is due ---- */

struct claim {
    const struct part *part;
    char node[NODE_SIZE + 1];
    char lease[NUMBER_ROOM]; /* end of it: our mark in the list */
    bool is_second;          /* the node led to a pointer */
};

enum { APP, DEVICE, CHANNEL, TOKEN, DEFERRED, AT, VIA, ROW_FIELDS };

static void on_released(void *arg, const struct redis_answer *answer)
{
    (void)arg;
    (void)answer; /* if it failed it is claimed again, and released then */
}

static void release(const struct claim *claim)
{
    const struct part *part = claim->part;
    const char *argv[] = {"EVAL",    SCRIPT_RELEASE, "1",
                          part->key, claim->node,    claim->lease};

    redis_send(part->list->redis, argv, sizeof argv / sizeof *argv, on_released,
               NULL);
}

static bool is_urgent(const char *deferred)
{
    const char *slash = strrchr(deferred, '/');

    return slash != NULL && slash[1] == '1';
}

static redis_answer_fn on_row;

static void read_row(struct claim *claim, const char *key)
{
    const char *argv[] = {"HMGET", key,        "app", "device", "channel",
                          "token", "deferred", "at",  "via"};

    redis_send(claim->part->list->redis, argv, sizeof argv / sizeof *argv,
               on_row, claim);
}

static void on_row(void *arg, const struct redis_answer *answer)
{
    struct claim *claim = arg;
    due_list_t *self = claim->part->list;
    const char *const *row = answer != NULL ? answer->items : NULL;
    char key[KEY_ROOM];

    if (row != NULL && answer->count == ROW_FIELDS) {
        if (row[AT] != NULL && !claim->is_second &&
            key_of_pointed(key, row[AT], claim->node)) {
            claim->is_second = true;
            read_row(claim, key);
            return;
        }
        if (row[DEFERRED] == NULL || row[APP] == NULL || row[DEVICE] == NULL ||
            row[TOKEN] == NULL) {
            release(claim);
        } else {
            const struct target_due due = {
                .node = claim->node,
                .app = row[VIA] != NULL ? row[VIA] : row[APP],
                .device = row[DEVICE],
                .channel = row[CHANNEL],
                .token = row[TOKEN],
                .priority =
                    is_urgent(row[DEFERRED]) ? PRIORITY_HIGH : PRIORITY_LOW,
                .deferred = row[DEFERRED]};
            self->events.on_due(self->events.arg, &due);
        }
    }
    free(claim);
}

static void fetch(const struct part *part, const char *node, const char *lease)
{
    struct claim *claim = calloc(1, sizeof *claim);
    char row[KEY_ROOM];

    assert(claim);
    claim->part = part;
    snprintf(claim->node, sizeof claim->node, "%s", node);
    snprintf(claim->lease, sizeof claim->lease, "%s", lease);
    key_of_node(row, claim->node);
    read_row(claim, row);
}

static void claim_some(struct part *part);

struct claiming {
    struct part *part;
    size_t most;
    char lease[NUMBER_ROOM];
};

static void on_claimed(void *arg, const struct redis_answer *answer)
{
    struct claiming claiming = *(struct claiming *)arg;
    size_t count = answer != NULL ? answer->count : 0;

    free(arg);
    for (size_t i = 0; i < count; i++) {
        if (answer->items[i] != NULL && node_is_valid(answer->items[i])) {
            fetch(claiming.part, answer->items[i], claiming.lease);
        }
    }
    if (count == claiming.most && claiming.part->left > 0) {
        claim_some(claiming.part);
    }
}

static void claim_some(struct part *part)
{
    struct claiming *claiming = calloc(1, sizeof *claiming);
    int64_t now_ms = clock_unix_ms();
    char now[NUMBER_ROOM];
    char most[NUMBER_ROOM];

    assert(claiming);
    claiming->part = part;
    claiming->most = part->left < CLAIM_MOST ? part->left : CLAIM_MOST;
    part->left -= claiming->most;
    snprintf(now, sizeof now, "%" PRId64, now_ms);
    snprintf(most, sizeof most, "%zu", claiming->most);
    snprintf(claiming->lease, sizeof claiming->lease, "%" PRId64,
             now_ms + LEASE_MS);
    const char *argv[] = {"EVAL", SCRIPT_CLAIM,    "1", part->key,
                          now,    claiming->lease, most};
    redis_send(part->list->redis, argv, sizeof argv / sizeof *argv, on_claimed,
               claiming);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    due_list_t *self = arg;

    (void)loop;
    (void)timer_id;
    if (!self->stopped && self->events.can_send(self->events.arg)) {
        for (size_t i = 0; i < self->keys.count; i++) {
            self->parts[i].left = TAKE_MOST / self->keys.count;
            claim_some(&self->parts[i]);
        }
    }
    return 0;
}

/* ---- life ---- */

due_list_t *due_list_new(zloop_t *loop, redis_t *redis,
                         const struct settings *settings,
                         const struct due_events *events)
{
    due_list_t *self = calloc(1, sizeof *self);

    assert(self);
    self->loop = loop;
    self->redis = redis;
    self->settings = settings;
    self->events = *events;
    due_keys_make(&self->keys, redis_has_parts(redis) ? DUE_PARTS : 1);
    for (size_t i = 0; i < self->keys.count; i++) {
        self->parts[i] = (struct part){.list = self, .key = self->keys.keys[i]};
    }
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void due_list_destroy(due_list_t **self_p)
{
    due_list_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    free(self);
    *self_p = NULL;
}

void due_list_use(due_list_t *self, const struct settings *settings)
{
    self->settings = settings;
}

void due_list_stop(due_list_t *self)
{
    self->stopped = true;
}

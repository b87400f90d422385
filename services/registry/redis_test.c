/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_test.h"

#include "common/clock.h"
#include "services/registry/answer.h"
#include "services/registry/redis.h"
#include "services/registry/redis_checkup.h"
#include "services/registry/redis_finder.h"
#include <assert.h>

enum {
    TICK_MS = 50,
    /* Who is absent may be found at the next try, and a failover may be on its
     * way; what Redis itself has said needs no second opinion. */
    PATIENCE_MS = 5000,
};

/* A server that takes what is written. */
struct examined {
    redis_test_t *test;
    char name[300];
    char *info;           /* or NULL: it did not tell … */
    char appendfsync[16]; /* … and "" */
};

/* One of the sentinels. */
struct witness {
    redis_test_t *test;
    struct redis_url url; /* names this sentinel alone */
    redis_finder_t *finder;
};

struct redis_test {
    self_test_t *test;
    checkup_t *checkup;
    struct redis_url url;
    redis_t *redis;
    int timer;
    int64_t deadline_ms;
    size_t open; /* servers that have not told all */
    struct witness witnesses[REDIS_PLACES_MAX];
};

/* ---- what each server tells ---- */

static bool wants_replica(const redis_test_t *self)
{
    return self->url.cluster || self->url.master[0] != '\0';
}

static void tell(struct examined *examined)
{
    redis_test_t *self = examined->test;
    const struct redis_facts facts = {
        .server = redis_has_parts(self->redis) ? examined->name : NULL,
        .info = examined->info,
        .appendfsync =
            examined->appendfsync[0] != '\0' ? examined->appendfsync : NULL,
        .wants_replica = wants_replica(self),
    };

    redis_checkup(self->checkup, &facts);
    free(examined->info);
    free(examined);
    if (--self->open == 0) {
        self_test_end(self->test);
    }
}

/* The name of the setting, and its value. */
static void on_config(void *arg, const struct redis_answer *answer)
{
    struct examined *examined = arg;

    if (answer != NULL && answer->count == 2 && answer->items[1] != NULL) {
        snprintf(examined->appendfsync, sizeof examined->appendfsync, "%s",
                 answer->items[1]);
    }
    tell(examined);
}

static void on_info(void *arg, const struct redis_answer *answer)
{
    struct examined *examined = arg;
    const char *info = answer_text(answer);

    if (info != NULL) {
        examined->info = strdup(info);
        assert(examined->info);
    }
}

/* Answers come in the order of the questions. */
static void examine(redis_test_t *self, size_t part)
{
    static const char *const INFO[] = {"INFO"};
    static const char *const CONFIG[] = {"CONFIG", "GET", "appendfsync"};
    struct examined *examined = calloc(1, sizeof *examined);

    assert(examined);
    examined->test = self;
    redis_part_name(self->redis, part, examined->name, sizeof examined->name);
    redis_send_part(self->redis, part, INFO, 1, on_info, examined);
    redis_send_part(self->redis, part, CONFIG, 3, on_config, examined);
}

/* ---- can it be written? ---- */

static void go_on(redis_test_t *self)
{
    size_t count = redis_part_count(self->redis);

    if (redis_has_parts(self->redis)) {
        checkup_note(self->checkup, "redis", FINDING_OK, NULL,
                     "%zu masters of a cluster take what is written", count);
    } else {
        checkup_note(self->checkup, "redis", FINDING_OK, NULL,
                     "%s takes what is written", self->url.label);
    }
    self->open = count; /* known before one can be answered */
    for (size_t i = 0; i < count; i++) {
        examine(self, i);
    }
}

static void give_up(redis_test_t *self, const struct redis_trouble *trouble)
{
    checkup_note(self->checkup, "redis", FINDING_FAULT, trouble->fault->remedy,
                 "%s: %s%s%s", trouble->server, trouble->fault->state,
                 trouble->detail[0] != '\0' ? ": " : "", trouble->detail);
    for (size_t i = 0; REDIS_CHECKUP_STEPS[i] != NULL; i++) {
        checkup_note(self->checkup, REDIS_CHECKUP_STEPS[i], FINDING_SKIPPED,
                     NULL, "no Redis that takes what is written");
    }
    self_test_end(self->test);
}

static bool is_final(const struct redis_fault *fault)
{
    return fault != &REDIS_UNREACHABLE && fault != &REDIS_NO_OWNER &&
           fault != &REDIS_NO_SENTINEL && fault != &REDIS_DEMOTED;
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    redis_test_t *self = arg;
    struct redis_trouble trouble;

    redis_trouble(self->redis, &trouble);
    if (trouble.fault != NULL && !is_final(trouble.fault) &&
        clock_mono_ms() < self->deadline_ms) {
        return 0;
    }
    zloop_timer_end(loop, timer_id);
    if (trouble.fault == NULL) {
        go_on(self);
    } else {
        give_up(self, &trouble);
    }
    return 0;
}

/* ---- the sentinels ---- */

static const char SENTINELS[] = "redis.sentinels";

static void on_found(void *arg, const struct redis_place *place)
{
    const struct witness *witness = arg;
    const struct redis_place *asked = &witness->url.places[0];

    checkup_note(witness->test->checkup, SENTINELS, FINDING_OK, NULL,
                 "%s:%d says that the master is %s:%d", asked->host,
                 asked->port, place->host, place->port);
    self_test_end(witness->test->test);
}

/* The others may do; with none at all there is no Redis. */
static void on_failed(void *arg, const struct redis_fault *fault)
{
    const struct witness *witness = arg;
    const struct redis_place *asked = &witness->url.places[0];

    checkup_note(witness->test->checkup, SENTINELS, FINDING_WARNING,
                 fault->remedy, "%s:%d: %s", asked->host, asked->port,
                 fault->state);
    self_test_end(witness->test->test);
}

static void ask_sentinels(redis_test_t *self, zloop_t *loop)
{
    for (size_t i = 0; i < self->url.place_count; i++) {
        struct witness *witness = &self->witnesses[i];
        struct redis_finder_events events = {on_found, on_failed, witness};
        witness->test = self;
        witness->url = self->url;
        witness->url.places[0] = self->url.places[i];
        witness->url.place_count = 1;
        checkup_expect(self->checkup, SENTINELS);
        witness->finder = redis_finder_new(loop, &witness->url, &events);
        self_test_begin(self->test);
        redis_finder_start(witness->finder);
    }
}

/* ---- life ---- */

redis_test_t *redis_test_new(self_test_t *test, const struct redis_url *url)
{
    redis_test_t *self = calloc(1, sizeof *self);
    zloop_t *loop = self_test_loop(test);

    assert(self);
    self->test = test;
    self->checkup = self_test_checkup(test);
    self->url = *url;
    self->deadline_ms = clock_mono_ms() + PATIENCE_MS;
    self_test_begin(test);
    checkup_expect(self->checkup, "redis");
    for (size_t i = 0; REDIS_CHECKUP_STEPS[i] != NULL; i++) {
        checkup_expect(self->checkup, REDIS_CHECKUP_STEPS[i]);
    }
    self->redis = redis_new(loop, url);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    if (url->master[0] != '\0') {
        ask_sentinels(self, loop);
    }
    return self;
}

void redis_test_destroy(redis_test_t **self_p)
{
    redis_test_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self_test_loop(self->test), self->timer);
    for (size_t i = 0; i < REDIS_PLACES_MAX; i++) {
        redis_finder_destroy(&self->witnesses[i].finder);
    }
    redis_destroy(&self->redis);
    free(self);
    *self_p = NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/gauges.h"

#include "services/registry/answer.h"
#include "services/registry/due_keys.h"
#include "services/registry/durability.h"
#include "services/registry/scripts.h"
#include <assert.h>
#include <stdlib.h>

enum { TICK_MS = 2000 };

/* A number that several servers have parts of. */
struct gauge {
    size_t open;  /* questions that are not answered */
    bool failed;  /* one of them was not, this time */
    double sum;   /* of the answers so far */
    bool known;   /* were all answered the last time? … */
    double value; /* … this came of it */
};

struct gauges {
    zloop_t *loop;
    redis_t *redis;
    struct due_keys keys;
    struct gauge deferred;    /* targets */
    struct gauge not_durable; /* servers */
    int timer;
};

/* ---- a round of questions ---- */

static void begin(struct gauge *gauge, size_t questions)
{
    *gauge = (struct gauge){.open = questions,
                            .known = questions > 0 && gauge->known,
                            .value = gauge->value};
}

static void take(struct gauge *gauge, bool answered, double number)
{
    gauge->failed = gauge->failed || !answered;
    gauge->sum += number;
    if (--gauge->open == 0) {
        gauge->known = !gauge->failed;
        gauge->value = gauge->sum;
    }
}

static void on_count(void *arg, const struct redis_answer *answer)
{
    gauges_t *self = arg;
    const char *text = answer_text(answer);

    take(&self->deferred, text != NULL, text != NULL ? strtod(text, NULL) : 0);
}

static void ask_deferred(gauges_t *self)
{
    begin(&self->deferred, self->keys.count);
    for (size_t i = 0; i < self->keys.count; i++) {
        const char *argv[] = {"EVAL", SCRIPT_COUNT, "1", self->keys.keys[i]};
        redis_send(self->redis, argv, sizeof argv / sizeof *argv, on_count,
                   self);
    }
}

static void on_info(void *arg, const struct redis_answer *answer)
{
    gauges_t *self = arg;
    const char *info = answer_text(answer);

    take(&self->not_durable, info != NULL,
         info != NULL && !durability_read(info));
}

static void ask_durable(gauges_t *self)
{
    static const char *const ASK[] = {"INFO", "persistence"};
    size_t count = redis_part_count(self->redis);

    begin(&self->not_durable, count);
    for (size_t i = 0; i < count; i++) {
        redis_send_part(self->redis, i, ASK, sizeof ASK / sizeof *ASK, on_info,
                        self);
    }
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    gauges_t *self = arg;

    (void)loop;
    (void)timer_id;
    if (self->deferred.open == 0) {
        ask_deferred(self);
    }
    if (self->not_durable.open == 0) {
        ask_durable(self);
    }
    return 0;
}

/* ---- the page ---- */

static const struct metric DEFERRED = {
    "wakebus_deferred_targets",
    METRIC_GAUGE,
    "Targets in Redis whose push waits for another try. One that was settled "
    "otherwise is counted until its time comes.",
    {NULL}};
static const struct metric DURABLE = {
    "wakebus_redis_durable",
    METRIC_GAUGE,
    "1 when Redis has its log on and can write it, of a cluster all masters; "
    "missing when Redis does not tell.",
    {NULL}};

void gauges_metrics(const gauges_t *self, metrics_t *page)
{
    if (self->deferred.known) {
        metrics_add(page, &DEFERRED, NULL, self->deferred.value);
    }
    if (self->not_durable.known) {
        metrics_add(page, &DURABLE, NULL, self->not_durable.value < 0.5);
    }
}

int64_t gauges_deferred(const gauges_t *self)
{
    return self->deferred.known ? (int64_t)self->deferred.value : -1;
}

/* ---- life ---- */

gauges_t *gauges_new(zloop_t *loop, redis_t *redis)
{
    gauges_t *self = calloc(1, sizeof *self);

    assert(self);
    self->loop = loop;
    self->redis = redis;
    due_keys_make(&self->keys, redis_has_parts(redis) ? DUE_PARTS : 1);
    self->timer = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    return self;
}

void gauges_destroy(gauges_t **self_p)
{
    gauges_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    zloop_timer_end(self->loop, self->timer);
    free(self);
    *self_p = NULL;
}

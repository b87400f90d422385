/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis.h"

#include "common/clock.h"
#include "services/registry/redis_cluster.h"
#include "services/registry/redis_link.h"
#include <assert.h>

struct redis {
    redis_link_t *link;       /* one of the two … */
    redis_cluster_t *cluster; /* … and the other is NULL */
    char label[300];          /* of the url */
    struct histogram command_time;
    uint64_t failures; /* commands that were refused or not answered */
};

/* A command on the way. */
struct timed {
    redis_t *redis;
    redis_answer_fn *on_answer;
    void *arg;
    int64_t sent_us;
};

redis_t *redis_new(zloop_t *loop, const struct redis_url *url)
{
    redis_t *self = calloc(1, sizeof *self);

    assert(self);
    snprintf(self->label, sizeof self->label, "%s", url->label);
    if (url->cluster) {
        self->cluster = redis_cluster_new(loop, url);
    } else {
        self->link = redis_link_new(loop, url);
    }
    return self;
}

void redis_destroy(redis_t **self_p)
{
    redis_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    redis_cluster_destroy(&self->cluster);
    redis_link_destroy(&self->link);
    free(self);
    *self_p = NULL;
}

static void on_answer(void *arg, const struct redis_answer *answer)
{
    struct timed timed = *(struct timed *)arg;

    free(arg);
    if (answer != NULL) {
        histogram_observe(&timed.redis->command_time,
                          clock_mono_us() - timed.sent_us);
    } else {
        timed.redis->failures++;
    }
    timed.on_answer(timed.arg, answer);
}

void redis_send(redis_t *self, const char *const *argv, size_t argc,
                redis_answer_fn *on_answered, void *arg)
{
    struct timed *timed = malloc(sizeof *timed);

    assert(timed);
    *timed = (struct timed){self, on_answered, arg, clock_mono_us()};
    if (self->cluster != NULL) {
        redis_cluster_send(self->cluster, argv, argc, on_answer, timed);
    } else {
        redis_link_send(self->link, argv, argc, on_answer, timed);
    }
}

void redis_trouble(const redis_t *self, struct redis_trouble *trouble)
{
    *trouble = (struct redis_trouble){NULL, self->label, ""};
    if (self->cluster != NULL) {
        trouble->fault = redis_cluster_fault(self->cluster, &trouble->server);
    } else {
        trouble->fault = redis_link_fault(self->link);
        trouble->detail = redis_link_detail(self->link);
    }
}

void redis_health(const redis_t *self, struct health *health)
{
    char why[sizeof health->checks->why] = "";
    struct redis_trouble trouble;

    redis_trouble(self, &trouble);
    const struct redis_fault *fault = trouble.fault;
    if (fault != NULL && self->cluster != NULL) {
        snprintf(why, sizeof why, "%s at %s: %s", fault->state, trouble.server,
                 fault->remedy);
    } else if (fault != NULL) {
        snprintf(why, sizeof why, "%s: %s", fault->state, fault->remedy);
    }
    health_add(health, "redis", fault == NULL, why);
}

static const struct metric UP = {
    "wakebus_redis_up",
    METRIC_GAUGE,
    "1 while Redis takes what is written, of a cluster all masters.",
    {NULL}};
static const struct metric CONNECTS = {
    "wakebus_redis_connects_total",
    METRIC_COUNTER,
    "Connections that Redis has let in, of a cluster all nodes.",
    {NULL}};
static const struct metric COMMAND_TIME = {
    "wakebus_redis_command_duration_seconds",
    METRIC_HISTOGRAM,
    "From a command to its answer.",
    {NULL}};
static const struct metric FAILURES = {
    "wakebus_redis_commands_failed_total",
    METRIC_COUNTER,
    "Commands that Redis has refused, or not answered.",
    {NULL}};

void redis_metrics(const redis_t *self, metrics_t *page)
{
    struct redis_trouble trouble;
    uint64_t connects = self->cluster != NULL
                            ? redis_cluster_connects(self->cluster)
                            : redis_link_connects(self->link);

    redis_trouble(self, &trouble);
    metrics_add(page, &UP, NULL, trouble.fault == NULL);
    metrics_add(page, &CONNECTS, NULL, (double)connects);
    metrics_add_histogram(page, &COMMAND_TIME, NULL, &self->command_time);
    metrics_add(page, &FAILURES, NULL, (double)self->failures);
}

bool redis_has_parts(const redis_t *self)
{
    return self->cluster != NULL;
}

size_t redis_part_count(const redis_t *self)
{
    return self->cluster != NULL ? redis_cluster_part_count(self->cluster) : 1;
}

void redis_part_name(const redis_t *self, size_t part, char *out, size_t size)
{
    if (self->cluster != NULL) {
        redis_cluster_part_name(self->cluster, part, out, size);
    } else {
        snprintf(out, size, "%s", self->label);
    }
}

void redis_send_part(redis_t *self, size_t part, const char *const *argv,
                     size_t argc, redis_answer_fn *on_answered, void *arg)
{
    if (self->cluster != NULL) {
        redis_cluster_send_part(self->cluster, part, argv, argc, on_answered,
                                arg);
    } else {
        redis_link_send(self->link, argv, argc, on_answered, arg);
    }
}

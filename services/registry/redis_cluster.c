/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/redis_cluster.h"

#include "common/clock.h"
#include "services/registry/cluster_nodes.h"
#include "services/registry/redirect.h"
#include "services/registry/slot_map.h"
#include <assert.h>

enum {
    TICK_MS = 100,
    CHECK_MS = 10000, /* how often the nodes are asked who has what … */
    DOUBT_MS = 500,   /* … and while there is reason to doubt it */
    REDIRECTS_MAX = 5,
    /* Below the link's, so that it takes what follows ASKING if it takes that;
     * else it would be for somebody else's command. */
    NODE_CALLS_MAX = REDIS_CALLS_MAX - 2,
};

struct redis_cluster {
    zloop_t *loop;
    struct redis_url url;
    cluster_nodes_t *nodes;
    struct slot_map map;
    bool asking;              /* somebody who has what */
    bool doubt;               /* that the map is right */
    int64_t asked_ms;         /* who has what */
    struct redirect redirect; /* of the call that is answered next … */
    bool redirected;          /* … if it is */
    bool ending;
    int tick; /* timer */
    repeats_t *repeats;
};

/* A command until it is answered. */
struct call {
    redis_cluster_t *cluster;
    struct cluster_node *node; /* that has it now */
    redis_answer_fn *on_answer;
    void *arg;
    unsigned redirects; /* so many until now */
    size_t argc;
    const char *argv[REDIS_ARGS_MAX]; /* into `texts` */
    char texts[];
};

/* ---- a command's way ---- */

static struct call *new_call(redis_cluster_t *self, const char *const *argv,
                             size_t argc)
{
    size_t size = 0;

    assert(argc <= REDIS_ARGS_MAX);
    for (size_t i = 0; i < argc; i++) {
        size += strlen(argv[i]) + 1;
    }
    struct call *call = malloc(sizeof *call + size);
    assert(call);
    *call = (struct call){.cluster = self, .argc = argc};
    char *text = call->texts;
    for (size_t i = 0; i < argc; i++) {
        size = strlen(argv[i]) + 1;
        call->argv[i] = memcpy(text, argv[i], size);
        text += size;
    }
    return call;
}

static void end_call(struct call *call, const struct redis_answer *answer)
{
    redis_answer_fn *on_answer = call->on_answer;
    void *arg = call->arg;

    free(call);
    on_answer(arg, answer);
}

static void on_asking(void *arg, const struct redis_answer *answer)
{
    struct cluster_node *node = arg;

    (void)answer; /* if there was none, the command behind it has none */
    node->calls--;
}

static redis_answer_fn on_answer;

/* `place` may be NULL. `once`: it need not be the owner. */
static void send_call(struct call *call, const struct redis_place *place,
                      bool once)
{
    static const char *const ASKING[] = {"ASKING"};
    redis_cluster_t *self = call->cluster;
    struct cluster_node *node =
        place != NULL ? cluster_nodes_at(self->nodes, place) : NULL;

    if (node == NULL || node->calls >= NODE_CALLS_MAX) {
        self->doubt = true;
        end_call(call, NULL);
        return;
    }
    call->node = node;
    if (once) {
        node->calls++;
        redis_link_send(node->link, ASKING, 1, on_asking, node);
    }
    node->calls++;
    redis_link_send(node->link, call->argv, call->argc, on_answer, call);
}

/* A node that sends a call on has not carried it out. */
static void follow(struct call *call)
{
    redis_cluster_t *self = call->cluster;
    struct redirect to = self->redirect;

    if (to.place.host[0] == '\0') {
        memcpy(to.place.host, call->node->place.host, sizeof to.place.host);
    }
    if (!to.once) {
        slot_map_move(&self->map, to.slot, &to.place);
    }
    if (++call->redirects > REDIRECTS_MAX) {
        redis_fault_report(&REDIS_NO_END, self->url.label, NULL, self->repeats);
        end_call(call, NULL);
    } else {
        send_call(call, &to.place, to.once);
    }
}

static void on_answer(void *arg, const struct redis_answer *answer)
{
    struct call *call = arg;
    redis_cluster_t *self = call->cluster;

    call->node->calls--;
    if (self->redirected) {
        self->redirected = false;
        follow(call);
        return;
    }
    if (answer == NULL) {
        self->doubt = true;
    }
    end_call(call, answer);
}

/* Right before on_answer of the same call. What a link asks for itself is sent
 * on too, when its slot has moved; it asks again. */
static bool on_refused(void *arg, const char *error, redis_answer_fn *whose)
{
    redis_cluster_t *self = arg;
    struct redirect redirect;

    if (redirect_parse(&redirect, error) != 0) {
        return false;
    }
    self->doubt = self->doubt || !redirect.once;
    self->redirected = whose == on_answer;
    self->redirect = redirect;
    return true;
}

/* Our commands have their first key in the same place, scripts behind the text
 * and the number of keys. */
static const char *first_key(const char *const *argv)
{
    return strcmp(argv[0], "EVAL") == 0 ? argv[3] : argv[1];
}

/* `master` may be NULL: it is not known. */
static void begin_call(redis_cluster_t *self, const struct redis_place *master,
                       struct call *call)
{
    if (self->ending) {
        end_call(call, NULL);
        return;
    }
    if (master == NULL && self->map.master_count > 0) {
        redis_fault_report(&REDIS_NO_OWNER, self->url.label, NULL,
                           self->repeats);
    }
    send_call(call, master, false);
}

void redis_cluster_send(redis_cluster_t *self, const char *const *argv,
                        size_t argc, redis_answer_fn *on_answered, void *arg)
{
    struct call *call = new_call(self, argv, argc);

    call->on_answer = on_answered;
    call->arg = arg;
    begin_call(self, slot_map_master(&self->map, slot_of_key(first_key(argv))),
               call);
}

/* ---- server by server ---- */

size_t redis_cluster_part_count(const redis_cluster_t *self)
{
    return self->map.master_count;
}

void redis_cluster_part_name(const redis_cluster_t *self, size_t part,
                             char *out, size_t size)
{
    const struct redis_place *place = &self->map.masters[part];

    assert(part < self->map.master_count);
    snprintf(out, size, "%s:%d", place->host, place->port);
}

void redis_cluster_send_part(redis_cluster_t *self, size_t part,
                             const char *const *argv, size_t argc,
                             redis_answer_fn *on_answered, void *arg)
{
    struct call *call = new_call(self, argv, argc);

    call->on_answer = on_answered;
    call->arg = arg;
    begin_call(self,
               part < self->map.master_count ? &self->map.masters[part] : NULL,
               call);
}

uint64_t redis_cluster_connects(const redis_cluster_t *self)
{
    return cluster_nodes_connects(self->nodes);
}

/* ---- who has what ---- */

static void on_slots(void *arg, const struct redis_value *value);

struct question {
    redis_cluster_t *cluster;
    struct cluster_node *node; /* that was asked */
};

static void ask_somebody(redis_cluster_t *self)
{
    static const char *const ASK[] = {"CLUSTER", "SLOTS"};
    struct cluster_node *node = cluster_nodes_any(self->nodes);

    if (node == NULL) { /* back to those that were named at first */
        for (size_t i = 0; i < self->url.place_count; i++) {
            cluster_nodes_at(self->nodes, &self->url.places[i]);
        }
        return;
    }
    struct question *question = malloc(sizeof *question);
    assert(question);
    *question = (struct question){self, node};
    self->asking = true;
    self->doubt = false;
    self->asked_ms = clock_mono_ms();
    node->calls++;
    redis_link_ask(node->link, ASK, sizeof ASK / sizeof *ASK, on_slots,
                   question);
}

/* A key of this master. It has a slot, or would not be in the map; one that
 * has very few need not be found among so many keys. */
static void find_probe(const redis_cluster_t *self, struct cluster_node *node)
{
    char key[48];

    for (unsigned i = 0; i < SLOTS; i++) {
        snprintf(key, sizeof key, "wakebus:{%u}:probe", i);
        const struct redis_place *master =
            slot_map_master(&self->map, slot_of_key(key));
        if (master != NULL && place_is_same(master, &node->place)) {
            redis_link_probe(node->link, key);
            return;
        }
    }
}

/* Links are made at once: they take a moment. */
static void meet_masters(redis_cluster_t *self)
{
    for (size_t i = 0; i < self->map.master_count; i++) {
        struct cluster_node *node =
            cluster_nodes_at(self->nodes, &self->map.masters[i]);
        if (node != NULL) {
            find_probe(self, node);
        }
    }
}

static void on_slots(void *arg, const struct redis_value *value)
{
    struct question question = *(struct question *)arg;
    redis_cluster_t *self = question.cluster;

    free(arg);
    question.node->calls--;
    self->asking = false;
    if (self->ending) {
        return;
    }
    if (value == NULL) {
        self->doubt = true;
    } else if (slot_map_read(&self->map, value, question.node->place.host) !=
               0) {
        self->doubt = true;
        redis_fault_report(&REDIS_NO_OWNER, self->url.label, NULL,
                           self->repeats);
    }
    meet_masters(self);
}

static int on_tick(zloop_t *loop, int timer_id, void *arg)
{
    redis_cluster_t *self = arg;
    int64_t age_ms = clock_mono_ms() - self->asked_ms;

    (void)loop;
    (void)timer_id;
    if (!self->asking && age_ms >= (self->doubt ? DOUBT_MS : CHECK_MS)) {
        ask_somebody(self);
    }
    cluster_nodes_sweep(self->nodes);
    return 0;
}

const struct redis_fault *redis_cluster_fault(redis_cluster_t *self,
                                              const char **server)
{
    const struct redis_fault *fault = NULL;

    *server = self->url.label;
    for (size_t i = 0; i < self->map.master_count && fault == NULL; i++) {
        struct cluster_node *node =
            cluster_nodes_at(self->nodes, &self->map.masters[i]);
        if (node != NULL) {
            fault = redis_link_fault(node->link);
            *server = fault != NULL ? node->name : *server;
        }
    }
    if (fault == NULL && !slot_map_is_whole(&self->map)) {
        fault =
            self->map.master_count > 0 ? &REDIS_NO_OWNER : &REDIS_UNREACHABLE;
    }
    return fault;
}

/* ---- life ---- */

redis_cluster_t *redis_cluster_new(zloop_t *loop, const struct redis_url *url)
{
    redis_cluster_t *self = calloc(1, sizeof *self);

    assert(self);
    self->loop = loop;
    self->url = *url;
    self->doubt = true;
    self->asked_ms = clock_mono_ms() - DOUBT_MS;
    self->repeats = repeats_new();
    self->nodes = cluster_nodes_new(loop, url, on_refused, self);
    self->tick = zloop_timer(loop, TICK_MS, 0, on_tick, self);
    ask_somebody(self);
    return self;
}

void redis_cluster_destroy(redis_cluster_t **self_p)
{
    redis_cluster_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    self->ending = true;
    zloop_timer_end(self->loop, self->tick);
    cluster_nodes_destroy(&self->nodes);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

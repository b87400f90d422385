/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/store.h"

#include "common/clock.h"
#include "common/log.h"
#include "services/registry/answer.h"
#include "services/registry/credential.h"
#include "services/registry/keys.h"
#include "services/registry/pointer.h"
#include "services/registry/scripts.h"
#include <assert.h>
#include <inttypes.h>

/* The scripts go out whole each time, as EVAL. EVALSHA would save some hundred
 * bytes per registration; in exchange every command would have to be kept
 * until it is answered, to be sent again to a Redis that has lost its scripts
 * by a restart or a failover. Lookups, which are what there is much of, run no
 * script. */

enum { LATE_MS = 2000 }; /* a job may have been handed over by then */

struct store {
    redis_t *redis;
    prover_t *prover;
};

/* A request that waits for its answer; of the callbacks, the one it has. */
struct request {
    store_t *store;
    store_registered_fn *on_registered;
    store_found_fn *on_found;
    store_done_fn *on_done;
    void *arg;
    struct proof shown;       /* lookup: what the asker knows */
    char node[NODE_SIZE + 1]; /* lookup */
    bool is_second;           /* lookup: it has read once already */
};

store_t *store_new(redis_t *redis)
{
    store_t *self = calloc(1, sizeof *self);

    assert(self);
    self->redis = redis;
    self->prover = prover_new();
    return self;
}

void store_destroy(store_t **self_p)
{
    store_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    prover_destroy(&self->prover);
    free(self);
    *self_p = NULL;
}

static struct request *new_request(struct request request)
{
    struct request *copy = malloc(sizeof *copy);

    assert(copy);
    *copy = request;
    return copy;
}

static struct request take_request(void *arg)
{
    struct request request = *(struct request *)arg;

    free(arg);
    return request;
}

#define SEND(self, argv, on_answer, request)                                   \
    redis_send((self)->redis, argv, sizeof(argv) / sizeof *(argv), on_answer,  \
               new_request(request))

/* ---- register ---- */

/* When something was asked for, as the scripts want it. */
struct asked {
    char ms[24];
    const char *is_late;
};

/* The clocks of two hosts may differ by less than what counts as late; of a
 * frontend that does not say, it is now. */
static struct asked when_asked(int64_t asked_ms)
{
    int64_t now_ms = clock_unix_ms();
    struct asked asked = {
        .is_late = asked_ms > 0 && now_ms - asked_ms > LATE_MS ? "1" : "0"};

    snprintf(asked.ms, sizeof asked.ms, "%" PRId64,
             asked_ms > 0 ? asked_ms : now_ms);
    return asked;
}

/* The answer to who registers an imported node waits for its pointer. */
struct pointing {
    store_registered_fn *on_registered;
    void *arg;
    char *node;
    char *secret;
};

static void on_pointed(void *arg, const struct redis_answer *answer)
{
    struct pointing pointing = *(struct pointing *)arg;
    struct target_register_result result = {.outcome = TARGET_LATER};

    free(arg);
    if (answer_outcome(answer) == TARGET_OK) {
        result = (struct target_register_result){TARGET_OK, pointing.node,
                                                 pointing.secret};
    }
    pointing.on_registered(pointing.arg, &result);
    free(pointing.node);
    free(pointing.secret);
}

static void point(const struct request *request, const char *node,
                  const char *secret, const char *at)
{
    struct pointing *pointing = calloc(1, sizeof *pointing);

    assert(pointing);
    *pointing = (struct pointing){request->on_registered, request->arg,
                                  strdup(node), strdup(secret)};
    assert(pointing->node && pointing->secret);
    pointer_write(request->store->redis, pointing->node, at, on_pointed,
                  pointing);
}

static void on_register_answer(void *arg, const struct redis_answer *answer)
{
    struct request request = take_request(arg);
    struct target_register_result result = {.outcome = TARGET_LATER};

    if (answer != NULL && answer->count >= 2 && answer->items[0] != NULL &&
        answer->items[1] != NULL) {
        if (answer->count == 3 && answer->items[2] != NULL &&
            node_is_valid(answer->items[0])) {
            point(&request, answer->items[0], answer->items[1],
                  answer->items[2]);
            return;
        }
        result.outcome = TARGET_OK;
        result.node = answer->items[0];
        result.secret = answer->items[1];
    } else if (answer != NULL) {
        /* Two of 2^60 were the same. Whoever registers tries again some time
         * and draws another; that is soon enough for what never happens. */
        log_warn("node.taken", NO_FIELDS);
    }
    request.on_registered(request.arg, &result);
}

void store_register(store_t *self, const struct target_register *what,
                    store_registered_fn *on_registered, void *arg)
{
    struct credential fresh;
    char index[KEY_ROOM];
    char row[KEY_ROOM];
    char mark[KEY_ROOM];
    char field[FIELD_ROOM];
    struct asked asked = when_asked(what->asked_ms);

    if (credential_draw(&fresh, what->device) != 0) {
        log_error("random.failed", TEXT("remedy", "see OpenSSL's set-up"));
        on_registered(
            arg, &(struct target_register_result){TARGET_LATER, NULL, NULL});
        return;
    }
    key_of_device(index, what->device);
    key_of_node(row, fresh.node);
    key_of_end(mark, what->device);
    field_of(field, what->app, what->channel);
    const char *argv[] = {
        "EVAL",        SCRIPT_REGISTER,
        "3",           index,
        row,           mark,
        field,         fresh.node,
        fresh.secret,  asked.ms,
        asked.is_late, what->domain,
        what->token,   what->app,
        what->device,  what->channel == NULL ? "" : what->channel,
    };
    struct request request = {
        .store = self, .on_registered = on_registered, .arg = arg};
    SEND(self, argv, on_register_answer, request);
}

/* ---- lookup ---- */

enum {
    APP,
    DEVICE,
    CHANNEL,
    TOKEN,
    DOMAIN,
    SECRET,
    DEFERRED,
    AT,
    ROW_FIELDS,
};

static redis_answer_fn on_lookup_answer;

static void read_row(struct request request, const char *key)
{
    const char *argv[] = {"HMGET", key,      "app",    "device",   "channel",
                          "token", "domain", "secret", "deferred", "at"};

    SEND(request.store, argv, on_lookup_answer, request);
}

/* Where a node leads there may be a pointer to its row. Reading twice must not
 * tell that it is there: whoever is told nothing has cost two reads, whatever
 * the reason. */
static void read_again(struct request request, const char *at)
{
    char key[KEY_ROOM];

    request.is_second = true;
    if (at == NULL || !key_of_pointed(key, at, request.node)) {
        key_of_node(key, request.node);
    }
    read_row(request, key);
}

static void on_lookup_answer(void *arg, const struct redis_answer *answer)
{
    struct request request = take_request(arg);
    struct target_lookup_result result = {.outcome = TARGET_LATER};
    const char *const *row = answer == NULL ? NULL : answer->items;
    struct proof known;

    if (answer == NULL || answer->count != ROW_FIELDS) {
        request.on_found(request.arg, &result);
        return;
    }
    /* An unknown node costs what a known one does. */
    proof_make(request.store->prover, &known,
               row[DOMAIN] == NULL ? "" : row[DOMAIN], row[SECRET]);
    bool same = proof_equal(&known, &request.shown);
    bool whole =
        row[APP] && row[DEVICE] && row[TOKEN] && row[DOMAIN] && row[SECRET];
    result.outcome = TARGET_ABSENT;
    if (!(same && whole) && !request.is_second) {
        read_again(request, row[AT]);
        return;
    }
    if (same && whole) {
        result = (struct target_lookup_result){TARGET_OK,   row[APP],
                                               row[DEVICE], row[CHANNEL],
                                               row[TOKEN],  row[DEFERRED]};
    }
    request.on_found(request.arg, &result);
}

void store_lookup(store_t *self, const struct target_lookup *what,
                  store_found_fn *on_found, void *arg)
{
    struct request request = {.store = self, .on_found = on_found, .arg = arg};
    char key[KEY_ROOM];

    if (!node_is_valid(what->node)) {
        /* No such node was ever handed out, and everybody can see that. */
        on_found(arg, &(struct target_lookup_result){.outcome = TARGET_ABSENT});
        return;
    }
    proof_make(self->prover, &request.shown, what->domain, what->secret);
    memcpy(request.node, what->node, sizeof request.node);
    key_of_node(key, what->node);
    read_row(request, key);
}

/* ---- unregister, forget ---- */

static void on_removal_answer(void *arg, const struct redis_answer *answer)
{
    struct request request = take_request(arg);

    pointers_remove(request.store->redis, answer);
    request.on_done(request.arg, answer_outcome(answer));
}

void store_unregister(store_t *self, const struct target_unregister *what,
                      store_done_fn *on_done, void *arg)
{
    struct request request = {.store = self, .on_done = on_done, .arg = arg};
    char index[KEY_ROOM];
    char mark[KEY_ROOM];
    char none[KEY_ROOM];
    struct asked asked = when_asked(what->asked_ms);

    key_of_device(index, what->device);
    key_of_end(mark, what->device);
    key_of_none(none, what->device);
    const char *argv[] = {"EVAL",    SCRIPT_UNREGISTER,
                          "3",       index,
                          mark,      none,
                          what->app, what->channel == NULL ? "" : what->channel,
                          asked.ms,  asked.is_late};
    SEND(self, argv, on_removal_answer, request);
}

void store_forget(store_t *self, const struct target_forget *what,
                  store_done_fn *on_done, void *arg)
{
    struct request request = {.store = self, .on_done = on_done, .arg = arg};
    char row[KEY_ROOM];
    char index[KEY_ROOM];
    char since[24];

    if (!node_is_valid(what->node)) {
        on_done(arg, TARGET_ABSENT);
        return;
    }
    key_of_row(row, what->device, what->node);
    key_of_device(index, what->device);
    snprintf(since, sizeof since, "%" PRId64, what->since_ms);
    const char *argv[] = {"EVAL",     SCRIPT_FORGET, "2",         row,  index,
                          what->node, what->device,  what->token, since};
    SEND(self, argv, on_removal_answer, request);
}

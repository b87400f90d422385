/* SPDX-License-Identifier: BSD-3-Clause */

/* What is done for each push, once for a start and then many times in the
 * function `measured`, so that callgrind can count its instructions: see
 * instructions.py. Prints the names in the order in which they are measured. */

#include "proto/target.h"
#include "services/apns-sender/apns.h"
#include "services/fcm-sender/fcm.h"
#include "services/fcm-sender/message.h"
#include "services/xmpp-frontend/coalesce.h"
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/ledger.h"
#include "services/xmpp-frontend/limits.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/reply.h"
#include "services/xmpp-frontend/skim.h"
#include "tests/load/requests.h"
#include "tests/support/stanza_text.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES = 100, ENTRIES = 200 };

static const struct addresses WHO = {"push.example.test", "example.test"};
static const char NODE[] = "0E7AHcojzTK9";
static const char SECRET[] = "al4Y+jUpz4SaxnL826/fCeo4";
static const char DEVICE[] = "ec164939a8485ee6b7f7871071a11c7bb18aead5";
static const char APNS_TOKEN[] =
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
static const char FCM_TOKEN[] =
    "cXk2fQ9vTZ-8hN3sLr5wYd:APA91bHk7Jm2Qx4Zt6Vn8Bc0Ls3Dg5Fh7Jk9Mw1Rq3Tz5Yx7Cv"
    "9Bn2Gm4Hk6Jl8Pq0Ws2Ed4Rf6Tg8Yh0Uj2Ik4Ol6Pa8Sd0Fg2Hj4Kl6Zx8Cv0Bn2Mq4We6Rt8"
    "Yu0Io2Pa4Sd6";
static const char JOB[] = "1f00d1e2-123456.1";

static const struct settings SETTINGS = {
    .xmpp = {.jid = "push.example.test"},
    .limits = {.domain_per_second = 5000, .domain_burst = 60000},
    .app_count = 2,
    .apps = {{.name = "android",
              .backend = "fcm",
              .is_default = true,
              .ttl_s = 2419200,
              .limits = {.target_per_minute = 60000, .target_burst = TIMES}},
             {.name = "ios",
              .backend = "apns",
              .is_default = true,
              .ttl_s = 2419200,
              .collapse = COLLAPSE_ACCOUNT,
              .topic = "org.example.app"}}};

/* ---- the frontend ---- */

static struct {
    char publish[REQUEST_ROOM];
    size_t size;
    guard_t *guard;
    struct stanza_text stanza;
    coalesce_t *coalesce;
    limits_t *limits;
    int64_t now_ms;
    ledger_t *ledger;
    ledger_worker_t *worker;
    entry_t *others[ENTRIES];
} frontend;

static void set_guard(void)
{
    struct guard_item item;

    frontend.size = request_publish(frontend.publish, &WHO, 1, NODE, SECRET);
    frontend.guard = guard_new();
    guard_feed(frontend.guard, STREAM_HEADER, sizeof STREAM_HEADER - 1);
    while (guard_next(frontend.guard, &item)) {
    }
}

/* From bytes to a tree. */
static void feed_guard(void)
{
    struct guard_item item;

    guard_feed(frontend.guard, frontend.publish, frontend.size);
    bool is_whole = guard_next(frontend.guard, &item);
    assert(is_whole && item.kind == GUARD_STANZA);
    bool is_more = guard_next(frontend.guard, &item);
    assert(!is_more);
}

static void end_guard(void)
{
    guard_destroy(&frontend.guard);
}

/* From bytes to what is needed to turn it away. */
static void skim(void)
{
    struct skimmed push;

    bool is_push = skim_push(frontend.publish, frontend.size, &push);
    assert(is_push);
}

static void set_stanza(void)
{
    request_publish(frontend.publish, &WHO, 1, NODE, SECRET);
    stanza_text_open(&frontend.stanza, frontend.publish);
}

static void read_stanza(void)
{
    struct iq iq;
    struct request request;
    struct local_answer local;
    struct proto_err err;

    stanza_read(&iq, frontend.stanza.stanza);
    bool is_done = local_iq_answer(&iq, &SETTINGS, 1, &request, &local);
    assert(!is_done && request.step == REQUEST_PUSH);
    exchange_t *exchange = exchange_new(&iq, &request, 1);
    char *frame = exchange_encode(exchange, JOB, 8000, &err);
    assert(frame != NULL);
    free(frame);
    exchange_destroy(&exchange);
}

static void end_stanza(void)
{
    stanza_text_close(&frontend.stanza);
}

static void reply(void)
{
    const struct iq_head head = {"123456", WHO.domain, WHO.component};

    free(reply_result(&head));
}

static void set_limits(void)
{
    const struct siphash_key key = {{1, 2}};
    const struct coalesce_conf conf = {1000, 65536, key};

    frontend.coalesce = coalesce_new(&conf);
    frontend.limits = limits_new(&SETTINGS, &key);
}

/* A push that waits for nobody and is not beyond any limit. */
static void run_limits(void)
{
    const struct push_target target = {
        .domain = WHO.domain, .node = NODE, .secret = SECRET};
    enum limit limit;

    frontend.now_ms += 1000;
    bool is_first = coalesce_find(frontend.coalesce, &target) == NULL &&
                    coalesce_lead(frontend.coalesce, &target, true, &frontend,
                                  frontend.now_ms);
    assert(is_first);
    int64_t wait_us =
        limits_push(frontend.limits, &SETTINGS.apps[0], WHO.domain, NODE,
                    frontend.now_ms * 1000, &limit);
    assert(wait_us == 0);
    coalesce_sent(frontend.coalesce, &target, true, &frontend, frontend.now_ms);
    coalesce_close(frontend.coalesce, &target, &frontend);
}

static void end_limits(void)
{
    coalesce_destroy(&frontend.coalesce);
    limits_destroy(&frontend.limits);
}

static void set_ledger(void)
{
    static const struct ledger_conf CONF = {8000,  2000, 30000,
                                            20000, 3,    "1f00"};
    static const bool SERVES[LEDGER_NEEDS_MAX] = {true, true, true};

    frontend.ledger = ledger_new(&CONF);
    for (int i = 0; i < 3; i++) {
        frontend.worker = ledger_join(frontend.ledger, NULL, 0);
        ledger_hello(frontend.worker, 256, SERVES, 0);
        ledger_reachable(frontend.worker);
    }
    for (int i = 0; i < ENTRIES; i++) {
        struct assignment assignment;
        frontend.others[i] = ledger_open(frontend.ledger, NULL, 1, NULL, i);
        ledger_queue(frontend.ledger, frontend.others[i], 0);
        ledger_assign(frontend.ledger, &assignment);
    }
}

/* A lookup and a push. */
static void run_ledger(void)
{
    struct assignment assignment;
    entry_t *entry = ledger_open(frontend.ledger, NULL, 1, NULL, ENTRIES);

    for (size_t need = 0; need < 2; need++) {
        ledger_queue(frontend.ledger, entry, need);
        bool is_given = ledger_assign(frontend.ledger, &assignment);
        assert(is_given && ledger_settle(frontend.ledger, assignment.id));
    }
    ledger_close(frontend.ledger, &entry);
}

static void end_ledger(void)
{
    for (int i = 0; i < ENTRIES; i++) {
        ledger_close(frontend.ledger, &frontend.others[i]);
    }
    ledger_destroy(&frontend.ledger);
}

/* ---- messages: encoded, and decoded again ---- */

#define ROUND_TRIP(name, ...)                                                  \
    static void pass_##name(void)                                              \
    {                                                                          \
        const struct name from = {__VA_ARGS__};                                \
        struct name to;                                                        \
        struct proto_err err;                                                  \
        struct msg m;                                                          \
        char *frame = name##_encode(&from, JOB, &err);                         \
        assert(frame != NULL);                                                 \
        int opened = msg_open(&m, frame, strlen(frame), &err);                 \
        assert(opened == 0 && name##_decode(&to, &m, &err) == 0);              \
        msg_close(&m);                                                         \
        free(frame);                                                           \
    }

ROUND_TRIP(target_lookup, .domain = WHO.domain, .node = NODE, .secret = SECRET)
ROUND_TRIP(target_lookup_result, .outcome = TARGET_OK, .app = "android",
           .device = DEVICE, .token = FCM_TOKEN)
ROUND_TRIP(push_request, .app = "android", .token = FCM_TOKEN, .device = DEVICE,
           .priority = PRIORITY_HIGH, .budget_ms = 8000)
ROUND_TRIP(push_result, .verdict = PUSH_SENT, .reason = "ok")

/* ---- the senders ---- */

static const struct push_request PUSH = {.app = "android",
                                         .token = FCM_TOKEN,
                                         .device = DEVICE,
                                         .priority = PRIORITY_HIGH,
                                         .budget_ms = 8000};

static struct {
    message_t *message;
    payload_t *payload;
} sender;

static void set_fcm(void)
{
    sender.message = message_new(&SETTINGS.apps[0]);
}

static void build_fcm(void)
{
    enum forwarding forwarding;

    free(message_body(sender.message, &PUSH, &forwarding));
}

static void end_fcm(void)
{
    message_destroy(&sender.message);
}

static void judge_fcm(void)
{
    static const char BODY[] =
        "{\"name\":\"projects/wakebus-load/messages/0:1500415314455276\"}";
    const struct http_response response = {
        .status = 200, .body = BODY, .size = sizeof BODY - 1};
    struct judgement judgement;

    fcm_judge(&response, &judgement);
    assert(judgement.verdict == PUSH_SENT);
}

static void judge_fcm_error(void)
{
    static const char BODY[] =
        "{\"error\":{\"code\":404,\"message\":\"Requested entity was not found."
        "\",\"status\":\"NOT_FOUND\",\"details\":[{\"@type\":\"type.googleapis."
        "com/google.firebase.fcm.v1.FcmError\",\"errorCode\":\"UNREGISTERED\"}]"
        "}}";
    const struct http_response response = {
        .status = 404, .body = BODY, .size = sizeof BODY - 1};
    struct judgement judgement;

    fcm_judge(&response, &judgement);
    assert(judgement.verdict == PUSH_GONE);
}

static void set_apns(void)
{
    sender.payload = payload_new(&SETTINGS.apps[1]);
}

static void end_apns(void)
{
    payload_destroy(&sender.payload);
}

static void build_apns(void)
{
    const struct apns_form form = {&SETTINGS.apps[1], sender.payload};
    struct push_request push = PUSH;
    struct judgement judgement;
    struct call call = {0};

    push.token = APNS_TOKEN;
    int built =
        apns_compose(&form, &push, JOB, 1795451930973, &call, &judgement);
    assert(built == 0);
    call_clear(&call);
}

static void judge_apns(void)
{
    const struct http_response response = {.status = 200, .body = ""};
    struct judgement judgement;

    apns_judge(&response, &judgement);
    assert(judgement.verdict == PUSH_SENT);
}

/* ---- all of them ---- */

static const struct path {
    const char *name;
    void (*set)(void); /* or NULL */
    void (*once)(void);
    void (*end)(void); /* or NULL */
} PATHS[] = {
    {"guard", set_guard, feed_guard, end_guard},
    {"skim", set_guard, skim, end_guard},
    {"stanza to request", set_stanza, read_stanza, end_stanza},
    {"limits", set_limits, run_limits, end_limits},
    {"ledger", set_ledger, run_ledger, end_ledger},
    {"reply", NULL, reply, NULL},
    {"target.lookup", NULL, pass_target_lookup, NULL},
    {"target.lookup.result", NULL, pass_target_lookup_result, NULL},
    {"push.request", NULL, pass_push_request, NULL},
    {"push.result", NULL, pass_push_result, NULL},
    {"FCM request", set_fcm, build_fcm, end_fcm},
    {"FCM verdict", NULL, judge_fcm, NULL},
    {"FCM verdict of an error", NULL, judge_fcm_error, NULL},
    {"APNs request", set_apns, build_apns, end_apns},
    {"APNs verdict", NULL, judge_apns, NULL},
};

void measured(void (*once)(void));

__attribute__((noinline)) void measured(void (*once)(void))
{
    for (int i = 0; i < TIMES; i++) {
        once();
    }
}

int main(void)
{
    json_object_seed(1); /* jansson's own choice is another each time */
    printf("%d\n", TIMES);
    for (size_t i = 0; i < sizeof PATHS / sizeof *PATHS; i++) {
        const struct path *path = &PATHS[i];
        if (path->set != NULL) {
            path->set();
        }
        path->once(); /* libraries are bound, buffers have their size */
        puts(path->name);
        measured(path->once);
        if (path->end != NULL) {
            path->end();
        }
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* IQs from the XMPP server. Whatever comes, what we answer is well-formed, is
 * no request, and has the id and the addresses of what it answers. */
#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/local_iq.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/stanza_text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct settings SETTINGS = {
    .xmpp = {.jid = "p.example.net"},
    .app_count = 3,
    .apps = {{.name = "c",
              .backend = "fcm",
              .is_default = true,
              .forwards_encrypted = true},
             {.name = "s",
              .backend = "fcm",
              .is_stateless = true,
              .forwards_encrypted = true},
             {.name = "i", .backend = "apns", .is_default = true}}};

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void check_reply(const struct iq *iq, char *xml)
{
    struct stanza_text reply;
    int status = stanza_text_open(&reply, xml);

    assert(status == 0);
    assert(reply.iq.type == IQ_RESULT || reply.iq.type == IQ_ERROR);
    assert(is_same(reply.iq.head.id, iq->head.id));
    assert(is_same(reply.iq.head.from, iq->head.to));
    assert(is_same(reply.iq.head.to, iq->head.from));
    stanza_text_close(&reply);
    free(xml);
}

/* What is forwarded is a piece of what the server has said. */
static void check_content(exchange_t *exchange, const struct iq *iq)
{
    struct push_request push;
    struct proto_err err;
    struct msg m;

    if (exchange_stage(exchange) != STAGE_PUSH ||
        !exchange_route(exchange, &SETTINGS)) {
        return;
    }
    char *frame = exchange_encode(exchange, "1", 1, &err);
    assert(frame != NULL);
    int status = msg_open(&m, frame, strlen(frame), &err);
    assert(status == 0);
    status = push_request_decode(&push, &m, &err);
    assert(status == 0);
    assert((push.encrypted == NULL) == (push.iv == NULL));
    assert(push.iv == NULL || (strstr(iq->encrypted, push.encrypted) != NULL &&
                               strstr(iq->iv, push.iv) != NULL));
    msg_close(&m);
    free(frame);
}

/* Others would be asked now: what for must have an encoding. */
static void check_exchange(const struct iq *iq, const struct request *request)
{
    exchange_t *exchange = exchange_new(iq, request, 1);
    struct proto_err err;
    char *reply;

    char *frame = exchange_encode(exchange, "1", 1, &err);
    assert(frame != NULL);
    free(frame);
    check_content(exchange, iq);
    exchange_answer(exchange, ANSWER_TROUBLE, &reply);
    check_reply(iq, reply);
    exchange_destroy(&exchange);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *xml = strndup((const char *)data, size);
    struct local_answer answer;
    struct request request;
    struct stanza_text t;

    assert(xml != NULL);
    if (stanza_text_open(&t, xml) == 0) {
        if (!local_iq_answer(&t.iq, &SETTINGS, 1, &request, &answer)) {
            check_exchange(&t.iq, &request);
        } else if (answer.reply != NULL) {
            check_reply(&t.iq, answer.reply);
        }
        stanza_text_close(&t);
    }
    free(xml);
    return 0;
}

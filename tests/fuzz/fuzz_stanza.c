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
    .apps = {{.name = "c", .backend = "fcm", .is_default = true},
             {.name = "s", .backend = "fcm", .is_stateless = true},
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

/* Others would be asked now: what for must have an encoding. */
static void check_exchange(const struct iq *iq, const struct request *request)
{
    exchange_t *exchange = exchange_new(iq, request, 1);
    struct proto_err err;
    char *reply;

    char *frame = exchange_encode(exchange, "1", 1, &err);
    assert(frame != NULL);
    free(frame);
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

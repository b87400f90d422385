/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/local_iq.h"

#include "services/xmpp-frontend/dialect_fpush.h"
#include "services/xmpp-frontend/dialect_p2.h"
#include "services/xmpp-frontend/dialect_sealed.h"
#include "services/xmpp-frontend/namespaces.h"
#include "services/xmpp-frontend/reply.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void refuse(struct local_answer *out, const struct iq *iq,
                   enum answer answer, const char *text)
{
    out->refusal = text != NULL ? text : answer_error(answer)->text;
    out->reply = reply_error(&iq->head, answer, text);
}

static char *answer_info(const struct iq *iq, const struct settings *settings)
{
    if (iq->node == NULL || iq->node[0] == '\0') {
        return reply_disco_info(&iq->head);
    }
    if (strcmp(iq->node, NS_COMMANDS) == 0 ||
        p2_is_command(settings, iq->node)) {
        return reply_disco_command(&iq->head, iq->node);
    }
    return reply_error(&iq->head, ANSWER_NO_COMMAND, NULL);
}

static char *answer_items(const struct iq *iq, const struct settings *settings)
{
    if (iq->node == NULL || iq->node[0] == '\0') {
        return reply_disco_items_none(&iq->head, NULL);
    }
    if (strcmp(iq->node, NS_COMMANDS) == 0) {
        const char **names = p2_commands(settings);
        char *reply = reply_disco_commands(&iq->head, names);
        free(names);
        return reply;
    }
    if (p2_is_command(settings, iq->node)) {
        return reply_disco_items_none(&iq->head, iq->node);
    }
    return reply_error(&iq->head, ANSWER_NO_COMMAND, NULL);
}

/* Sessions have no state; the id of the IQ is as good an id as any. */
static const char *session_of(const struct iq *iq)
{
    return iq->head.id != NULL ? iq->head.id : "1";
}

static void answer_request(const struct iq *iq, const struct request *request,
                           struct local_answer *out)
{
    switch (request->step) {
    case REQUEST_REFUSE:
        refuse(out, iq, request->answer, request->text);
        break;
    case REQUEST_CANCEL:
        out->reply =
            reply_command_done(&iq->head, iq->node, session_of(iq), "canceled");
        break;
    case REQUEST_ASK:
        out->reply = reply_command_form(&iq->head, iq->node, session_of(iq),
                                        request->registers);
        break;
    case REQUEST_SEALED:
        out->reply = reply_registered(&iq->head, iq->node, session_of(iq),
                                      request->sealed, request->secret);
        break;
    case REQUEST_DONE:
        out->reply = reply_command_done(&iq->head, iq->node, session_of(iq),
                                        "completed");
        break;
    case REQUEST_REGISTER:
    case REQUEST_UNREGISTER:
    case REQUEST_PUSH:
    case REQUEST_WAKE:
        break; /* others have to be asked */
    }
}

bool local_iq_is_for_us(const struct iq_head *head,
                        const struct settings *settings)
{
    return head->to == NULL || strcasecmp(head->to, settings->xmpp.jid) == 0;
}

static void read_command(struct request *request, const struct iq *iq,
                         const struct settings *settings, int64_t unix_ms)
{
    p2_command(request, iq, settings);
    if (request->app == NULL || !request->app->is_stateless) {
        return;
    }
    if (request->step == REQUEST_REGISTER) {
        sealed_register(request, settings, unix_ms / 1000);
    } else if (request->step == REQUEST_UNREGISTER) {
        sealed_unregister(request);
    }
}

static bool may_forward(const struct settings *settings)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        if (settings->apps[i].forwards_encrypted) {
            return true;
        }
    }
    return false;
}

static void read_publish(struct request *request, const struct iq *iq,
                         const struct settings *settings, int64_t unix_ms)
{
    p2_publish(request, iq);
    if (request->step == REQUEST_PUSH) {
        sealed_publish(request, iq, settings, unix_ms / 1000);
    }
    if (request->step == REQUEST_PUSH) {
        fpush_publish(request, iq, settings);
    }
    request->may_forward = iq->encrypted != NULL && may_forward(settings);
}

static void answer_payload(const struct iq *iq, const struct settings *settings,
                           int64_t unix_ms, struct request *request,
                           struct local_answer *out)
{
    switch (iq->payload) {
    case PAYLOAD_NOT_ONE:
        refuse(out, iq, ANSWER_BAD_REQUEST, "An IQ holds exactly one element.");
        break;
    case PAYLOAD_UNKNOWN:
        out->reply = reply_error(&iq->head, ANSWER_UNKNOWN, NULL);
        break;
    case PAYLOAD_UNSUPPORTED:
        out->reply = reply_error(&iq->head, ANSWER_UNSUPPORTED, NULL);
        break;
    case PAYLOAD_PING:
        out->reply = reply_result(&iq->head);
        break;
    case PAYLOAD_DISCO_INFO:
        out->reply = answer_info(iq, settings);
        break;
    case PAYLOAD_DISCO_ITEMS:
        out->reply = answer_items(iq, settings);
        break;
    case PAYLOAD_COMMAND:
        read_command(request, iq, settings, unix_ms);
        answer_request(iq, request, out);
        break;
    case PAYLOAD_PUBLISH:
        read_publish(request, iq, settings, unix_ms);
        answer_request(iq, request, out);
        break;
    }
}

bool local_iq_answer(const struct iq *iq, const struct settings *settings,
                     int64_t unix_ms, struct request *request,
                     struct local_answer *answer)
{
    *answer = (struct local_answer){0};
    request->step = REQUEST_REFUSE;
    if (iq->type == IQ_RESULT || iq->type == IQ_ERROR ||
        iq->head.from == NULL) {
        return true;
    }
    if (iq->type == IQ_TYPE_BAD) {
        refuse(answer, iq, ANSWER_BAD_REQUEST, "type: neither get nor set.");
    } else if (!local_iq_is_for_us(&iq->head, settings)) {
        answer->reply = reply_error(&iq->head, ANSWER_UNKNOWN, NULL);
    } else {
        answer_payload(iq, settings, unix_ms, request, answer);
    }
    return answer->reply != NULL;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Wakes a target as a test: 0 when the provider took it, 1 when not. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/question.h"
#include "services/wakebusctl/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>

/* What each outcome means, and what to do. */
static const char *advice_of(enum operator_push_outcome outcome)
{
    switch (outcome) {
    case OPERATOR_PUSH_SENT:
        return "the provider took it";
    case OPERATOR_PUSH_GONE:
        return "the token is dead; the target goes with the next push of its "
               "server, or with wakebusctl revoke";
    case OPERATOR_PUSH_REFUSED:
        return "the provider will not take this push, whenever it is tried";
    case OPERATOR_PUSH_LATER:
        return "the provider is in trouble, or cannot be reached; a push of a "
               "server would now wait for another try";
    case OPERATOR_PUSH_MISCONFIGURED:
        return "the provider does not accept our key, topic or project: see "
               "the sender's log";
    case OPERATOR_PUSH_ABSENT:
        return "no such node: its app was unregistered, its token is dead, or "
               "it never was";
    }
    return "";
}

static void print_json(const char *node,
                       const struct operator_push_result *result)
{
    json_t *object = json_pack(
        "{s:s,s:s,s:s?,s:s?,s:I,s:I}", "outcome",
        operator_push_word(result->outcome), "node", node, "app", result->app,
        "reason", result->reason, "ms", (json_int_t)result->took_ms,
        "sender_ms", (json_int_t)result->sender_ms);

    if (result->retry_after_s > 0) {
        json_object_set_new(object, "retry_after_s",
                            json_integer(result->retry_after_s));
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static void print_text(const struct operator_push_result *result)
{
    char reason[300];
    char app[100];

    text_plain(reason, sizeof reason, result->reason);
    text_plain(app, sizeof app, result->app);
    printf("%s: %s\n", operator_push_word(result->outcome),
           advice_of(result->outcome));
    if (reason[0] != '\0') {
        printf("reason  %s\n", reason);
    }
    printf("app     %s\n"
           "took    %" PRId64 " ms, of which %" PRId64
           " at the sender and the provider\n",
           app, result->took_ms, result->sender_ms);
}

static int print(const struct arguments *arguments,
                 const struct operator_push_result *result)
{
    if (arguments_has(arguments, "json")) {
        print_json(arguments->operands[0], result);
    } else if (result->outcome == OPERATOR_PUSH_ABSENT) {
        fprintf(stderr, "push: %s\n", advice_of(result->outcome));
    } else {
        print_text(result);
    }
    return result->outcome == OPERATOR_PUSH_SENT ? EX_OK : CLIENT_NO;
}

static char *encode(client_t *client, const struct arguments *arguments)
{
    const struct operator_push request = {
        .asker = client_asker(client),
        .budget_ms = client_budget_ms(client),
        .node = arguments->operands[0],
        .priority =
            arguments_has(arguments, "high") ? PRIORITY_HIGH : PRIORITY_LOW,
        .domain = arguments_value(arguments, "domain"),
        .app = arguments_value(arguments, "app")};
    struct proto_err err;

    return operator_push_encode(&request, client_next_id(client), &err);
}

static int tell(const struct arguments *arguments, const struct msg *answer,
                struct proto_err *err)
{
    struct operator_push_result result;

    return operator_push_result_decode(&result, answer, err) == 0
               ? print(arguments, &result)
               : -1;
}

int push_command(const struct arguments *arguments)
{
    static const struct question QUESTION = {encode, tell};
    int status = question_check_domain(arguments);

    return status == EX_OK ? question_ask(&QUESTION, arguments) : status;
}

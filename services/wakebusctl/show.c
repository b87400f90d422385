/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells what is registered under a node: 0 when there is such a target, 1 when
 * not. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/question.h"
#include "services/wakebusctl/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { LINE_ROOM = 1100 };

/* ---- for scripts ---- */

static void print_json(const char *node,
                       const struct operator_show_result *result)
{
    char created[TEXT_TIME_ROOM];
    char renewed[TEXT_TIME_ROOM];
    json_t *object;

    if (result->outcome == OPERATOR_ABSENT) {
        object = json_pack("{s:s,s:s}", "outcome", "absent", "node", node);
    } else {
        text_time(created, result->created_ms);
        text_time(renewed, result->renewed_ms);
        object = json_pack("{s:s,s:s,s:s?,s:s?,s:s?,s:s?,s:s?,s:I,s:s,s:s,s:b}",
                           "outcome", "ok", "node", node, "app", result->app,
                           "domain", result->domain, "device", result->device,
                           "channel", result->channel, "token", result->token,
                           "token_size", (json_int_t)result->token_size,
                           "created", created, "renewed", renewed, "waits",
                           result->deferred != NULL);
    }
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

/* ---- for people ---- */

static void print_line(const char *name, const char *text)
{
    char plain[LINE_ROOM];

    text_plain(plain, sizeof plain, text);
    if (plain[0] != '\0') {
        printf("%-8s %s\n", name, plain);
    }
}

static void print_cut(const char *name, const char *before, const char *text,
                      const char *behind)
{
    char line[64];

    if (text != NULL) {
        snprintf(line, sizeof line, "%s%s%s", before, text, behind);
        print_line(name, line);
    }
}

static void print_text(const char *node,
                       const struct operator_show_result *result)
{
    char created[TEXT_TIME_ROOM];
    char renewed[TEXT_TIME_ROOM];
    char size[32];

    text_time(created, result->created_ms);
    text_time(renewed, result->renewed_ms);
    snprintf(size, sizeof size, " (%lld bytes)", (long long)result->token_size);
    print_line("node", node);
    print_line("app", result->app);
    print_line("domain", result->domain);
    print_cut("device", "", result->device, "…");
    print_cut("channel", "", result->channel, "…");
    print_cut("token", "…", result->token != NULL ? result->token : "", size);
    print_line("created", created);
    print_line("renewed", renewed);
    print_line("waits", result->deferred != NULL
                            ? "a push waits for another try"
                            : "no push waits");
}

static int print(const struct arguments *arguments,
                 const struct operator_show_result *result)
{
    const char *node = arguments->operands[0];

    if (arguments_has(arguments, "json")) {
        print_json(node, result);
    } else if (result->outcome == OPERATOR_OK) {
        print_text(node, result);
    } else {
        fputs("show: no such node: its app was unregistered, its token is "
              "dead, or it never was\n",
              stderr);
    }
    return result->outcome == OPERATOR_OK ? EX_OK : CLIENT_NO;
}

/* ---- the command ---- */

static char *encode(client_t *client, const struct arguments *arguments)
{
    const struct operator_show request = {
        .asker = client_asker(client),
        .budget_ms = client_budget_ms(client),
        .node = arguments->operands[0],
        .domain = arguments_value(arguments, "domain")};
    struct proto_err err;

    return operator_show_encode(&request, client_next_id(client), &err);
}

static int tell(const struct arguments *arguments, const struct msg *answer,
                struct proto_err *err)
{
    struct operator_show_result result;

    return operator_show_result_decode(&result, answer, err) == 0
               ? print(arguments, &result)
               : -1;
}

int show_command(const struct arguments *arguments)
{
    static const struct question QUESTION = {encode, tell};
    int status = question_check_domain(arguments);

    return status == EX_OK ? question_ask(&QUESTION, arguments) : status;
}

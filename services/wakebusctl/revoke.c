/* SPDX-License-Identifier: BSD-3-Clause */
/* Removes a target: 0 when it is gone, 1 when there was none, or the answer to
 * the question was no. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/question.h"
#include "services/wakebusctl/text.h"

#include <jansson.h>
#include <stdio.h>
#include <sysexits.h>
#include <unistd.h>

/* Returns 0 when it shall be, 1 when not, or 64. */
static int confirm(const struct arguments *arguments)
{
    char node[64];
    char line[16] = "";

    if (arguments_has(arguments, "yes")) {
        return EX_OK;
    }
    if (!isatty(STDIN_FILENO)) {
        fputs("revoke: give --yes, as there is nobody to ask\n", stderr);
        return EX_USAGE;
    }
    text_plain(node, sizeof node, arguments->operands[0]);
    fprintf(stderr,
            "Remove the target of node %s? Its device is not woken any more, "
            "until its app registers again. [y/N] ",
            node);
    if (fgets(line, sizeof line, stdin) == NULL ||
        (line[0] != 'y' && line[0] != 'Y')) {
        fputs("revoke: nothing was done\n", stderr);
        return CLIENT_NO;
    }
    return EX_OK;
}

static void print_json(const char *node, bool gone)
{
    json_t *object =
        json_pack("{s:s,s:s}", "outcome", gone ? "ok" : "absent", "node", node);

    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

static int print(const struct arguments *arguments,
                 const struct operator_revoke_result *result)
{
    bool gone = result->outcome == OPERATOR_OK;

    if (arguments_has(arguments, "json")) {
        print_json(arguments->operands[0], gone);
    } else if (gone) {
        puts("removed: the next push of its server is answered item-not-found, "
             "and the server then forgets it; the app registers again when it "
             "logs in");
    } else {
        fputs("revoke: no such node\n", stderr);
    }
    return gone ? EX_OK : CLIENT_NO;
}

static char *encode(client_t *client, const struct arguments *arguments)
{
    const struct operator_revoke request = {
        client_asker(client), client_budget_ms(client), arguments->operands[0]};
    struct proto_err err;

    return operator_revoke_encode(&request, client_next_id(client), &err);
}

static int tell(const struct arguments *arguments, const struct msg *answer,
                struct proto_err *err)
{
    struct operator_revoke_result result;

    return operator_revoke_result_decode(&result, answer, err) == 0
               ? print(arguments, &result)
               : -1;
}

int revoke_command(const struct arguments *arguments)
{
    static const struct question QUESTION = {encode, tell};
    int status;

    if (operator_is_sealed(arguments->operands[0])) {
        fputs("revoke: nothing is kept of a sealed node that could be removed: "
              "it is void when its key is taken out of sealed.keys_file\n",
              stderr);
        return EX_USAGE;
    }
    status = confirm(arguments);

    return status == EX_OK ? question_ask(&QUESTION, arguments) : status;
}

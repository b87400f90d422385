/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/question.h"

#include <stdio.h>
#include <sysexits.h>

int question_check_domain(const struct arguments *arguments)
{
    if (!operator_is_sealed(arguments->operands[0]) ||
        arguments_has(arguments, "domain")) {
        return EX_OK;
    }
    fprintf(stderr,
            "%s: the node is sealed: say with --domain whose server pushes to "
            "it\n",
            arguments->command->name);
    return EX_USAGE;
}

static int tell(const struct question *question, client_t *client,
                const struct arguments *arguments, const struct msg *answer)
{
    struct proto_err err;
    int status = question->tell(arguments, answer, &err);

    return status >= 0 ? status : client_misfit(client, &err);
}

static int ask(const struct question *question, client_t *client,
               const struct arguments *arguments)
{
    struct msg answer;
    char *frame = question->encode(client, arguments);

    if (frame == NULL) {
        return client_no_node(client);
    }
    int status = client_ask(client, frame, &answer);
    if (status == EX_OK) {
        status = tell(question, client, arguments, &answer);
        msg_close(&answer);
    }
    return status;
}

int question_ask(const struct question *question,
                 const struct arguments *arguments)
{
    client_t *client;
    int status = client_open(&client, arguments);

    if (status == EX_OK) {
        status = ask(question, client, arguments);
        client_close(&client);
    }
    return status;
}

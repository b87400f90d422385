/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_QUESTION_H
#define WAKEBUSCTL_QUESTION_H

/* Commands that ask one thing and tell its answer. */

#include "services/wakebusctl/client.h"

struct question {
    /* The request, for client_ask, from client_asker and so on; NULL when the
     * operand is no node that a message could hold. */
    char *(*encode)(client_t *client, const struct arguments *arguments);
    /* Tell the answer. Returns the command's exit status; or -1 with `err` set
     * when it is no answer to this question. */
    int (*tell)(const struct arguments *arguments, const struct msg *answer,
                struct proto_err *err);
};

/* A sealed node opens only for the domain that it was sealed for. Returns 0, or
 * 64 after saying that the option is missing. */
int question_check_domain(const struct arguments *arguments);

/* Open a client, ask, tell, and close it. Returns the exit status. */
int question_ask(const struct question *question,
                 const struct arguments *arguments);

#endif

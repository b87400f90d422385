/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WAKEBUSCTL_CLIENT_H
#define WAKEBUSCTL_CLIENT_H

/* Asking a running deployment: the tool's side of proto/operator.h. A command
 * opens a client, asks, and closes it, which tells the frontends. Whatever goes
 * wrong is said on standard error, with what to do, and is an exit status:
 *     64 the command line      69 nobody there, or no answer now
 *     77 refused               78 the configuration
 *    130 interrupted by the keyboard */

#include "common/worker.h"
#include "proto/operator.h"
#include "services/wakebusctl/arguments.h"

enum {
    CLIENT_NO = 1,            /* of commands: the answer is a negative one */
    CLIENT_INTERRUPTED = 130, /* as shells call it */
    CLIENT_FRONTENDS_MAX = PROTO_LIST_MAX,
};

typedef struct client client_t;

/* Reads --config and --timeout, which the command must have, and the settings,
 * and waits until a frontend can be asked. Returns 0, or the exit status. */
int client_open(client_t **client, const struct arguments *arguments);
void client_close(client_t **client_p);

/* ---- requests: each has these members, and an id that is new ---- */

const char *client_asker(const client_t *self);
int64_t client_budget_ms(const client_t *self);
int64_t client_timeout_ms(const client_t *self);
/* Valid until the next call. */
const char *client_next_id(client_t *self);

/* ---- one at a time ---- */

/* Ask one of the frontends and wait for the answer, which `answer` is then to
 * be closed. `frame` is a request encoded with the id from client_next_id; it
 * is freed here. Returns 0, or the exit status when there is none, or it is
 * operator.later. */
int client_ask(client_t *self, char *frame, struct msg *answer);

/* ---- several at once ---- */

/* All that are known, at most CLIENT_FRONTENDS_MAX, by endpoint. Returns how
 * many `out` has. */
size_t client_frontends(const client_t *self,
                        struct worker_frontend out[CLIENT_FRONTENDS_MAX]);

/* Give those that are found a second to be reached, all of them. Returns 0, or
 * 130. */
int client_gather(client_t *self);

/* Send a request to one of the frontends, or with `endpoint` to this one. At
 * most OPERATOR_OPEN_MAX may be without answer at a frontend. `frame` is freed
 * here. Returns 0, or 69 when none can be reached. */
int client_send(client_t *self, const char *endpoint, char *frame);

/* Wait for the next answer to any of them, operator.later included; `answer`
 * is to be closed. Returns 0; 69 when none comes within the timeout, of which
 * client_no_answer then tells; 130. */
int client_receive(client_t *self, struct msg *answer);
int client_no_answer(const client_t *self);

/* The same within `patience_ms`. */
int client_wait(client_t *self, int64_t patience_ms, struct msg *answer);

/* Can a frontend be asked now? */
bool client_can_ask(const client_t *self);

/* Let time pass. Returns 0 when it has, 1 when there was input at `fd` before,
 * or it was closed (-1: none is watched), 130 when interrupted. */
int client_pause(client_t *self, int64_t ms, int fd);

/* ---- faults ---- */

/* Say "COMMAND: WHAT"; returns `status`. */
int client_fail(const client_t *self, int status, const char *what);

/* Say why no frontend can be asked. Returns 69, or 77. */
int client_explain(const client_t *self);

/* The operand is no node that a message could hold. Returns 64. */
int client_no_node(const client_t *self);

/* The answer is none to what was asked: another version. Returns 69. */
int client_misfit(const client_t *self, const struct proto_err *err);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_OPERATOR_H
#define PROTO_OPERATOR_H

/* What wakebusctl asks a frontend, for the operator. It says hello as workers
 * do, with the role wakebusctl, and gets the answers on its pipe of jobs: to
 * each request its own result, or operator.later. What only a registry can
 * answer the frontend hands on to one, under an id of its own. */

#include "proto/codec.h"

/* The word by which an answer says how it went: "later" of operator.later, "ok"
 * where there is no other. Borrowed from `m`. */
const char *operator_outcome_of(const struct msg *m);

/* What each request has beside its own members. */
struct operator_request {
    const char *asker; /* as in its hello, 1..64 bytes */
    int64_t budget_ms; /* nobody waits for longer, 1..28000; 0: not told */
};

/* Is it a request of an operator, known or not, rather than an answer? */
bool operator_is_request(const struct msg *m);

/* Of any request of an operator, as codec_decode. */
int operator_request_decode(struct operator_request *to, const struct msg *m,
                            struct proto_err *err);

/* operator.later: there is no answer now.
 * xmpp-frontend -> wakebusctl, registry -> xmpp-frontend; in place of any
 * result. */
#define OPERATOR_LATER "operator.later"

struct operator_later {
    const char *why; /* 1..400 bytes, with what to do */
};
PROTO_DECLARE(operator_later);

/* operator.show: what is registered under this node?
 * wakebusctl -> xmpp-frontend -> registry; answered by operator.show.result. */
#define OPERATOR_SHOW "operator.show"

struct operator_show {
    const char *asker; /* as in struct operator_request, in all requests */
    int64_t budget_ms;
    const char *node; /* 1..1024 bytes */
};
PROTO_DECLARE(operator_show);

#define OPERATOR_SHOW_RESULT "operator.show.result"

enum operator_outcome { OPERATOR_OK, OPERATOR_ABSENT };

/* Tokens and devices only so far that one can be told from another. */
struct operator_show_result {
    enum operator_outcome outcome;
    const char *app; /* OK: these five as registered */
    const char *domain;
    const char *device;   /* the first 8 of its 40 hex digits */
    const char *channel;  /* the same of a group chat, or NULL */
    const char *token;    /* its last bytes, at most 8 */
    int64_t token_size;   /* its bytes, all of them */
    int64_t created_ms;   /* Unix ms; 0: not known */
    int64_t renewed_ms;   /* the same */
    const char *deferred; /* set while a push waits, as in target.lookup */
};
PROTO_DECLARE(operator_show_result);

#endif

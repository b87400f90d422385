/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_EXCHANGE_STATE_H
#define XMPP_FRONTEND_EXCHANGE_STATE_H

/* What an exchange knows, for exchange.c and exchange_steps.c only. */

#include "services/xmpp-frontend/exchange.h"
#include "services/xmpp-frontend/forwarded.h"

struct exchange {
    enum exchange_stage stage;
    char *id;     /* of the IQ */
    char *from;   /* who asked */
    char *to;     /* at which of our addresses */
    char *node;   /* of the command or the publish */
    char *secret; /* shown with the publish, later the one registered */
    char *domain;
    char *push_node; /* registered */
    char *app;
    char *module; /* pushModule of the publish, or NULL */
    char *named;  /* the app that a stateless push named first, else NULL */
    char *device;
    char *channel; /* NULL: none */
    char *token;
    char *deferred; /* what waits for the target already, or NULL */
    struct forwarded forwarded;
    bool forwards; /* the app that was chosen wants it */
    bool is_unfit; /* the content that it came with was */
    bool is_urgent;
    bool sandbox;      /* the publish asks for it */
    bool is_stateless; /* the publish brought app and token along */
    bool is_rerouted;  /* `app` is not the target's own */
    bool is_retry;     /* deferred before; nobody waits for an answer */
    bool is_limited;
    bool answered;
    bool is_asked;         /* its lookup is with a registry, or has been … */
    bool is_outdated;      /* … and others have joined since */
    bool had_turn;         /* it was a sender's next, and is looked up anew */
    exchange_t *leader;    /* that it has joined, or NULL */
    exchange_t *next;      /* who joined it, or its leader after it … */
    exchange_t *last;      /* … and the last of those; NULL: nobody */
    int64_t asked_ms;      /* REGISTER, UNREGISTER */
    int64_t since_ms;      /* FORGET */
    int64_t retry_after_s; /* DEFER */
    int64_t started_us;
    int64_t lap_us;
    struct iq_head head;
};

/* A copy that free() takes; of NULL it is NULL. */
char *exchange_copy(const char *text);

#endif

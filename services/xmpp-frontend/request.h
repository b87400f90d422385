/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_REQUEST_H
#define XMPP_FRONTEND_REQUEST_H

/* What an IQ asks of us, in whichever dialect it was said. */

#include "common/settings.h"
#include "services/xmpp-frontend/answer.h"
#include "services/xmpp-frontend/jid.h"
#include "services/xmpp-frontend/sealed_node.h"
#include "services/xmpp-frontend/stanza.h"

enum { HASH_SIZE = 41 };

enum request_step {
    REQUEST_REFUSE,     /* answer with `answer` and `text` */
    REQUEST_CANCEL,     /* the user canceled the command */
    REQUEST_ASK,        /* a command without a form: offer one */
    REQUEST_REGISTER,   /* the members below are set */
    REQUEST_UNREGISTER, /* likewise, but no token */
    REQUEST_PUSH,       /* domain is set; node and secret are in the IQ */
    REQUEST_WAKE,       /* a push too, and app and token are known as well */
    REQUEST_SEALED,     /* registered: `sealed` is the node, of this secret */
    REQUEST_DONE,       /* unregistered */
};

struct request {
    enum request_step step;
    enum answer answer;       /* REQUEST_REFUSE */
    const char *text;         /* REQUEST_REFUSE: constant, names the field */
    bool registers;           /* REQUEST_ASK: which form to offer */
    const struct app *app;    /* borrowed from the settings */
    const char *app_name;     /* REQUEST_WAKE, if `app` is NULL: its name, of
                                 which there is none in the settings */
    char device[HASH_SIZE];   /* hex SHA-1 of bare JID, NUL, device id */
    char channel[HASH_SIZE];  /* the same of the group chat, or empty */
    char domain[DOMAIN_SIZE]; /* who may push there, or who pushes */
    const char *token;        /* borrowed from the IQ, or in `sealed` */
    bool may_forward;         /* there is an app that wants what the IQ has
                                 encrypted */
    char sealed[SEALED_NODE_SIZE]; /* a node, or what was in it */
    char secret[SEALED_SECRET_SIZE];
};

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_DIALECT_P2_H
#define XMPP_FRONTEND_DIALECT_P2_H

/* The dialect of p2, "Conversations Push Proxy", as Conversations, Quicksy,
 * Snikket and their forks speak it: the ad-hoc commands register-push-fcm,
 * register-push-apns and unregister-push-…, then pushes as XEP-0357 has them
 * with the secret among the publish-options. Pure: from a stanza to what shall
 * be asked of the registry. */

#include "common/settings.h"
#include "services/xmpp-frontend/answer.h"
#include "services/xmpp-frontend/stanza.h"

enum { HASH_SIZE = 41, DOMAIN_SIZE = 1024 };

enum p2_step {
    P2_REFUSE,     /* answer with `answer` and `text` */
    P2_CANCEL,     /* the user canceled the command */
    P2_ASK,        /* a command without a form: offer one */
    P2_REGISTER,   /* the members below are set */
    P2_UNREGISTER, /* likewise, but no token */
    P2_PUSH,       /* domain is set; node and secret are in the IQ */
};

/* What an IQ asks for. */
struct p2_request {
    enum p2_step step;
    enum answer answer;       /* P2_REFUSE */
    const char *text;         /* P2_REFUSE: constant, names the field */
    bool registers;           /* P2_ASK: which form to offer */
    const struct app *app;    /* borrowed from the settings */
    char device[HASH_SIZE];   /* hex SHA-1 of bare JID, NUL, device id */
    char channel[HASH_SIZE];  /* the same of the group chat, or empty */
    char domain[DOMAIN_SIZE]; /* who may push there, or who pushes */
    const char *token;        /* borrowed from the IQ */
};

/* `iq` holds a command, and head.from is set. */
void p2_command(struct p2_request *request, const struct iq *iq,
                const struct settings *settings);

/* `iq` holds a publish, and head.from is set. */
void p2_publish(struct p2_request *request, const struct iq *iq);

/* The names of the commands that there are, NULL-terminated, malloc'd in one
 * piece for the caller to free. */
const char **p2_commands(const struct settings *settings);

/* Is there such a command? */
bool p2_is_command(const struct settings *settings, const char *node);

/* Lower-case hex SHA-1 of the bare JID of `jid` in lower case, one NUL byte
 * and the device id: clients compute the same to tell their accounts apart. */
void p2_hash(char out[HASH_SIZE], const char *jid, const char *device_id);

#endif

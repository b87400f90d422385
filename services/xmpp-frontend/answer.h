/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_ANSWER_H
#define XMPP_FRONTEND_ANSWER_H

/* How an IQ is answered when it is not with what was asked for.
 *
 * A server that gets an error for a push may drop the user's subscription, and
 * each decides by other rules: ejabberd at the first error that is not of type
 * wait, MongooseIM at the first cancel, Prosody after sixteen of them, Tigase
 * by the condition and not the type. So trouble that passes must be of type
 * wait AND have one of the three conditions that Tigase forgives; and
 * item-not-found must be said only of what is really gone. */

enum answer {
    ANSWER_RESULT,      /* not an error */
    ANSWER_TIMEOUT,     /* provider or sender did not make it in time */
    ANSWER_TROUBLE,     /* our own: store, overload, configuration */
    ANSWER_STOPPING,    /* this process is about to end */
    ANSWER_LIMITED,     /* a user registers too often; never of a push */
    ANSWER_GONE,        /* no such target, for this sender at least */
    ANSWER_NO_COMMAND,  /* no such command or node */
    ANSWER_FORBIDDEN,   /* pushes come from servers, not from clients */
    ANSWER_BAD_REQUEST, /* malformed */
    ANSWER_NO_NODE,     /* a publish without a node */
    ANSWER_BAD_ACTION,  /* a command's action that we do not know */
    ANSWER_UNSUPPORTED, /* known namespace, but not this */
    ANSWER_UNKNOWN,     /* unknown namespace, or nobody at that address */
};

struct stanza_error {
    const char *type;      /* RFC 6120, 8.3.2 */
    const char *condition; /* RFC 6120, 8.3.3 */
    const char *detail;    /* element of an extension beside it, or NULL */
    const char *detail_ns;
    const char *text; /* for people who read logs; names no one */
};

/* Constant; `answer` is any but ANSWER_RESULT. */
const struct stanza_error *answer_error(enum answer answer);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_JUDGEMENT_H
#define COMMON_JUDGEMENT_H

/* What a sender made of one answer of its provider. */

#include "proto/push.h"

enum { VERDICTS = PUSH_MISCONFIGURED + 1 };

/* What may mend it at once, before the verdict is reported. */
enum again {
    AGAIN_NOT,
    AGAIN_SAME,        /* the same request once more */
    AGAIN_RECONNECTED, /* on a new connection */
    AGAIN_AUTHORISED,  /* with a new authorisation */
    AGAIN_BOTH,        /* with both */
};

/* How far it reaches beyond this one push. */
enum reach {
    REACH_NONE,  /* says nothing about the app: the network failed */
    REACH_PROOF, /* the provider knows app and device: our settings are right */
    REACH_PUSH,  /* only this push or this device */
    REACH_DOUBT, /* this device, but wrong settings of ours look the same */
    REACH_APP,   /* every push of this app would fare likewise */
};

struct judgement {
    enum push_verdict verdict;
    char reason[41];       /* for push.result and the log; never empty */
    char why[121];         /* for the operator: what libcurl said, or empty */
    int64_t since_ms;      /* GONE: dead since, Unix ms, or 0 */
    int64_t retry_after_s; /* LATER: not before, or 0 */
    enum again again;
    enum reach reach;
    const char *remedy; /* a constant for the operator, or NULL */
};

/* Copy a provider's word into `reason`. What is not a letter, digit or one of
 * "-_." becomes "_", so that it can neither break a log nor an encoder. No
 * text, an empty one and a long one become "unknown": theirs have 27 characters
 * at most, and what has more may be a token that a provider says back. */
void judgement_set_reason(struct judgement *judgement, const char *text);

/* Keep libcurl's words, cut if they are long: see struct http_response. */
void judgement_set_why(struct judgement *judgement, const char *why);

/* What the operator reads as push_verdict. */
const char *verdict_name(enum push_verdict verdict);

#endif

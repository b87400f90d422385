/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_PUSH_H
#define PROTO_PUSH_H

#include "proto/codec.h"

/* How urgent a push is; PRIORITIES are its names on the bus. */
enum push_priority {
    PRIORITY_LOW,  /* may wait until the device wakes by itself */
    PRIORITY_HIGH, /* a person wrote something: wake it now */
};

extern const char *const PRIORITIES[];

/* push.request: deliver one wake-up to one device.
 * xmpp-frontend -> a sender that serves `app`; answered by push.result. */
#define PUSH_REQUEST "push.request"

/* No provider takes more; 12 bytes of base64 are usual, by AES-GCM. */
enum { PUSH_ENCRYPTED_MAX = 4096, PUSH_IV_MAX = 64 };

struct push_request {
    const char *app;     /* name in the configuration, 1..64 bytes */
    const char *token;   /* device token, opaque, 1..4096; never logged */
    const char *device;  /* tells the device which account: 40 hex digits; NULL
                            if nobody has registered it */
    const char *channel; /* the group chat likewise, 40 hex digits, or NULL */
    enum push_priority priority;
    int64_t budget_ms; /* nobody waits for a result after this, 1..600000 */
    /* What the XMPP server has encrypted for the app, for that to read: base64,
     * never logged, never stored. Both, or both NULL. */
    const char *encrypted; /* 1..PUSH_ENCRYPTED_MAX */
    const char *iv;        /* 1..PUSH_IV_MAX */
};
PROTO_DECLARE(push_request);

enum push_verdict {
    PUSH_SENT,          /* the provider took it */
    PUSH_GONE,          /* the provider says that this token is dead */
    PUSH_REFUSED,       /* this one push can never succeed; token unharmed */
    PUSH_LATER,         /* provider or network trouble: worth another try */
    PUSH_MISCONFIGURED, /* our own credentials or settings were refused */
};

/* push.result: what became of a push.request.
 * sender -> xmpp-frontend, exactly one for each request. */
#define PUSH_RESULT "push.result"

struct push_result {
    enum push_verdict verdict;
    const char *reason;    /* the provider's own word for it, 1..256, or NULL */
    int64_t since_ms;      /* GONE: dead since, Unix ms, or 0 if not told */
    int64_t retry_after_s; /* LATER: not before this many seconds, or 0 */
};
PROTO_DECLARE(push_result);

#endif

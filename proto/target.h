/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_TARGET_H
#define PROTO_TARGET_H

/* What the frontend asks a registry. A target is one registration: where the
 * pushes for one account on one device go. Every request is answered by its
 * own result, exactly once. */

#include "proto/codec.h"
#include "proto/push.h"

enum { TARGET_APP_MAX = 64, TARGET_DOMAIN_MAX = 1023, TARGET_TOKEN_MAX = 4096 };

enum target_outcome {
    TARGET_OK,     /* done, and Redis has acknowledged it */
    TARGET_ABSENT, /* there is no such target for the one who asks */
    TARGET_KEPT,   /* it is still there, for a good reason */
    TARGET_LATER,  /* Redis cannot answer now; nothing is known to be done */
};

/* target.register: create a target or renew its token.
 * xmpp-frontend -> registry; answered by target.register.result.
 * Registering again gives the same node and secret. A registry that was frozen
 * may take up a job that another has done meanwhile; what was asked before
 * something newer for the same target changes nothing any more. */
#define TARGET_REGISTER "target.register"

struct target_register {
    const char *app;     /* name in the configuration, 1..64 bytes */
    const char *device;  /* 40 hex digits: SHA-1 of bare JID and device id */
    const char *channel; /* 40 hex digits of a group chat, or NULL */
    const char *domain;  /* the only one that may push here, 1..1023 bytes */
    const char *token;   /* from FCM or APNs, 1..4096 bytes; never logged */
    int64_t asked_ms;    /* when the client asked, Unix ms; see below */
};
PROTO_DECLARE(target_register);

#define TARGET_REGISTER_RESULT "target.register.result"

struct target_register_result {
    enum target_outcome outcome; /* OK or LATER */
    const char *node;            /* OK: pubsub node, 12 bytes from now on */
    const char *secret;          /* OK: to be shown by whoever pushes */
};
PROTO_DECLARE(target_register_result);

/* target.unregister: remove one channel's target, or with no channel all
 * targets that this device has with the app.
 * xmpp-frontend -> registry; answered by target.unregister.result. */
#define TARGET_UNREGISTER "target.unregister"

struct target_unregister {
    const char *app;
    const char *device;
    const char *channel; /* or NULL for all of them */
    int64_t asked_ms;    /* as in target.register */
};
PROTO_DECLARE(target_unregister);

#define TARGET_UNREGISTER_RESULT "target.unregister.result"

struct target_unregister_result {
    enum target_outcome outcome; /* OK, ABSENT or LATER */
};
PROTO_DECLARE(target_unregister_result);

/* target.lookup: whom does this publish wake?
 * xmpp-frontend -> registry; answered by target.lookup.result.
 * ABSENT alike for an unknown node, another domain's and a wrong secret. */
#define TARGET_LOOKUP "target.lookup"

struct target_lookup {
    const char *domain; /* who pushes, as its server stamped it, 1..1023 */
    const char *node;   /* 1..1024 bytes */
    const char *secret; /* 1..1024 bytes, or NULL when none was shown */
};
PROTO_DECLARE(target_lookup);

#define TARGET_LOOKUP_RESULT "target.lookup.result"

struct target_lookup_result {
    enum target_outcome outcome; /* OK, ABSENT or LATER */
    const char *app;             /* OK: these four as registered */
    const char *device;
    const char *channel; /* or NULL */
    const char *token;
    const char *deferred; /* set while a push waits: see target.settle */
};
PROTO_DECLARE(target_lookup_result);

/* target.forget: the provider says that this target's token is dead.
 * xmpp-frontend -> registry; answered by target.forget.result.
 * Removed only if it still holds that token and, where the provider gave a
 * time, was not registered again after it. */
#define TARGET_FORGET "target.forget"

struct target_forget {
    const char *node;
    const char *device; /* as the lookup gave it */
    const char *token;  /* the one that failed */
    int64_t since_ms;   /* dead since, Unix ms, or 0 if not told */
};
PROTO_DECLARE(target_forget);

#define TARGET_FORGET_RESULT "target.forget.result"

struct target_forget_result {
    enum target_outcome outcome; /* OK, ABSENT, KEPT or LATER */
};
PROTO_DECLARE(target_forget_result);

/* target.defer: this target could not be woken now; try again later.
 * xmpp-frontend -> registry; answered by target.defer.result, OK when it is
 * durable. A target waits at most once: what is deferred twice is one wake-up.
 * ABSENT when there is no such target, or it has waited long enough. */
#define TARGET_DEFER "target.defer"

struct target_defer {
    const char *node;
    const char *device; /* as the lookup or target.due gave it */
    const char *app;    /* to push through, or NULL for the target's own */
    enum push_priority priority; /* the higher one of all that wait */
    int64_t retry_after_s;       /* not before, or 0 for the registry's own */
    int64_t is_retry;            /* 1: it has waited before, 0: it is new */
};
PROTO_DECLARE(target_defer);

#define TARGET_DEFER_RESULT "target.defer.result"

struct target_defer_result {
    enum target_outcome outcome; /* OK, ABSENT or LATER */
};
PROTO_DECLARE(target_defer_result);

/* target.settle: the target was woken, what waits for it may be forgotten.
 * xmpp-frontend -> registry; answered by target.settle.result. KEPT when
 * something was deferred since, and waits for good reason. */
#define TARGET_SETTLE "target.settle"

struct target_settle {
    const char *node;
    const char *device;   /* the same */
    const char *deferred; /* as lookup or target.due told, 1..64 bytes */
};
PROTO_DECLARE(target_settle);

#define TARGET_SETTLE_RESULT "target.settle.result"

struct target_settle_result {
    enum target_outcome outcome; /* OK, ABSENT, KEPT or LATER */
};
PROTO_DECLARE(target_settle_result);

/* target.due: the time of a deferred push has come, send it now.
 * registry -> any xmpp-frontend; answered by target.settle, target.defer or
 * target.forget. If none of them comes it is due again half a minute later. */
#define TARGET_DUE "target.due"

struct target_due {
    const char *node;
    const char *app; /* the target's, or the one that target.defer named */
    const char *device;
    const char *channel; /* or NULL */
    const char *token;   /* the one registered now */
    enum push_priority priority;
    const char *deferred; /* for target.settle */
};
PROTO_DECLARE(target_due);

#endif

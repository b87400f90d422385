/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATELESS_TARGET_H
#define XMPP_FRONTEND_STATELESS_TARGET_H

/* Whom a node wakes that no registry knows, for an operator who asks: it is
 * sealed, or it is the device token of an app that is stateless. Pure. */

#include "common/settings.h"
#include "proto/operator.h"
#include "services/xmpp-frontend/sealed_node.h"

struct stateless_target {
    const char *app;
    const char *device;  /* 40 hex digits, or NULL: nobody knows the account */
    const char *channel; /* the same of a group chat, or NULL */
    const char *token;
    int64_t sealed_s; /* Unix time; 0: not known */
    char text[SEALED_TEXT_SIZE];
};

enum stateless_answer {
    STATELESS_FOUND,
    STATELESS_ABSENT, /* it is sealed, but not by us for this domain */
    STATELESS_NO_KEY, /* it is sealed, and there is no key */
    STATELESS_NO_APP, /* it is said to be a token, but of no such app */
    STATELESS_IS_NOT, /* a registry may know it */
};

/* `domain` is whose server may push, `app` whose token it is; each may be NULL.
 * The strings of `target` are in it, in `node` and in `app`. */
enum stateless_answer stateless_target_find(struct stateless_target *target,
                                            const struct settings *settings,
                                            const char *node,
                                            const char *domain,
                                            const char *app);

/* What an operator may see of it, as operator.show.result: malloc'd, or NULL
 * with `err` set. `target` NULL: there is none. */
char *stateless_target_show(const struct stateless_target *target,
                            const char *domain, const char *id,
                            struct proto_err *err);

#endif

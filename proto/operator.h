/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PROTO_OPERATOR_H
#define PROTO_OPERATOR_H

/* What wakebusctl asks a frontend, for the operator. It says hello as workers
 * do, with the role wakebusctl, and gets the answers on its pipe of jobs: to
 * each request its own result, or operator.later. What only a registry can
 * answer the frontend hands on to one, under an id of its own. */

#include "proto/codec.h"
#include "proto/push.h"

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
    const char *why;  /* 1..400 bytes, with what to do */
    int64_t is_final; /* 1: there will be none, ever */
};
PROTO_DECLARE(operator_later);

/* Is it a node that holds, sealed, all that a registry would know? Then the
 * frontend opens it. No node of a registry has a dot, as these have. */
bool operator_is_sealed(const char *node);

/* operator.show: what is registered under this node?
 * wakebusctl -> xmpp-frontend, and if it is not sealed -> registry; answered by
 * operator.show.result. */
#define OPERATOR_SHOW "operator.show"

struct operator_show {
    const char *asker; /* as in struct operator_request, in all requests */
    int64_t budget_ms;
    const char *node;   /* 1..1024 bytes */
    const char *domain; /* whose server may push; only for a sealed node */
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

/* operator.status: how is this frontend?
 * wakebusctl -> xmpp-frontend; answered by operator.status.result. */
#define OPERATOR_STATUS "operator.status"

struct operator_status {
    const char *asker;
    int64_t budget_ms;
};
PROTO_DECLARE(operator_status);

#define OPERATOR_STATUS_RESULT "operator.status.result"

enum { OPERATOR_WORKERS_MAX = 150, OPERATOR_APPS_MAX = PROTO_LIST_MAX + 1 };

struct operator_worker {
    const char *role; /* as in its hello */
    const char *worker;
    int64_t jobs;   /* that it has now … */
    int64_t credit; /* … and could have at once */
    int64_t age_ms; /* since its first hello */
};

/* Pushes by what became of them, since the start. One without a name is for
 * those that ended before their app was known. */
struct operator_app {
    const char *app;     /* or NULL */
    const char *backend; /* or NULL */
    int64_t senders;     /* that serve it */
    int64_t queued;      /* pushes that wait for one */
    int64_t sent;
    int64_t gone;
    int64_t refused;
    int64_t deferred;
    int64_t expired;
    int64_t coalesced;
    int64_t limited;
    int64_t failed;
};

enum operator_link { OPERATOR_LINK_DOWN, OPERATOR_LINK_UP };

struct operator_status_result {
    const char *version; /* "0.1.0 (cc563994)" */
    int64_t age_ms;      /* since its start; the clock of rates */
    int64_t draining;    /* 1: it was told to end */
    enum operator_link link;
    int64_t link_age_ms;     /* up: since then */
    int64_t link_silent_ms;  /* a ping has had no answer for so long; each such
                                request has the XMPP server pinged */
    const char *link_why;    /* down: 1..200 bytes, or NULL: not known … */
    const char *link_remedy; /* … and what to do, 1..400 bytes */
    int64_t received;        /* pushes, since the start … */
    int64_t in_flight;       /* … and those of them that have not ended */
    int64_t retried;         /* deferred pushes that were tried again … */
    int64_t retries_sent;    /* … and got through */
    int64_t registered;      /* answers to devices that registered */
    int64_t queued;          /* jobs that wait for a registry */
    struct operator_workers {
        size_t count;
        struct operator_worker items[OPERATOR_WORKERS_MAX];
    } workers;
    struct operator_apps {
        size_t count;
        struct operator_app items[OPERATOR_APPS_MAX];
    } apps;
};
PROTO_DECLARE(operator_status_result);

/* operator.waiting: how many targets wait in Redis for another try?
 * wakebusctl -> xmpp-frontend -> registry; answered by
 * operator.waiting.result. */
#define OPERATOR_WAITING "operator.waiting"

struct operator_waiting {
    const char *asker;
    int64_t budget_ms;
};
PROTO_DECLARE(operator_waiting);

#define OPERATOR_WAITING_RESULT "operator.waiting.result"

struct operator_waiting_result {
    int64_t targets;
};
PROTO_DECLARE(operator_waiting_result);

/* operator.count: how many targets are there, by app and domain?
 * wakebusctl -> xmpp-frontend -> registry; answered by operator.count.result, a
 * page of the way through all of them. The numbers of all pages are to be added
 * up. */
#define OPERATOR_COUNT "operator.count"

struct operator_count {
    const char *asker;
    int64_t budget_ms;
    const char *after; /* from the page before, or NULL: from the beginning */
};
PROTO_DECLARE(operator_count);

#define OPERATOR_COUNT_RESULT "operator.count.result"

enum operator_walk {
    OPERATOR_PAGE,    /* "ok" */
    OPERATOR_CHANGED, /* Redis is another since the page before: it is not known
                         what is still to come */
};

enum { OPERATOR_ROWS_MAX = 256 };

struct operator_tally {
    const char *app; /* or NULL, and */
    const char *domain;
    int64_t targets;
};

struct operator_count_result {
    enum operator_walk outcome;
    const char *after; /* where the next page begins, or NULL: none follows */
    struct operator_tallies {
        size_t count;
        struct operator_tally items[OPERATOR_ROWS_MAX];
    } counts;
};
PROTO_DECLARE(operator_count_result);

/* operator.list: which targets may a domain push to?
 * wakebusctl -> xmpp-frontend -> registry; answered by operator.list.result, a
 * page as of operator.count. A page may be empty, and another follow. */
#define OPERATOR_LIST "operator.list"

struct operator_list {
    const char *asker;
    int64_t budget_ms;
    const char *domain; /* 1..1023 bytes */
    const char *app;    /* only those of this app, or NULL */
    const char *after;
};
PROTO_DECLARE(operator_list);

#define OPERATOR_LIST_RESULT "operator.list.result"

struct operator_target {
    const char *node;
    const char *app;    /* or NULL */
    int64_t created_ms; /* Unix ms; 0: not known */
    int64_t renewed_ms; /* the same */
};

struct operator_list_result {
    enum operator_walk outcome;
    const char *after;
    struct operator_targets {
        size_t count;
        struct operator_target items[OPERATOR_ROWS_MAX];
    } targets;
};
PROTO_DECLARE(operator_list_result);

/* operator.export: all targets, with their tokens and secrets.
 * wakebusctl -> xmpp-frontend -> registry; answered by operator.export.result,
 * a page as of operator.count. */
#define OPERATOR_EXPORT "operator.export"

struct operator_export {
    const char *asker;
    int64_t budget_ms;
    const char *after;
};
PROTO_DECLARE(operator_export);

#define OPERATOR_EXPORT_RESULT "operator.export.result"

struct operator_export_target {
    const char *app; /* these five as in target.register */
    const char *device;
    const char *channel;
    const char *domain;
    const char *token;
    const char *node;
    const char *secret;
    int64_t created_ms; /* Unix ms; 0: not known */
    int64_t renewed_ms; /* the same */
};

struct operator_export_result {
    enum operator_walk outcome;
    const char *after;
    int64_t unfit; /* rows of this page that others have written, and that are
                      no targets of ours */
    struct operator_export_targets {
        size_t count;
        struct operator_export_target items[OPERATOR_ROWS_MAX];
    } targets;
};
PROTO_DECLARE(operator_export_result);

/* operator.import: take a target over as it was elsewhere, node and secret
 * included. wakebusctl -> xmpp-frontend -> registry; answered by
 * operator.import.result. Repeating it does no harm. */
#define OPERATOR_IMPORT "operator.import"

struct operator_import {
    const char *asker;
    int64_t budget_ms;
    const char *app; /* these five as in target.register */
    const char *device;
    const char *channel;
    const char *domain;
    const char *token;
    const char *node;   /* see notation.h */
    const char *secret; /* the same; never logged */
    int64_t created_ms; /* Unix ms, or 0: now */
    int64_t renewed_ms; /* when the client registered, or 0: not known, and
                           so before all that is known */
};
PROTO_DECLARE(operator_import);

#define OPERATOR_IMPORT_RESULT "operator.import.result"

enum import_outcome {
    IMPORT_OK,    /* done, and Redis has acknowledged it */
    IMPORT_KEPT,  /* what is there is newer, therefore left as it is */
    IMPORT_TAKEN, /* the node is another device's */
};

struct operator_import_result {
    enum import_outcome outcome;
};
PROTO_DECLARE(operator_import_result);

/* operator.push: wake this target now, as a test.
 * wakebusctl -> xmpp-frontend, which asks a registry (operator.find) unless the
 * node tells all, and then a sender; answered by operator.push.result. It is
 * none of the pushes that servers ask for: nothing is counted as such, deferred
 * or forgotten. */
#define OPERATOR_PUSH "operator.push"

struct operator_push {
    const char *asker;
    int64_t budget_ms;
    const char *node; /* 1..1024 bytes */
    enum push_priority priority;
    const char *domain; /* as in operator.show, or NULL */
    const char *app;    /* stateless, whose token the node is; or NULL */
};
PROTO_DECLARE(operator_push);

#define OPERATOR_PUSH_RESULT "operator.push.result"

enum operator_push_outcome {
    OPERATOR_PUSH_SENT, /* these as enum push_verdict … */
    OPERATOR_PUSH_GONE,
    OPERATOR_PUSH_REFUSED,
    OPERATOR_PUSH_LATER,
    OPERATOR_PUSH_MISCONFIGURED,
    OPERATOR_PUSH_ABSENT, /* … and: there is no such target */
};

struct operator_push_result {
    enum operator_push_outcome outcome;
    const char *app;    /* of the target, unless it is absent */
    const char *reason; /* as in push.result, or NULL */
    int64_t took_ms;    /* all of it, in the frontend; 0: less than one … */
    int64_t sender_ms;  /* … and of that, the sender and the provider */
    int64_t retry_after_s; /* as in push.result */
};
PROTO_DECLARE(operator_push_result);

/* "sent" */
const char *operator_push_word(enum operator_push_outcome outcome);

/* operator.find: whom does operator.push wake?
 * xmpp-frontend -> registry; answered by operator.find.result. */
#define OPERATOR_FIND "operator.find"

struct operator_find {
    const char *node; /* 1..1024 bytes */
};
PROTO_DECLARE(operator_find);

#define OPERATOR_FIND_RESULT "operator.find.result"

struct operator_find_result {
    enum operator_outcome outcome;
    const char *app; /* OK: these as registered; never logged */
    const char *device;
    const char *channel; /* or NULL */
    const char *token;
};
PROTO_DECLARE(operator_find_result);

/* operator.revoke: remove this target, whatever its token is.
 * wakebusctl -> xmpp-frontend -> registry; answered by
 * operator.revoke.result. */
#define OPERATOR_REVOKE "operator.revoke"

struct operator_revoke {
    const char *asker;
    int64_t budget_ms;
    const char *node;
};
PROTO_DECLARE(operator_revoke);

#define OPERATOR_REVOKE_RESULT "operator.revoke.result"

struct operator_revoke_result {
    enum operator_outcome outcome;
};
PROTO_DECLARE(operator_revoke_result);

#endif

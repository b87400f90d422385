/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_EXCHANGE_H
#define XMPP_FRONTEND_EXCHANGE_H

/* One IQ that is being worked on, or one deferred push whose time has come: who
 * asked, what for, and what is known so far. Pure: it says what to ask next,
 * and what an answer means. */

#include "common/settings.h"
#include "proto/push.h"
#include "proto/target.h"
#include "services/xmpp-frontend/coalesce.h"
#include "services/xmpp-frontend/request.h"

enum exchange_stage {
    STAGE_REGISTER,
    STAGE_UNREGISTER,
    STAGE_LOOKUP,
    STAGE_PUSH,
    STAGE_FORGET,
    STAGE_DEFER,
    STAGE_SETTLE,
};
enum { STAGES = STAGE_SETTLE + 1 };

/* As the operator reads it: "lookup". */
const char *stage_name(enum exchange_stage stage);

/* How a push ended: each ends in exactly one of these. */
enum push_outcome {
    OUTCOME_SENT,
    OUTCOME_GONE,      /* the provider said so, or there was no such target */
    OUTCOME_REFUSED,   /* the provider would not take this one */
    OUTCOME_DEFERRED,  /* it waits in Redis for another try */
    OUTCOME_EXPIRED,   /* its deadline passed, or it has waited long enough */
    OUTCOME_COALESCED, /* it was one with another that went well */
    OUTCOME_LIMITED,   /* over a limit: it waits in Redis for its turn */
    OUTCOME_FAILED,    /* trouble of ours or of the provider */
    OUTCOMES,
};

/* As the operator reads it: "sent". */
const char *outcome_name(enum push_outcome outcome);

typedef struct exchange exchange_t;

/* Copies what it needs of the request. `request` has step REQUEST_REGISTER,
 * REQUEST_UNREGISTER, REQUEST_PUSH or REQUEST_WAKE. `unix_ms` is now. */
exchange_t *exchange_new(const struct iq *iq, const struct request *request,
                         int64_t unix_ms);
/* A deferred push: nobody waits for an answer to it. */
exchange_t *exchange_new_due(const struct target_due *due);
void exchange_destroy(exchange_t **self_p);

const struct iq_head *exchange_head(const exchange_t *self);
enum exchange_stage exchange_stage(const exchange_t *self);
bool exchange_is_push(const exchange_t *self);
bool exchange_is_retry(const exchange_t *self);

/* Is it about something that a person waits for? */
bool exchange_is_urgent(const exchange_t *self);

/* Did it come with content that was to be forwarded, and cannot be? See
 * forwarded.h. */
bool exchange_has_unfit_content(const exchange_t *self);

/* Whose server or user asks; NULL of a deferred push. Borrowed. */
const char *exchange_domain(const exchange_t *self);

/* May it be one wake-up with others for the same target? Then it has one, whose
 * strings are borrowed. */
bool exchange_can_join(const exchange_t *self);
struct push_target exchange_target(const exchange_t *self);

/* `other` joins this one, which takes it over, and with which it is answered.
 * If it is urgent this one is as well; of what they have to forward one is
 * left: see forwarded.h. */
void exchange_join(exchange_t *self, exchange_t **other_p);

/* Its message goes to a worker now. */
void exchange_handed(exchange_t *self);

/* It is to be sent, but was looked up before others joined it. They may know of
 * a registration that the lookup does not: it must be looked up again. */
bool exchange_is_outdated(const exchange_t *self);

/* Do so: the stage has changed, ask again. It keeps the turn that it has had,
 * and what limits it was counted against; nobody can join it once this lookup
 * was handed to a registry, so that there is an end. */
void exchange_look_up_again(exchange_t *self);
bool exchange_had_turn(const exchange_t *self);

/* Who has joined it; of one that has, who came next; NULL: nobody. */
exchange_t *exchange_next(const exchange_t *self);

/* The app whose sender the stage PUSH needs, once the lookup told; NULL if the
 * configuration has no such app. */
const struct app *exchange_app(const exchange_t *self,
                               const struct settings *settings);
const char *exchange_app_name(const exchange_t *self);

/* The publish has told app and token itself: no registry knows of it, so there
 * is nothing to look up, to forget or to defer. */
bool exchange_is_stateless(const exchange_t *self);
const char *exchange_token(const exchange_t *self);

/* After the lookup: does the publish choose another app? Then it is that one
 * from now on. Content is forwarded if it is an app that wants that. False if
 * it asks for the sandbox of an app that has none. */
bool exchange_route(exchange_t *self, const struct settings *settings);

/* It is over a limit, and must not be sent before so many seconds: it shall
 * wait in Redis. Returns false when it cannot, as it is stateless; else the
 * stage has changed, ask again. */
bool exchange_limit(exchange_t *self, int64_t wait_s);

/* How long it has taken, in microseconds: exchange_start sets the watch, which
 * exchange_age reads, and exchange_lap too, but since its last reading. */
void exchange_start(exchange_t *self, int64_t now_us);
int64_t exchange_age(const exchange_t *self, int64_t now_us);
int64_t exchange_lap(exchange_t *self, int64_t now_us);

/* The message of its stage, malloc'd; NULL with `err` if it has no encoding. */
char *exchange_encode(const exchange_t *self, const char *id, int64_t budget_ms,
                      struct proto_err *err);

/* What a result means. */
struct exchange_step {
    bool done;                 /* else ask again: the stage has changed */
    bool answers;              /* the time to answer, if only once */
    enum answer answer;        /* answers: how */
    enum push_outcome outcome; /* answers, and it is a push */
    const char *reason;        /* for the log, borrowed from `m`, or NULL */
};

/* Returns 0, or -1 with `err` set when the message is not a result of this
 * stage: then the step is done and means trouble. */
int exchange_take(exchange_t *self, const struct msg *m,
                  struct exchange_step *step, struct proto_err *err);

/* No sender could be had in time, or none lived long enough. Returns true when
 * the push can still be deferred: the stage has changed, ask again. */
bool exchange_give_up(exchange_t *self);

/* Answer it. True the first time, with `reply` the malloc'd stanza, or NULL
 * for a deferred push, to which nobody listens. */
bool exchange_answer(exchange_t *self, enum answer answer, char **reply);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
/* What an exchange asks next, and what it makes of the answer. */
#include "services/xmpp-frontend/exchange_state.h"

/* ---- asking ---- */

static char *encode_register(const exchange_t *self, const char *id,
                             struct proto_err *err)
{
    const struct target_register message = {.app = self->app,
                                            .device = self->device,
                                            .channel = self->channel,
                                            .domain = self->domain,
                                            .token = self->token,
                                            .asked_ms = self->asked_ms};
    return target_register_encode(&message, id, err);
}

static char *encode_unregister(const exchange_t *self, const char *id,
                               struct proto_err *err)
{
    const struct target_unregister message = {.app = self->app,
                                              .device = self->device,
                                              .channel = self->channel,
                                              .asked_ms = self->asked_ms};
    return target_unregister_encode(&message, id, err);
}

static char *encode_lookup(const exchange_t *self, const char *id,
                           struct proto_err *err)
{
    const struct target_lookup message = {
        .domain = self->domain, .node = self->node, .secret = self->secret};
    return target_lookup_encode(&message, id, err);
}

static char *encode_push(const exchange_t *self, const char *id,
                         int64_t budget_ms, struct proto_err *err)
{
    const struct push_request message = {
        .app = self->app,
        .token = self->token,
        .device = self->device,
        .channel = self->channel,
        .priority = self->is_urgent ? PRIORITY_HIGH : PRIORITY_LOW,
        .budget_ms = budget_ms,
        .encrypted = self->forwards ? self->forwarded.encrypted : NULL,
        .iv = self->forwards ? self->forwarded.iv : NULL};
    return push_request_encode(&message, id, err);
}

static char *encode_forget(const exchange_t *self, const char *id,
                           struct proto_err *err)
{
    const struct target_forget message = {.node = self->node,
                                          .device = self->device,
                                          .token = self->token,
                                          .since_ms = self->since_ms};
    return target_forget_encode(&message, id, err);
}

static char *encode_defer(const exchange_t *self, const char *id,
                          struct proto_err *err)
{
    const struct target_defer message = {
        .node = self->node,
        .device = self->device,
        .app = self->is_rerouted ? self->app : NULL,
        .priority = self->is_urgent ? PRIORITY_HIGH : PRIORITY_LOW,
        .retry_after_s = self->retry_after_s,
        .is_retry = self->is_retry};
    return target_defer_encode(&message, id, err);
}

static char *encode_settle(const exchange_t *self, const char *id,
                           struct proto_err *err)
{
    const struct target_settle message = {
        .node = self->node, .device = self->device, .deferred = self->deferred};
    return target_settle_encode(&message, id, err);
}

char *exchange_encode(const exchange_t *self, const char *id, int64_t budget_ms,
                      struct proto_err *err)
{
    switch (self->stage) {
    case STAGE_REGISTER:
        return encode_register(self, id, err);
    case STAGE_UNREGISTER:
        return encode_unregister(self, id, err);
    case STAGE_LOOKUP:
        return encode_lookup(self, id, err);
    case STAGE_PUSH:
        return encode_push(self, id, budget_ms, err);
    case STAGE_FORGET:
        return encode_forget(self, id, err);
    case STAGE_DEFER:
        return encode_defer(self, id, err);
    case STAGE_SETTLE:
        return encode_settle(self, id, err);
    }
    return NULL;
}

/* ---- taking results ---- */

static void finish(struct exchange_step *step, enum answer answer,
                   enum push_outcome outcome)
{
    step->done = true;
    step->answers = true;
    step->answer = answer;
    step->outcome = outcome;
}

/* Nothing more is to be done for the target: a push that waits for it from
 * before can be forgotten, which need not delay the answer. */
static void finish_and_settle(exchange_t *self, struct exchange_step *step,
                              enum answer answer, enum push_outcome outcome)
{
    finish(step, answer, outcome);
    if (self->deferred != NULL) {
        step->done = false;
        self->stage = STAGE_SETTLE;
    }
}

static int take_register(exchange_t *self, const struct msg *m,
                         struct exchange_step *step, struct proto_err *err)
{
    struct target_register_result result;

    if (target_register_result_decode(&result, m, err) != 0) {
        return -1;
    }
    if (result.outcome != TARGET_OK || result.node == NULL ||
        result.secret == NULL) {
        finish(step, ANSWER_TROUBLE, OUTCOME_FAILED);
        return 0;
    }
    self->push_node = exchange_copy(result.node);
    self->secret = exchange_copy(result.secret);
    finish(step, ANSWER_RESULT, OUTCOME_SENT);
    return 0;
}

static int take_unregister(const struct msg *m, struct exchange_step *step,
                           struct proto_err *err)
{
    struct target_unregister_result result;

    if (target_unregister_result_decode(&result, m, err) != 0) {
        return -1;
    }
    finish(step,
           result.outcome == TARGET_OK       ? ANSWER_RESULT
           : result.outcome == TARGET_ABSENT ? ANSWER_GONE
                                             : ANSWER_TROUBLE,
           OUTCOME_FAILED);
    return 0;
}

static int take_lookup(exchange_t *self, const struct msg *m,
                       struct exchange_step *step, struct proto_err *err)
{
    struct target_lookup_result result;

    if (target_lookup_result_decode(&result, m, err) != 0) {
        return -1;
    }
    if (result.outcome == TARGET_ABSENT) {
        /* It may have come with those who joined since: then ask again. */
        if (!self->is_outdated) {
            finish(step, ANSWER_GONE, OUTCOME_GONE);
        }
    } else if (result.outcome != TARGET_OK || result.app == NULL ||
               result.device == NULL || result.token == NULL) {
        finish(step, ANSWER_TROUBLE, OUTCOME_FAILED);
    } else {
        self->app = exchange_copy(result.app);
        self->device = exchange_copy(result.device);
        self->channel = exchange_copy(result.channel);
        self->token = exchange_copy(result.token);
        self->deferred = exchange_copy(result.deferred);
        self->stage = STAGE_PUSH;
    }
    return 0;
}

static void take_gone(exchange_t *self, const struct push_result *result,
                      struct exchange_step *step)
{
    if (self->is_stateless) {
        finish(step, ANSWER_GONE, OUTCOME_GONE);
    } else {
        self->since_ms = result->since_ms;
        self->stage = STAGE_FORGET;
    }
}

/* A push that no registry knows of cannot be made durable, so nothing better
 * than a retry of the server's can be promised. */
static void take_later(exchange_t *self, const struct push_result *result,
                       struct exchange_step *step)
{
    if (self->is_stateless) {
        finish(step, ANSWER_TIMEOUT, OUTCOME_FAILED);
    } else {
        self->retry_after_s = result->retry_after_s;
        self->stage = STAGE_DEFER;
    }
}

static int take_push(exchange_t *self, const struct msg *m,
                     struct exchange_step *step, struct proto_err *err)
{
    struct push_result result;

    if (push_result_decode(&result, m, err) != 0) {
        return -1;
    }
    step->reason = result.reason;
    switch (result.verdict) {
    case PUSH_SENT:
        finish_and_settle(self, step, ANSWER_RESULT, OUTCOME_SENT);
        break;
    case PUSH_GONE:
        take_gone(self, &result, step);
        break;
    case PUSH_REFUSED:
        finish_and_settle(self, step, ANSWER_TROUBLE, OUTCOME_REFUSED);
        break;
    case PUSH_LATER:
        take_later(self, &result, step);
        break;
    case PUSH_MISCONFIGURED:
        /* Who asks hears of it; who has been promised a retry still gets it,
         * since a person can mend this in time. */
        if (self->is_retry) {
            self->stage = STAGE_DEFER;
        } else {
            finish(step, ANSWER_TROUBLE, OUTCOME_FAILED);
        }
        break;
    }
    return 0;
}

/* The server may be told to drop the subscription only when the registration
 * is really gone. If it was renewed meanwhile it lives, and the new token is
 * tried in a while; if Redis could not say, the next push will find out. */
static int take_forget(exchange_t *self, const struct msg *m,
                       struct exchange_step *step, struct proto_err *err)
{
    struct target_forget_result result;

    if (target_forget_result_decode(&result, m, err) != 0) {
        return -1;
    }
    switch (result.outcome) {
    case TARGET_OK:
    case TARGET_ABSENT:
        finish(step, ANSWER_GONE, OUTCOME_GONE);
        break;
    case TARGET_KEPT:
        self->stage = STAGE_DEFER;
        break;
    case TARGET_LATER:
        finish(step, ANSWER_TIMEOUT, OUTCOME_FAILED);
        break;
    }
    return 0;
}

static int take_defer(const exchange_t *self, const struct msg *m,
                      struct exchange_step *step, struct proto_err *err)
{
    struct target_defer_result result;

    if (target_defer_result_decode(&result, m, err) != 0) {
        return -1;
    }
    if (result.outcome == TARGET_OK) {
        finish(step, ANSWER_RESULT,
               self->is_limited ? OUTCOME_LIMITED : OUTCOME_DEFERRED);
    } else if (result.outcome == TARGET_ABSENT) {
        finish(step, ANSWER_GONE,
               self->is_retry ? OUTCOME_EXPIRED : OUTCOME_GONE);
    } else {
        finish(step, ANSWER_TIMEOUT, OUTCOME_FAILED);
    }
    return 0;
}

static int take_settle(const struct msg *m, struct exchange_step *step,
                       struct proto_err *err)
{
    struct target_settle_result result;

    step->done = true; /* it was answered before, come what may */
    return target_settle_result_decode(&result, m, err);
}

int exchange_take(exchange_t *self, const struct msg *m,
                  struct exchange_step *step, struct proto_err *err)
{
    int status = -1;

    *step = (struct exchange_step){0};
    switch (self->stage) {
    case STAGE_REGISTER:
        status = take_register(self, m, step, err);
        break;
    case STAGE_UNREGISTER:
        status = take_unregister(m, step, err);
        break;
    case STAGE_LOOKUP:
        status = take_lookup(self, m, step, err);
        break;
    case STAGE_PUSH:
        status = take_push(self, m, step, err);
        break;
    case STAGE_FORGET:
        status = take_forget(self, m, step, err);
        break;
    case STAGE_DEFER:
        status = take_defer(self, m, step, err);
        break;
    case STAGE_SETTLE:
        status = take_settle(m, step, err);
        break;
    }
    if (status != 0) {
        finish(step, ANSWER_TROUBLE, OUTCOME_FAILED);
    }
    return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/exchange.h"

#include "services/xmpp-frontend/reply.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    enum exchange_stage stage;
    char *id;     /* of the IQ */
    char *from;   /* who asked */
    char *to;     /* at which of our addresses */
    char *node;   /* of the command or the publish */
    char *secret; /* shown with the publish, later the one registered */
    char *domain;
    char *push_node; /* registered */
    char *app;
    char *device;
    char *channel; /* NULL: none */
    char *token;
    char *deferred; /* what waits for the target already, or NULL */
    bool is_urgent;
    bool is_retry; /* deferred before; nobody waits for an answer */
    bool answered;
    int64_t asked_ms;      /* REGISTER, UNREGISTER */
    int64_t since_ms;      /* FORGET */
    int64_t retry_after_s; /* DEFER */
    int64_t started_us;
    int64_t lap_us;
    struct iq_head head;
};

const char *stage_name(enum exchange_stage stage)
{
    static const char *const NAMES[STAGES] = {
        [STAGE_REGISTER] = "register", [STAGE_UNREGISTER] = "unregister",
        [STAGE_LOOKUP] = "lookup",     [STAGE_PUSH] = "push",
        [STAGE_FORGET] = "forget",     [STAGE_DEFER] = "defer",
        [STAGE_SETTLE] = "settle",
    };
    return NAMES[stage];
}

const char *outcome_name(enum push_outcome outcome)
{
    static const char *const NAMES[OUTCOMES] = {
        [OUTCOME_SENT] = "sent",       [OUTCOME_GONE] = "gone",
        [OUTCOME_REFUSED] = "refused", [OUTCOME_DEFERRED] = "deferred",
        [OUTCOME_EXPIRED] = "expired", [OUTCOME_FAILED] = "failed",
    };
    return NAMES[outcome];
}

static char *copy(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    char *copied = strdup(text);
    assert(copied);
    return copied;
}

exchange_t *exchange_new(const struct iq *iq, const struct request *request,
                         int64_t unix_ms)
{
    static const enum exchange_stage FIRST[] = {
        [REQUEST_REGISTER] = STAGE_REGISTER,
        [REQUEST_UNREGISTER] = STAGE_UNREGISTER,
        [REQUEST_PUSH] = STAGE_LOOKUP,
    };
    exchange_t *self = calloc(1, sizeof *self);

    assert(self && request->step >= REQUEST_REGISTER);
    self->stage = FIRST[request->step];
    self->asked_ms = unix_ms;
    self->id = copy(iq->head.id);
    self->from = copy(iq->head.from);
    self->to = copy(iq->head.to);
    self->head = (struct iq_head){self->id, self->from, self->to};
    self->node = copy(iq->node);
    self->domain = copy(request->domain);
    if (self->stage == STAGE_LOOKUP) {
        self->secret = copy(form_value(&iq->form, "secret"));
        self->is_urgent = iq->is_urgent;
    } else {
        self->app = copy(request->app->name);
        self->device = copy(request->device);
        if (request->channel[0] != '\0') {
            self->channel = copy(request->channel);
        }
        self->token = copy(request->token);
    }
    return self;
}

exchange_t *exchange_new_due(const struct target_due *due)
{
    exchange_t *self = calloc(1, sizeof *self);

    assert(self);
    self->stage = STAGE_PUSH;
    self->is_retry = true;
    self->is_urgent = due->priority == PRIORITY_HIGH;
    self->node = copy(due->node);
    self->app = copy(due->app);
    self->device = copy(due->device);
    self->channel = copy(due->channel);
    self->token = copy(due->token);
    self->deferred = copy(due->deferred);
    return self;
}

void exchange_destroy(exchange_t **self_p)
{
    exchange_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->id);
    free(self->from);
    free(self->to);
    free(self->node);
    free(self->secret);
    free(self->domain);
    free(self->push_node);
    free(self->app);
    free(self->device);
    free(self->channel);
    free(self->token);
    free(self->deferred);
    free(self);
    *self_p = NULL;
}

const struct iq_head *exchange_head(const exchange_t *self)
{
    return &self->head;
}

enum exchange_stage exchange_stage(const exchange_t *self)
{
    return self->stage;
}

bool exchange_is_push(const exchange_t *self)
{
    return self->stage >= STAGE_LOOKUP;
}

bool exchange_is_retry(const exchange_t *self)
{
    return self->is_retry;
}

const struct app *exchange_app(const exchange_t *self,
                               const struct settings *settings)
{
    return self->app != NULL ? settings_app(settings, self->app) : NULL;
}

const char *exchange_app_name(const exchange_t *self)
{
    return self->app;
}

void exchange_start(exchange_t *self, int64_t now_us)
{
    self->started_us = self->lap_us = now_us;
}

int64_t exchange_age(const exchange_t *self, int64_t now_us)
{
    return now_us - self->started_us;
}

int64_t exchange_lap(exchange_t *self, int64_t now_us)
{
    int64_t lap_us = now_us - self->lap_us;

    self->lap_us = now_us;
    return lap_us;
}

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
        .budget_ms = budget_ms};
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
    self->push_node = copy(result.node);
    self->secret = copy(result.secret);
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
        finish(step, ANSWER_GONE, OUTCOME_GONE);
    } else if (result.outcome != TARGET_OK || result.app == NULL ||
               result.device == NULL || result.token == NULL) {
        finish(step, ANSWER_TROUBLE, OUTCOME_FAILED);
    } else {
        self->app = copy(result.app);
        self->device = copy(result.device);
        self->channel = copy(result.channel);
        self->token = copy(result.token);
        self->deferred = copy(result.deferred);
        self->stage = STAGE_PUSH;
    }
    return 0;
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
        self->since_ms = result.since_ms;
        self->stage = STAGE_FORGET;
        break;
    case PUSH_REFUSED:
        finish_and_settle(self, step, ANSWER_TROUBLE, OUTCOME_REFUSED);
        break;
    case PUSH_LATER:
        self->retry_after_s = result.retry_after_s;
        self->stage = STAGE_DEFER;
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
    case TARGET_TAKEN: /* never of a forget */
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
        finish(step, ANSWER_RESULT, OUTCOME_DEFERRED);
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

/* ---- answering ---- */

/* Sessions have no state here; their id only has to be there and be new
 * (XEP-0050, 3.2), which the id of the IQ is to whoever made it. */
static const char *session_of(const exchange_t *self)
{
    return self->id != NULL ? self->id : "1";
}

bool exchange_give_up(exchange_t *self)
{
    if (self->stage != STAGE_PUSH) {
        return false;
    }
    self->stage = STAGE_DEFER;
    return true;
}

static char *reply_of_stage(const exchange_t *self)
{
    switch (self->stage) {
    case STAGE_REGISTER:
        return reply_registered(&self->head, self->node, session_of(self),
                                self->push_node, self->secret);
    case STAGE_UNREGISTER:
        return reply_command_done(&self->head, self->node, session_of(self),
                                  "completed");
    case STAGE_LOOKUP:
    case STAGE_PUSH:
    case STAGE_FORGET:
    case STAGE_DEFER:
    case STAGE_SETTLE:
        break;
    }
    return reply_result(&self->head);
}

bool exchange_answer(exchange_t *self, enum answer answer, char **reply)
{
    bool first = !self->answered;

    *reply = NULL;
    self->answered = true;
    if (first && !self->is_retry) {
        *reply = answer == ANSWER_RESULT
                     ? reply_of_stage(self)
                     : reply_error(&self->head, answer, NULL);
    }
    return first;
}

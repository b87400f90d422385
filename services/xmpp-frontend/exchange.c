/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/exchange_state.h"

#include "services/xmpp-frontend/app_choice.h"
#include "services/xmpp-frontend/reply.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

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
        [OUTCOME_EXPIRED] = "expired", [OUTCOME_COALESCED] = "coalesced",
        [OUTCOME_LIMITED] = "limited", [OUTCOME_FAILED] = "failed",
    };
    return NAMES[outcome];
}

char *exchange_copy(const char *text)
{
    if (text == NULL) {
        return NULL;
    }
    char *copied = strdup(text);
    assert(copied);
    return copied;
}

/* NULL for an empty one. */
static char *copy_hash(const char *hash)
{
    return hash[0] != '\0' ? exchange_copy(hash) : NULL;
}

static void read_options(exchange_t *self, const struct iq *iq,
                         const struct request *request)
{
    const struct app_choice choice = app_choice_read(&iq->form);

    self->secret = exchange_copy(form_value(&iq->form, "secret"));
    self->is_urgent = iq->is_urgent;
    self->is_stateless = self->stage == STAGE_PUSH;
    self->sandbox = choice.sandbox;
    if (!self->is_stateless) {
        self->module = exchange_copy(choice.module);
    }
    if (request->may_forward) {
        self->is_unfit = !forwarded_take(&self->forwarded, iq->encrypted,
                                         iq->iv, iq->is_urgent);
    }
}

exchange_t *exchange_new(const struct iq *iq, const struct request *request,
                         int64_t unix_ms)
{
    static const enum exchange_stage FIRST[] = {
        [REQUEST_REGISTER] = STAGE_REGISTER,
        [REQUEST_UNREGISTER] = STAGE_UNREGISTER,
        [REQUEST_PUSH] = STAGE_LOOKUP,
        [REQUEST_WAKE] = STAGE_PUSH,
    };
    exchange_t *self = calloc(1, sizeof *self);

    assert(self && request->step >= REQUEST_REGISTER);
    self->stage = FIRST[request->step];
    self->asked_ms = unix_ms;
    self->id = exchange_copy(iq->head.id);
    self->from = exchange_copy(iq->head.from);
    self->to = exchange_copy(iq->head.to);
    self->head = (struct iq_head){self->id, self->from, self->to};
    self->node = exchange_copy(iq->node);
    self->domain = exchange_copy(request->domain);
    if (exchange_is_push(self)) {
        read_options(self, iq, request);
    }
    if (request->step != REQUEST_PUSH) {
        self->app = exchange_copy(request->app != NULL ? request->app->name
                                                       : request->app_name);
        self->device = copy_hash(request->device);
        self->channel = copy_hash(request->channel);
        self->token = exchange_copy(request->token);
    }
    if (self->is_stateless) {
        self->named = exchange_copy(self->app);
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
    self->node = exchange_copy(due->node);
    self->app = exchange_copy(due->app);
    self->device = exchange_copy(due->device);
    self->channel = exchange_copy(due->channel);
    self->token = exchange_copy(due->token);
    self->deferred = exchange_copy(due->deferred);
    return self;
}

static void free_one(exchange_t *self)
{
    free(self->id);
    free(self->from);
    free(self->to);
    free(self->node);
    free(self->secret);
    free(self->domain);
    free(self->push_node);
    free(self->app);
    free(self->module);
    free(self->named);
    free(self->device);
    free(self->channel);
    free(self->token);
    free(self->deferred);
    forwarded_drop(&self->forwarded);
    free(self);
}

/* With all who have joined. */
void exchange_destroy(exchange_t **self_p)
{
    while (*self_p != NULL) {
        exchange_t *next = (*self_p)->next;
        free_one(*self_p);
        *self_p = next;
    }
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

bool exchange_has_unfit_content(const exchange_t *self)
{
    return self->is_unfit;
}

bool exchange_is_urgent(const exchange_t *self)
{
    return self->is_urgent;
}

const char *exchange_domain(const exchange_t *self)
{
    return self->domain;
}

bool exchange_can_join(const exchange_t *self)
{
    return exchange_is_push(self) && !self->is_retry;
}

struct push_target exchange_target(const exchange_t *self)
{
    struct push_target target = {.domain = self->domain,
                                 .node = self->node,
                                 .secret = self->secret,
                                 .module = self->module,
                                 .sandbox = self->sandbox};

    if (self->is_stateless) {
        /* A server can have several nodes of one account on one device, of the
         * time before the keys changed, for instance. */
        target.node = self->token;
        target.secret = self->channel != NULL ? self->channel : self->device;
        target.module = self->named;
    }
    return target;
}

void exchange_join(exchange_t *self, exchange_t **other_p)
{
    exchange_t *other = *other_p;
    exchange_t *last = self->last != NULL ? self->last : self;

    assert(self->leader == NULL && other->next == NULL);
    last->next = other;
    self->last = other;
    self->is_urgent = self->is_urgent || other->is_urgent;
    self->is_outdated = self->is_asked;
    forwarded_merge(&self->forwarded, &other->forwarded);
    other->leader = self;
    *other_p = NULL;
}

void exchange_handed(exchange_t *self)
{
    if (self->stage == STAGE_LOOKUP) {
        self->is_asked = true;
        self->is_outdated = false;
    }
}

bool exchange_is_outdated(const exchange_t *self)
{
    return self->stage == STAGE_PUSH && self->is_outdated;
}

void exchange_look_up_again(exchange_t *self)
{
    char **const found[] = {&self->app, &self->device, &self->channel,
                            &self->token, &self->deferred};

    assert(self->is_asked);
    for (size_t i = 0; i < sizeof found / sizeof *found; i++) {
        free(*found[i]);
        *found[i] = NULL;
    }
    self->is_rerouted = false;
    self->is_outdated = false;
    self->had_turn = true;
    self->stage = STAGE_LOOKUP;
}

bool exchange_had_turn(const exchange_t *self)
{
    return self->had_turn;
}

exchange_t *exchange_next(const exchange_t *self)
{
    return self->next;
}

const struct app *exchange_app(const exchange_t *self,
                               const struct settings *settings)
{
    const char *app = exchange_app_name(self);

    return app != NULL ? settings_app(settings, app) : NULL;
}

const char *exchange_app_name(const exchange_t *self)
{
    return self->leader != NULL ? self->leader->app : self->app;
}

bool exchange_route(exchange_t *self, const struct settings *settings)
{
    const struct app_choice choice = {self->module, self->sandbox};
    const struct app *app = exchange_app(self, settings);

    if (self->stage != STAGE_PUSH || app == NULL) {
        return true;
    }
    const struct app *chosen = app_choice_of(&choice, settings, app);
    if (chosen != NULL && chosen != app && self->is_stateless &&
        !chosen->is_stateless) {
        chosen = NULL;
    }
    if (chosen == NULL) {
        return false;
    }
    if (chosen != app) {
        free(self->app);
        self->app = exchange_copy(chosen->name);
        self->is_rerouted = true;
    }
    self->forwards = chosen->forwards_encrypted;
    return true;
}

bool exchange_is_stateless(const exchange_t *self)
{
    return self->is_stateless;
}

const char *exchange_token(const exchange_t *self)
{
    return self->token;
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

/* ---- answering ---- */

/* Sessions have no state here; their id only has to be there and be new
 * (XEP-0050, 3.2), which the id of the IQ is to whoever made it. */
static const char *session_of(const exchange_t *self)
{
    return self->id != NULL ? self->id : "1";
}

bool exchange_give_up(exchange_t *self)
{
    if (self->stage != STAGE_PUSH || self->is_stateless) {
        return false;
    }
    self->stage = STAGE_DEFER;
    return true;
}

bool exchange_limit(exchange_t *self, int64_t wait_s)
{
    if (!exchange_give_up(self)) {
        return false;
    }
    self->retry_after_s = wait_s;
    self->is_limited = true;
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

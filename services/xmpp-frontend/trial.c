/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/trial.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct trial {
    char *node;
    enum push_priority priority;
    int64_t begun_ms;
    int64_t sent_ms; /* when a sender was asked last */
    char *app;       /* NULL: not found yet, as the others */
    char *device;
    char *channel;
    char *token;
};

static char *copy(const char *text)
{
    char *copied = text != NULL ? strdup(text) : NULL;

    assert(text == NULL || copied != NULL);
    return copied;
}

trial_t *trial_new(const struct operator_push *what, int64_t now_ms)
{
    trial_t *self = calloc(1, sizeof *self);

    assert(self);
    self->node = copy(what->node);
    self->priority = what->priority;
    self->begun_ms = now_ms;
    return self;
}

trial_t *trial_new_for(const struct operator_push *what,
                       const struct stateless_target *target, int64_t now_ms)
{
    trial_t *self = trial_new(what, now_ms);

    self->app = copy(target->app);
    self->device = copy(target->device);
    self->channel = copy(target->channel);
    self->token = copy(target->token);
    return self;
}

void trial_destroy(trial_t **self_p)
{
    trial_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    free(self->node);
    free(self->app);
    free(self->device);
    free(self->channel);
    free(self->token);
    free(self);
    *self_p = NULL;
}

const char *trial_app(const trial_t *self)
{
    return self->app;
}

char *trial_encode(trial_t *self, const char *id, int64_t budget_ms,
                   int64_t now_ms, struct proto_err *err)
{
    const struct operator_find find = {self->node};
    const struct push_request push = {.app = self->app,
                                      .token = self->token,
                                      .device = self->device,
                                      .channel = self->channel,
                                      .priority = self->priority,
                                      .budget_ms = budget_ms};

    if (self->app == NULL) {
        return operator_find_encode(&find, id, err);
    }
    self->sent_ms = now_ms;
    return push_request_encode(&push, id, err);
}

static enum trial_step take_find(trial_t *self, const struct msg *m,
                                 struct operator_push_result *result)
{
    struct operator_find_result found;
    struct proto_err err;

    if (operator_find_result_decode(&found, m, &err) != 0) {
        return TRIAL_UNFIT;
    }
    if (found.outcome == OPERATOR_ABSENT) {
        result->outcome = OPERATOR_PUSH_ABSENT;
        return TRIAL_DONE;
    }
    if (found.app == NULL || found.device == NULL || found.token == NULL) {
        return TRIAL_UNFIT;
    }
    self->app = copy(found.app);
    self->device = copy(found.device);
    self->channel = copy(found.channel);
    self->token = copy(found.token);
    return TRIAL_GOES_ON;
}

static enum operator_push_outcome outcome_of(enum push_verdict verdict)
{
    static const enum operator_push_outcome OUTCOMES[] = {
        [PUSH_SENT] = OPERATOR_PUSH_SENT,
        [PUSH_GONE] = OPERATOR_PUSH_GONE,
        [PUSH_REFUSED] = OPERATOR_PUSH_REFUSED,
        [PUSH_LATER] = OPERATOR_PUSH_LATER,
        [PUSH_MISCONFIGURED] = OPERATOR_PUSH_MISCONFIGURED,
    };

    return OUTCOMES[verdict];
}

static enum trial_step take_push(const trial_t *self, const struct msg *m,
                                 int64_t now_ms,
                                 struct operator_push_result *result)
{
    struct push_result verdict;
    struct proto_err err;

    if (push_result_decode(&verdict, m, &err) != 0) {
        return TRIAL_UNFIT;
    }
    result->outcome = outcome_of(verdict.verdict);
    result->app = self->app;
    result->reason = verdict.reason;
    result->sender_ms = now_ms - self->sent_ms;
    result->retry_after_s = verdict.retry_after_s;
    return TRIAL_DONE;
}

enum trial_step trial_take(trial_t *self, const struct msg *m, int64_t now_ms,
                           struct operator_push_result *result)
{
    *result = (struct operator_push_result){.took_ms = now_ms - self->begun_ms};
    return self->app == NULL ? take_find(self, m, result)
                             : take_push(self, m, now_ms, result);
}

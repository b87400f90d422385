/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/trial.h"

#include "common/among.h"
#include "common/clock.h"
#include "common/replay.h"
#include "common/route.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MS = 8000 }; /* for the connection and the answer to the push */

/* One app. */
struct attempt {
    struct attempt *next;
    trial_t *trial;
    struct route *route;
    struct call call;
    const char *headers[CALL_HEADERS_MAX + 1]; /* borrowed from these two */
    char *authorization;                       /* or NULL */
    bool waits;                                /* for access */
    bool denied; /* no access: only the connection is tried */
};

struct trial {
    self_test_t *test;
    checkup_t *checkup;
    const struct dialect *dialect;
    struct attempt *attempts;
};

enum step { ACCESS, CONNECTION, PUSH, STEPS };

static const char *const STEP_NAMES[STEPS] = {"access", "connection", "push"};

/* ---- telling ---- */

struct step_name {
    char text[96];
};

static struct step_name name_of(const struct app *app, enum step step)
{
    struct step_name name;

    snprintf(name.text, sizeof name.text, "%s.%s", app->name, STEP_NAMES[step]);
    return name;
}

#define NOTE(attempt, step, ...)                                               \
    checkup_note((attempt)->trial->checkup,                                    \
                 name_of((attempt)->route->app, step).text, __VA_ARGS__)

/* A refusal in the provider's word, and in its own words where they help. */
static void tell_judgement(const struct attempt *attempt, enum step step,
                           enum finding_state state,
                           const struct judgement *judgement)
{
    bool says_more = judgement->why[0] != '\0';

    NOTE(attempt, step, state, judgement->remedy, "%s%s%s", judgement->reason,
         says_more ? ": " : "", judgement->why);
}

static void tell_access(const struct attempt *attempt)
{
    const struct dialect *dialect = attempt->trial->dialect;
    char access[160];

    dialect->trial.describe(attempt->route->account, access, sizeof access);
    NOTE(attempt, ACCESS, FINDING_OK, NULL, "%s", access);
}

enum finding_state trial_judge(const char *const *expected,
                               const struct judgement *judgement)
{
    return judgement->verdict == PUSH_SENT ||
                   is_among(judgement->reason, expected)
               ? FINDING_OK
               : FINDING_FAULT;
}

static void tell_push(const struct attempt *attempt,
                      const struct judgement *judgement)
{
    const struct dialect *dialect = attempt->trial->dialect;
    enum finding_state state = trial_judge(dialect->trial.expected, judgement);

    if (state != FINDING_OK) {
        tell_judgement(attempt, PUSH, state, judgement);
    } else if (judgement->verdict == PUSH_SENT) {
        NOTE(attempt, PUSH, state, NULL, "a push to no device is accepted");
    } else {
        NOTE(attempt, PUSH, state, NULL,
             "a push to no device is refused for that alone: %s",
             judgement->reason);
    }
}

static void tell_answer(const struct attempt *attempt,
                        const struct http_response *response)
{
    struct judgement judgement = {0};

    NOTE(attempt, CONNECTION, FINDING_OK, NULL, "HTTP/2 over TLS with %s",
         attempt->route->base_url);
    if (attempt->denied) {
        NOTE(attempt, PUSH, FINDING_SKIPPED, NULL, "no access");
        return;
    }
    attempt->trial->dialect->judge(response, &judgement);
    tell_push(attempt, &judgement);
}

static void tell_failure(const struct attempt *attempt,
                         const struct http_response *response)
{
    struct judgement judgement;

    replay_judge_failure(response->failure, &judgement);
    judgement_set_why(&judgement, response->why);
    tell_judgement(attempt, CONNECTION, FINDING_FAULT, &judgement);
    NOTE(attempt, PUSH, FINDING_SKIPPED, NULL, "no connection");
}

/* ---- trying ---- */

static void on_response(void *arg, const struct http_response *response)
{
    const struct attempt *attempt = arg;

    if (response->failure == HTTP_CLOSED) {
        return; /* the time is over */
    }
    if (response->failure == HTTP_ANSWERED) {
        tell_answer(attempt, response);
    } else {
        tell_failure(attempt, response);
    }
    self_test_end(attempt->trial->test);
}

static void post(struct attempt *attempt)
{
    size_t n = 0;

    if (attempt->authorization != NULL) {
        attempt->headers[n++] = attempt->authorization;
    }
    for (size_t i = 0; attempt->call.headers[i] != NULL; i++) {
        attempt->headers[n++] = attempt->call.headers[i];
    }
    attempt->headers[n] = NULL;
    struct http_request request = {.path = attempt->call.path,
                                   .headers = attempt->headers,
                                   .body = attempt->call.body,
                                   .timeout_ms = ANSWER_MS};
    http_client_send(route_client(attempt->route), &request, on_response,
                     attempt);
}

/* Without access the request will be refused, over a connection that works. */
static void proceed(struct attempt *attempt)
{
    const char *authorization = NULL;
    struct judgement judgement = {0};

    attempt->waits = false;
    switch (attempt->trial->dialect->access(attempt->route->account,
                                            &authorization, &judgement)) {
    case ACCESS_WAIT:
        attempt->waits = true;
        return;
    case ACCESS_READY:
        if (authorization != NULL) {
            attempt->authorization = strdup(authorization);
            assert(attempt->authorization != NULL);
        }
        tell_access(attempt);
        break;
    case ACCESS_DENIED:
        attempt->denied = true;
        tell_judgement(attempt, ACCESS, FINDING_FAULT, &judgement);
        break;
    }
    post(attempt);
}

void trial_resume(trial_t *self, const void *account)
{
    for (struct attempt *attempt = self->attempts; attempt != NULL;
         attempt = attempt->next) {
        if (attempt->waits && attempt->route->account == account) {
            proceed(attempt);
        }
    }
}

/* ---- life ---- */

static void begin(trial_t *self, const struct route_conf *conf,
                  const struct app *app)
{
    struct attempt *attempt = calloc(1, sizeof *attempt);

    assert(attempt != NULL);
    for (int step = 0; step < STEPS; step++) {
        checkup_expect(self->checkup, name_of(app, (enum step)step).text);
    }
    attempt->trial = self;
    attempt->route = route_new(conf, self_test_settings(self->test), app);
    attempt->next = self->attempts;
    self->attempts = attempt;
    self->dialect->trial.compose(attempt->route->account, clock_unix_ms(),
                                 &attempt->call);
    self_test_begin(self->test);
    proceed(attempt);
}

trial_t *trial_new(self_test_t *test, http_engine_t *engine,
                   const struct dialect *dialect, void *sender)
{
    trial_t *self = calloc(1, sizeof *self);
    const struct route_conf conf = {engine, dialect, sender};
    const struct settings *settings = self_test_settings(test);

    assert(self != NULL);
    self->test = test;
    self->checkup = self_test_checkup(test);
    self->dialect = dialect;
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        if (strcmp(app->backend, dialect->backend) == 0 &&
            self_test_covers(test, app)) {
            begin(self, &conf, app);
        }
    }
    return self;
}

void trial_destroy(trial_t **self_p)
{
    trial_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    while (self->attempts != NULL) {
        struct attempt *attempt = self->attempts;
        self->attempts = attempt->next;
        route_destroy(&attempt->route);
        call_clear(&attempt->call);
        keyfile_wipe(&attempt->authorization);
        free(attempt);
    }
    free(self);
    *self_p = NULL;
}

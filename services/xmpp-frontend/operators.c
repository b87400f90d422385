/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/operators.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/repeats.h"
#include "services/xmpp-frontend/needs.h"
#include "services/xmpp-frontend/operator_node.h"
#include "services/xmpp-frontend/operator_reasons.h"
#include <assert.h>
#include <string.h>
#include <sys/queue.h>

enum { NOBODY_MS = 1000 }; /* a worker that restarts is there again by then */

/* A request that waits for its answer. */
struct inquiry {
    TAILQ_ENTRY(inquiry) in_list;
    operators_t *operators;
    const struct request_kind *kind;
    struct msg request; /* owned */
    trial_t *trial;     /* of operator.push, else NULL */
    char *asker;
    entry_t *entry;
    int64_t asked_ms;
};
TAILQ_HEAD(inquiry_list, inquiry);

struct operators {
    ledger_t *ledger;
    dispatch_t *dispatch;
    const struct settings *settings;
    struct entry_owner owner;
    struct inquiry_list open;
    size_t open_count;
    bool stopping;
    operators_report_fn *report;
    const void *report_arg;
    uint64_t answered;
    uint64_t put_off; /* with operator.later */
    repeats_t *repeats;
};

struct request_kind {
    const char *type;
    const char *result; /* type of its answer */
    /* What this process answers itself, at once; NULL: a registry must. The
     * result's frame, or NULL when it has no encoding. */
    char *(*answer)(const operators_t *self, const char *id,
                    struct proto_err *err);
};

static char *encode_status(const operators_t *self, const char *id,
                           struct proto_err *err)
{
    struct operator_status_result result = {0};

    self->report(self->report_arg, &result);
    return operator_status_result_encode(&result, id, err);
}

static const struct request_kind KINDS[] = {
    {OPERATOR_STATUS, OPERATOR_STATUS_RESULT, encode_status},
    {OPERATOR_SHOW, OPERATOR_SHOW_RESULT, NULL},
    {OPERATOR_WAITING, OPERATOR_WAITING_RESULT, NULL},
    {OPERATOR_COUNT, OPERATOR_COUNT_RESULT, NULL},
    {OPERATOR_LIST, OPERATOR_LIST_RESULT, NULL},
    {OPERATOR_REVOKE, OPERATOR_REVOKE_RESULT, NULL},
    {OPERATOR_PUSH, OPERATOR_PUSH_RESULT, NULL},
    {OPERATOR_EXPORT, OPERATOR_EXPORT_RESULT, NULL},
    {OPERATOR_IMPORT, OPERATOR_IMPORT_RESULT, NULL},
};

static const struct request_kind *kind_of(const struct msg *m)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (msg_is(m, KINDS[i].type)) {
            return &KINDS[i];
        }
    }
    return NULL;
}

/* ---- answers ---- */

/* The outcome when there is no answer. A push can have a verdict of that name,
 * which is one, and another text. */
static const char LATER[] = "later";

/* `kind` NULL: one that is not known, which may have any name. */
static void note(operators_t *self, const struct request_kind *kind,
                 const char *outcome, int64_t ms)
{
    const char *type = kind != NULL ? kind->type : "other";
    int64_t times = repeats_note_change(self->repeats, type, clock_mono_ms());

    self->answered += outcome != LATER ? 1 : 0;
    self->put_off += outcome == LATER ? 1 : 0;
    LOG_AT(times > 0 ? LEVEL_INFO : LEVEL_DEBUG, "operator.request",
           TEXT("type", type), TEXT("outcome", outcome), NUM("ms", ms),
           TIMES(times));
}

/* `frame` is freed. Who asks may be gone. */
static void tell(operators_t *self, const char *asker, char *frame)
{
    assert(frame);
    dispatch_tell(self->dispatch, asker, frame);
    free(frame);
}

static const struct metric REQUESTS = {
    "wakebus_operator_requests_total",
    METRIC_COUNTER,
    "What operators have asked with wakebusctl; later: there was no answer, "
    "and they were told why.",
    {"outcome"}};

void operators_metrics(const operators_t *self, metrics_t *page)
{
    metrics_add(page, &REQUESTS, LABELS("answered"), (double)self->answered);
    metrics_add(page, &REQUESTS, LABELS("later"), (double)self->put_off);
}

static char *encode_later(const char *why, const char *id)
{
    const struct operator_later later = {why, operator_reason_is_final(why)};
    struct proto_err err;

    return operator_later_encode(&later, id, &err);
}

static void refuse(operators_t *self, const struct operator_request *request,
                   const struct msg *m, const char *why)
{
    note(self, kind_of(m), LATER, 0);
    tell(self, request->asker, encode_later(why, m->id));
}

static void end(struct inquiry *inquiry, const char *outcome, char *frame)
{
    operators_t *self = inquiry->operators;

    note(self, inquiry->kind, outcome, clock_mono_ms() - inquiry->asked_ms);
    tell(self, inquiry->asker, frame);
    ledger_close(self->ledger, &inquiry->entry);
    TAILQ_REMOVE(&self->open, inquiry, in_list);
    self->open_count--;
    msg_close(&inquiry->request);
    trial_destroy(&inquiry->trial);
    free(inquiry->asker);
    free(inquiry);
}

static void end_later(struct inquiry *inquiry, const char *why)
{
    end(inquiry, LATER, encode_later(why, inquiry->request.id));
}

/* ---- the ledger's entries ---- */

static char *encode(void *arg, entry_t *entry, const char *job_id)
{
    struct inquiry *inquiry = entry_subject(entry);
    int64_t now_ms = clock_mono_ms();
    struct proto_err err;
    char *frame =
        inquiry->trial == NULL
            ? msg_readdress(&inquiry->request, job_id, &err)
            : trial_encode(inquiry->trial, job_id,
                           entry_budget_ms(entry, now_ms), now_ms, &err);

    (void)arg;
    if (frame == NULL) {
        end_later(inquiry, REASON_TOO_LONG);
    }
    return frame;
}

/* Returns whether it is done. */
static bool take_relayed(struct inquiry *inquiry, const struct msg *m)
{
    struct proto_err err;
    char *frame = msg_is(m, inquiry->kind->result)
                      ? msg_readdress(m, inquiry->request.id, &err)
                      : NULL;

    if (frame != NULL) {
        end(inquiry, operator_outcome_of(m), frame);
    } else {
        end_later(inquiry, REASON_UNFIT);
    }
    return true;
}

/* Where nobody is there yet, somebody may be about to come. */
static void queue(struct inquiry *inquiry, size_t need)
{
    ledger_t *ledger = inquiry->operators->ledger;

    if (!ledger_serves(ledger, need)) {
        ledger_hurry(ledger, inquiry->entry, clock_mono_ms() + NOBODY_MS);
    }
    ledger_queue(ledger, inquiry->entry, need);
}

/* Returns whether it is done, as there is no such app. */
static bool try_sender(struct inquiry *inquiry)
{
    const operators_t *self = inquiry->operators;
    const struct app *app =
        settings_app(self->settings, trial_app(inquiry->trial));

    if (app == NULL) {
        end_later(inquiry, REASON_NO_APP);
        return true;
    }
    queue(inquiry, dispatch_need(self->dispatch, app));
    return false;
}

static void end_trial(struct inquiry *inquiry,
                      const struct operator_push_result *result)
{
    struct proto_err err;
    char *frame =
        operator_push_result_encode(result, inquiry->request.id, &err);

    if (frame != NULL) {
        end(inquiry, operator_push_word(result->outcome), frame);
    } else {
        end_later(inquiry, REASON_UNFIT);
    }
}

static bool take_trial(struct inquiry *inquiry, const struct msg *m)
{
    struct operator_push_result result;

    switch (trial_take(inquiry->trial, m, clock_mono_ms(), &result)) {
    case TRIAL_GOES_ON:
        return try_sender(inquiry);
    case TRIAL_DONE:
        end_trial(inquiry, &result);
        break;
    case TRIAL_UNFIT:
        end_later(inquiry, REASON_UNFIT);
        break;
    }
    return true;
}

static bool take_later(struct inquiry *inquiry, const struct msg *m)
{
    struct proto_err err;
    char *frame = msg_readdress(m, inquiry->request.id, &err);

    assert(frame); /* it is short */
    end(inquiry, LATER, frame);
    return true;
}

static void on_result(void *arg, entry_t *entry, const struct msg *m)
{
    struct inquiry *inquiry = entry_subject(entry);
    bool done;

    (void)arg;
    if (msg_is(m, OPERATOR_LATER)) {
        done = take_later(inquiry, m);
    } else if (inquiry->trial != NULL) {
        done = take_trial(inquiry, m);
    } else {
        done = take_relayed(inquiry, m);
    }
    log_debug("job.result", TEXT("id", m->id), TEXT("type", m->type),
              TEXT("reason", NULL), NUM("done", done));
}

/* Who has not answered, or is not there. */
static const char *why_overdue(const operators_t *self,
                               const struct inquiry *inquiry)
{
    const char *name = inquiry->trial ? trial_app(inquiry->trial) : NULL;
    const struct app *app = name ? settings_app(self->settings, name) : NULL;

    if (name != NULL) {
        return ledger_serves(self->ledger, dispatch_need(self->dispatch, app))
                   ? REASON_NO_VERDICT
                   : REASON_NO_SENDER;
    }
    if (ledger_serves(self->ledger, NEED_OPERATOR)) {
        return REASON_NO_ANSWER;
    }
    return settings_need_registry(self->settings) ? REASON_NO_REGISTRY
                                                  : REASON_NO_NEED;
}

static void on_overdue(void *arg, entry_t *entry)
{
    end_later(entry_subject(entry), why_overdue(arg, entry_subject(entry)));
}

/* ---- requests ---- */

static size_t count_open(const operators_t *self, const char *asker)
{
    const struct inquiry *inquiry;
    size_t count = 0;

    TAILQ_FOREACH(inquiry, &self->open, in_list) {
        count += strcmp(inquiry->asker, asker) == 0 ? 1 : 0;
    }
    return count;
}

/* Half of the ledger is always left to the XMPP server. */
static bool has_room(const operators_t *self, const char *asker)
{
    size_t half = (size_t)self->settings->push.max_in_flight / 2;

    return self->open_count < OPERATORS_OPEN_MAX &&
           count_open(self, asker) < OPERATOR_OPEN_MAX &&
           ledger_size(self->ledger) <= half;
}

static const char *why_not(const operators_t *self, const char *asker,
                           const struct request_kind *kind)
{
    if (self->stopping) {
        return REASON_STOPPING;
    }
    if (kind == NULL) {
        return REASON_UNKNOWN;
    }
    return has_room(self, asker) ? NULL : REASON_BUSY;
}

static struct inquiry *new_inquiry(operators_t *self, const char *asker,
                                   const struct msg *m)
{
    struct inquiry *inquiry = zmalloc(sizeof *inquiry);

    assert(inquiry);
    inquiry->operators = self;
    inquiry->kind = kind_of(m);
    inquiry->request = msg_copy(m);
    inquiry->asker = strdup(asker);
    assert(inquiry->asker);
    inquiry->asked_ms = clock_mono_ms();
    TAILQ_INSERT_TAIL(&self->open, inquiry, in_list);
    self->open_count++;
    return inquiry;
}

/* Even while it stops. */
static void answer(operators_t *self, const struct operator_request *request,
                   const struct msg *m, const struct request_kind *kind)
{
    struct proto_err err;
    char *frame = kind->answer(self, m->id, &err);

    if (frame != NULL) {
        note(self, kind, "ok", 0);
        tell(self, request->asker, frame);
    } else {
        refuse(self, request, m, REASON_ANSWER_TOO_LONG);
    }
}

static void open_inquiry(operators_t *self,
                         const struct operator_request *request,
                         const struct msg *m, trial_t *trial)
{
    struct inquiry *inquiry = new_inquiry(self, request->asker, m);
    entry_t *entry = ledger_open(self->ledger, &self->owner, FLOW_NONE, inquiry,
                                 inquiry->asked_ms);

    assert(entry); /* there is room */
    inquiry->entry = entry;
    inquiry->trial = trial;
    if (request->budget_ms > 0) {
        ledger_hurry(self->ledger, entry,
                     inquiry->asked_ms + request->budget_ms);
    }
    if (trial != NULL && trial_app(trial) != NULL) {
        try_sender(inquiry);
    } else {
        queue(inquiry, NEED_OPERATOR);
    }
}

/* A registry, unless the node itself tells. */
static void ask(operators_t *self, const struct operator_request *request,
                const struct msg *m, const struct request_kind *kind)
{
    struct node_answer its = {.why = why_not(self, request->asker, kind)};

    if (its.why == NULL) {
        operator_node_answer(&its, self->settings, m, clock_mono_ms());
    }
    if (its.why != NULL) {
        refuse(self, request, m, its.why);
    } else if (its.frame != NULL) {
        note(self, kind, its.outcome, 0);
        tell(self, request->asker, its.frame);
    } else {
        open_inquiry(self, request, m, its.trial);
    }
}

void operators_take(operators_t *self, const struct operator_request *request,
                    const struct msg *m)
{
    const struct request_kind *kind = kind_of(m);

    if (kind != NULL && kind->answer != NULL) {
        answer(self, request, m, kind);
    } else {
        ask(self, request, m, kind);
    }
}

void operators_stop(operators_t *self)
{
    struct inquiry *inquiry;

    self->stopping = true;
    while ((inquiry = TAILQ_FIRST(&self->open)) != NULL) {
        /* NOLINTNEXTLINE: the analyzer does not see that it leaves the list */
        end_later(inquiry, REASON_STOPPING);
    }
}

/* ---- life ---- */

operators_t *operators_new(ledger_t *ledger, dispatch_t *dispatch,
                           const struct settings *settings,
                           operators_report_fn *report, const void *arg)
{
    operators_t *self = zmalloc(sizeof *self);

    assert(self);
    self->ledger = ledger;
    self->dispatch = dispatch;
    self->settings = settings;
    self->report = report;
    self->report_arg = arg;
    self->owner = (struct entry_owner){encode, on_result, on_overdue, self};
    TAILQ_INIT(&self->open);
    self->repeats = repeats_new();
    return self;
}

void operators_destroy(operators_t **self_p)
{
    operators_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    operators_stop(self);
    repeats_destroy(&self->repeats);
    free(self);
    *self_p = NULL;
}

void operators_use(operators_t *self, const struct settings *settings)
{
    self->settings = settings;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* How an exchange begins: whether it is taken, and whether it is one with
 * another. */
#include "services/xmpp-frontend/exchanges_state.h"

#include "common/clock.h"
#include "common/log.h"
#include "services/xmpp-frontend/local_iq.h"
#include "services/xmpp-frontend/reply.h"
#include "services/xmpp-frontend/reports.h"
#include "services/xmpp-frontend/story.h"
#include <stdlib.h>

enum {
    JOINABLE_PART = 3, /* of the deadline must be left to who is joined */
};

/* It has waited to be one wake-up with others. How long it takes from here on
 * is what tells how we are. */
void exchanges_go(exchanges_t *self, entry_t *entry)
{
    exchange_t *exchange = entry_subject(entry);

    while (exchange != NULL) {
        exchange_start(exchange, clock_mono_us());
        exchange = exchange_next(exchange);
    }
    exchanges_ask(self, entry);
}

static bool may_register(exchanges_t *self, const char *jid)
{
    enum limit limit;

    if (limits_register(self->limits, jid, clock_mono_us(), &limit) == 0) {
        return true;
    }
    report_limit(self->repeats, limit_setting(limit), NULL);
    return false;
}

static void refuse(exchanges_t *self, exchange_t *exchange, enum answer how)
{
    exchanges_answer(self, exchange, how, OUTCOME_FAILED);
    exchange_destroy(&exchange);
}

static void note_no_room(exchanges_t *self)
{
    self->turned_away++;
    report_no_room(self->repeats,
                   self->admission.is_overloaded  ? NO_ROOM_IN_TIME
                   : ledger_is_full(self->ledger) ? NO_ROOM_FOR_ANY
                                                  : NO_ROOM_FOR_DOMAIN);
}

/* There is no room for it. */
static void turn_away(exchanges_t *self, exchange_t *exchange)
{
    note_no_room(self);
    refuse(self, exchange, ANSWER_TROUBLE);
}

/* The same at the door: what comes in such numbers must cost next to nothing.
 */
static void turn_away_at_once(exchanges_t *self, const struct iq_head *head,
                              const struct app *app)
{
    note_no_room(self);
    tally_turned_away(&self->tally, app);
    link_send(self->link, reply_error(head, ANSWER_TROUBLE, NULL));
}

/* What it shall join, or NULL. Who joins what has little time left has no more
 * than that. */
static entry_t *find_leader(exchanges_t *self, const struct push_target *target,
                            int64_t now_ms)
{
    entry_t *leader = coalesce_find(self->coalesce, target);

    if (leader != NULL &&
        entry_budget_ms(leader, now_ms) <
            self->settings->push.deadline_ms / JOINABLE_PART) {
        coalesce_close(self->coalesce, target, leader);
        return NULL;
    }
    return leader;
}

static void join(exchanges_t *self, entry_t *leader, exchange_t *exchange,
                 int64_t now_ms)
{
    const struct push_target target = exchange_target(exchange);
    bool is_urgent = exchange_is_urgent(exchange);

    if (!ledger_share(self->ledger, leader)) {
        turn_away(self, exchange);
        return;
    }
    story_join(self->ledger, leader);
    bool goes = coalesce_join(self->coalesce, &target, is_urgent, now_ms);
    exchange_join(entry_subject(leader), &exchange);
    if (goes) {
        exchanges_go(self, leader);
    }
}

/* `domain`: NULL of a deferred push. */
static uint64_t flow_of(const exchanges_t *self, const char *domain)
{
    return domain != NULL ? siphash_text(&self->key, 0, domain) : FLOW_NONE;
}

/* `due`, see story_begin. */
static entry_t *open_entry(exchanges_t *self, exchange_t *exchange,
                           const char *due, int64_t now_ms)
{
    uint64_t flow = flow_of(self, exchange_domain(exchange));
    bool may_wait = due == NULL || ledger_admits(self->ledger, flow);
    entry_t *entry = may_wait ? ledger_open(self->ledger, &self->owner, flow,
                                            exchange, now_ms)
                              : NULL;

    if (entry != NULL) {
        story_begin(self->ledger, entry, due);
    } else {
        turn_away(self, exchange);
    }
    return entry;
}

static void begin_push(exchanges_t *self, exchange_t *exchange)
{
    const struct push_target target = exchange_target(exchange);
    int64_t now_ms = clock_mono_ms();
    entry_t *leader = find_leader(self, &target, now_ms);

    if (leader != NULL) {
        join(self, leader, exchange, now_ms);
        return;
    }
    entry_t *entry = open_entry(self, exchange, NULL, now_ms);
    if (entry == NULL) {
        return;
    }
    if (coalesce_lead(self->coalesce, &target, exchange_is_urgent(exchange),
                      entry, now_ms)) {
        exchanges_ask(self, entry);
    } else {
        story_wait(self->ledger, entry);
    }
}

static void begin(exchanges_t *self, exchange_t *exchange, const char *due)
{
    entry_t *entry;

    tally_begin(&self->tally, exchange, clock_mono_us());
    if (self->draining) {
        refuse(self, exchange, ANSWER_STOPPING);
    } else if (exchange_can_join(exchange)) {
        begin_push(self, exchange);
    } else if (exchange_stage(exchange) == STAGE_REGISTER &&
               !may_register(self, exchange_head(exchange)->from)) {
        refuse(self, exchange, ANSWER_LIMITED);
    } else if ((entry = open_entry(self, exchange, due, clock_mono_ms())) !=
               NULL) {
        exchanges_ask(self, entry);
    }
}

/* Is there no room for a push of this domain? Commands are not many, and
 * somebody waits for them: only the ledger's own limit is theirs. */
static bool is_beyond(const exchanges_t *self, const char *domain)
{
    return !self->draining &&
           !ledger_admits(self->ledger, flow_of(self, domain));
}

static bool is_push(const struct request *request)
{
    return request->step == REQUEST_PUSH || request->step == REQUEST_WAKE;
}

/* A command that nobody had to be asked for has the same limits. */
static void end_command(exchanges_t *self, const struct iq *iq,
                        const struct request *request,
                        struct local_answer *local)
{
    bool registers = request->step == REQUEST_SEALED;
    enum answer answer = ANSWER_RESULT;

    if (registers && !may_register(self, iq->head.from)) {
        answer = ANSWER_LIMITED;
        free(local->reply);
        local->reply = reply_error(&iq->head, answer, NULL);
    }
    tally_command(&self->tally, request->app, registers, answer);
}

void exchanges_take(exchanges_t *self, const struct iq *iq)
{
    int64_t unix_ms = clock_unix_ms();
    int64_t times;
    struct request request;
    struct local_answer local;

    if (local_iq_answer(iq, self->settings, unix_ms, &request, &local)) {
        if (request.step == REQUEST_SEALED || request.step == REQUEST_DONE) {
            end_command(self, iq, &request, &local);
        }
        if (local.refusal != NULL &&
            (times = repeats_note(self->repeats, local.refusal,
                                  clock_mono_ms())) > 0) {
            log_warn("iq.refused", TEXT("why", local.refusal), TIMES(times));
        }
        if (local.reply != NULL) {
            link_send(self->link, local.reply);
        }
    } else if (is_push(&request) && is_beyond(self, request.domain)) {
        turn_away_at_once(self, &iq->head, request.app);
    } else {
        begin(self, exchange_new(iq, &request, unix_ms), NULL);
    }
}

bool exchanges_skim(exchanges_t *self, const struct iq_head *head)
{
    char domain[DOMAIN_SIZE];

    if (!local_iq_is_for_us(head, self->settings) || !jid_is_bare(head->from) ||
        jid_domain(domain, head->from) != 0 || !is_beyond(self, domain)) {
        return false;
    }
    turn_away_at_once(self, head, NULL);
    return true;
}

void exchanges_take_due(exchanges_t *self, const char *id,
                        const struct target_due *due)
{
    begin(self, exchange_new_due(due), id);
}

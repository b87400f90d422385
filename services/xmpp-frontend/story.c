/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/story.h"

#include "common/log.h"

static const char *kind_of(const exchange_t *exchange)
{
    if (exchange_is_retry(exchange)) {
        return "retry";
    }
    if (exchange_is_push(exchange)) {
        return "push";
    }
    return exchange_stage(exchange) == STAGE_REGISTER ? "register"
                                                      : "unregister";
}

void story_begin(const ledger_t *ledger, const entry_t *entry, const char *due)
{
    char id[LEDGER_ID_SIZE];

    entry_id(ledger, entry, id);
    log_debug("request.taken", TEXT("id", id),
              TEXT("kind", kind_of(entry_subject(entry))), TEXT("due", due));
}

void story_wait(const ledger_t *ledger, const entry_t *entry)
{
    char id[LEDGER_ID_SIZE];

    entry_id(ledger, entry, id);
    log_debug("request.waits", TEXT("id", id));
}

void story_join(const ledger_t *ledger, const entry_t *entry)
{
    char id[LEDGER_ID_SIZE];

    entry_id(ledger, entry, id);
    log_debug("request.joined", TEXT("id", id));
}

void story_end(const ledger_t *ledger, const entry_t *entry, enum answer how,
               enum push_outcome outcome)
{
    const exchange_t *exchange = entry_subject(entry);
    const char *reply =
        how == ANSWER_RESULT ? "result" : answer_error(how)->condition;
    char id[LEDGER_ID_SIZE];

    entry_id(ledger, entry, id);
    log_debug("request.done", TEXT("id", id),
              TEXT("outcome",
                   exchange_is_push(exchange) ? outcome_name(outcome) : NULL),
              /* nobody waits for the answer to a retry */
              TEXT("answer", exchange_is_retry(exchange) ? NULL : reply));
}

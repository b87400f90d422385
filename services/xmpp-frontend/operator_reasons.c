/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/operator_reasons.h"

const char REASON_NO_REGISTRY[] =
    "no registry is there: start one whose bus.frontends names this frontend";
const char REASON_NO_NEED[] =
    "no registry is there, nor needed: all apps are stateless";
const char REASON_NO_ANSWER[] =
    "no registry has answered in time: see whether they hang, and their logs";
const char REASON_NO_APP[] =
    "the target's app is not in this frontend's configuration: put it back "
    "into `apps`";
const char REASON_NO_STATELESS_APP[] =
    "no such app in this frontend's configuration, or it is not stateless: "
    "with others give the node of a registration, and no app";
const char REASON_NO_KEY[] =
    "the node is sealed, and this frontend has no key: see sealed.keys_file";
const char REASON_NO_SENDER[] =
    "no sender for the target's app is there: start one whose bus.frontends "
    "names this frontend";
const char REASON_NO_VERDICT[] =
    "no sender has answered in time: see its log, and whether the provider "
    "can be reached";
const char REASON_BUSY[] = "too many requests are open: ask for less at once";
const char REASON_STOPPING[] =
    "this frontend is stopping: ask again, it is restarted or another serves";
const char REASON_UNKNOWN[] =
    "this frontend does not know that request: run all programs in the same "
    "version";
const char REASON_TOO_LONG[] = "the request is too long: ask for less at once";
const char REASON_ANSWER_TOO_LONG[] = "the answer is too long for a message";
const char REASON_MALFORMED[] =
    "the request is refused: node or priority: missing or out of bounds";
const char REASON_UNFIT[] =
    "a worker's answer does not fit: run all programs in the same version";

bool operator_reason_is_final(const char *reason)
{
    return reason == REASON_UNKNOWN || reason == REASON_TOO_LONG ||
           reason == REASON_MALFORMED;
}

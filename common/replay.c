/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/replay.h"

static const struct {
    const char *reason;
    enum again again;
    const char *remedy;
} FAILURES[] = {
    [HTTP_ANSWERED] = {"unknown", AGAIN_NOT, NULL},
    [HTTP_UNREACHABLE] = {"unreachable", AGAIN_SAME,
                          "check name resolution, firewall and the provider's "
                          "status page; it is tried again"},
    [HTTP_UNTRUSTED] = {"tls-failed", AGAIN_NOT,
                        "check the clock, ca_file, the certificate, and "
                        "that no proxy opens TLS on the way"},
    [HTTP_OUTDATED] = {"no-http2", AGAIN_NOT,
                       "a proxy on the way speaks HTTP/1.1 only: let it pass "
                       "TLS with ALPN h2 through"},
    [HTTP_LOST] = {"connection-lost", AGAIN_SAME,
                   "the connection breaks again and again: check the network "
                   "path"},
    [HTTP_TIMEOUT] = {"timeout", AGAIN_SAME,
                      "the provider answers too slowly: check the network path "
                      "and its status page"},
    [HTTP_CLOSED] = {"shutting-down", AGAIN_NOT, NULL},
};

void replay_judge_failure(enum http_failure failure,
                          struct judgement *judgement)
{
    *judgement = (struct judgement){.verdict = PUSH_LATER,
                                    .again = FAILURES[failure].again,
                                    .reach = REACH_NONE,
                                    .remedy = FAILURES[failure].remedy};
    judgement_set_reason(judgement, FAILURES[failure].reason);
}

bool replay_is_due(const struct judgement *judgement, const struct tries *tries,
                   int64_t left_ms)
{
    if (tries->count >= REPLAY_TRIES || left_ms < REPLAY_MS) {
        return false;
    }
    switch (judgement->again) {
    case AGAIN_NOT:
        return false;
    case AGAIN_SAME:
    case AGAIN_RECONNECTED:
        return true;
    case AGAIN_AUTHORISED:
    case AGAIN_BOTH:
        return !tries->reauthorised;
    }
    return false;
}

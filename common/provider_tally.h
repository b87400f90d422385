/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_PROVIDER_TALLY_H
#define COMMON_PROVIDER_TALLY_H

/* What a sender has done for one app, in numbers. Pure. */

#include "common/content.h"
#include "common/http_client.h"
#include "common/judgement.h"
#include "common/metrics.h"

/* What a provider's answer began with; NONE: there was no answer. */
enum response_class {
    RESPONSE_2XX,
    RESPONSE_4XX,
    RESPONSE_5XX,
    RESPONSE_OTHER,
    RESPONSE_NONE,
    RESPONSES,
};

/* All zero at start. */
struct provider_tally {
    uint64_t taken;             /* jobs: each has ended … */
    uint64_t results[VERDICTS]; /* … in one of these, … */
    uint64_t in_flight;         /* … or is still open */
    uint64_t contents[FORWARDINGS];
    uint64_t requests[RESPONSES];
    struct histogram request_time;
};

/* A request that took `us` has ended: one push may need several. */
void provider_tally_response(struct provider_tally *self,
                             const struct http_response *response, int64_t us);

/* `app` and `backend` may be empty: jobs for an app that is not known here. */
void provider_tally_metrics(const struct provider_tally *self, const char *app,
                            const char *backend, metrics_t *page);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_OPERATOR_REASONS_H
#define XMPP_FRONTEND_OPERATOR_REASONS_H

/* Why an operator gets no answer, and what he can do about it. */

#include <stdbool.h>

extern const char REASON_NO_REGISTRY[], REASON_NO_NEED[], REASON_NO_ANSWER[],
    REASON_NO_APP[], REASON_NO_STATELESS_APP[], REASON_NO_KEY[],
    REASON_NO_SENDER[], REASON_NO_VERDICT[], REASON_BUSY[], REASON_STOPPING[],
    REASON_UNKNOWN[], REASON_TOO_LONG[], REASON_ANSWER_TOO_LONG[],
    REASON_MALFORMED[], REASON_UNFIT[];

/* Is it of no use to ask again? It makes a request no shorter, nor this version
 * a newer one. `reason` is one of these. */
bool operator_reason_is_final(const char *reason);

#endif

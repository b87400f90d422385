/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_LOCAL_IQ_H
#define XMPP_FRONTEND_LOCAL_IQ_H

/* What the frontend can answer by itself: pings, service discovery, commands of
 * apps that store nothing, and all that is not for us or not well-formed. Pure.
 */

#include "common/settings.h"
#include "services/xmpp-frontend/request.h"
#include "services/xmpp-frontend/stanza.h"

struct local_answer {
    char *reply;         /* malloc'd, or NULL: it must not get an answer
                            (RFC 6120, 8.2.3), or others have to be asked */
    const char *refusal; /* constant: what was wrong with it, or NULL */
};

/* Is it addressed to this component itself? */
bool local_iq_is_for_us(const struct iq_head *head,
                        const struct settings *settings);

/* True when the IQ is done with: if `request` has step REQUEST_SEALED or
 * REQUEST_DONE it was a command, and has succeeded. False when others have to
 * be asked: `request` says what for. `unix_ms` is now. */
bool local_iq_answer(const struct iq *iq, const struct settings *settings,
                     int64_t unix_ms, struct request *request,
                     struct local_answer *answer);

#endif

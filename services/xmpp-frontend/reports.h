/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_REPORTS_H
#define XMPP_FRONTEND_REPORTS_H

/* What the log says when requests go wrong, each fault at once and then once a
 * minute. */

#include "common/repeats.h"
#include "proto/codec.h"

/* There is a registration of an app that is not configured. */
void report_no_app(repeats_t *repeats, const char *app);

/* A push asks for the sandbox of an app that has none. */
void report_no_sandbox(repeats_t *repeats, const char *app);

/* A push that a registry might know, where there is none and need not be. */
void report_no_registry(repeats_t *repeats);

/* A push of this app was deferred, or a registration refused (NULL), for the
 * sake of a limit, which this setting tells. */
void report_limit(repeats_t *repeats, const char *setting, const char *app);

/* There is no room for a request. */
enum no_room { NO_ROOM_FOR_ANY, NO_ROOM_FOR_DOMAIN, NO_ROOM_IN_TIME };
void report_no_room(repeats_t *repeats, enum no_room why);

/* Pushes were turned away for so long that it is no burst; returns whether the
 * log tells of it at its default level. And that is over, after so long. */
bool report_overload(repeats_t *repeats);
void report_overload_end(bool told, int64_t lasted_ms);

/* So many pushes wait for a sender of this app that one was deferred. */
void report_crowded(repeats_t *repeats, const char *app);

/* Nobody served a request in time, as there is no such worker; `app` may be
 * NULL. */
void report_no_worker(repeats_t *repeats, const char *role, const char *app);

/* A job has no encoding; a result is none. */
void report_not_encoded(repeats_t *repeats, const char *id,
                        const struct proto_err *err);
void report_result_refused(repeats_t *repeats, const struct msg *m,
                           const struct proto_err *err);

#endif

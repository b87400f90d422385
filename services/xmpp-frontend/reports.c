/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/reports.h"

#include "common/clock.h"
#include "common/log.h"
#include <stdio.h>

void report_no_app(repeats_t *repeats, const char *app)
{
    int64_t times = repeats_note(repeats, app, clock_mono_ms());

    if (times > 0) {
        log_error("push.no_app", TEXT("app", app), TIMES(times),
                  TEXT("remedy", "this app has registrations: put it back "
                                 "into `apps`"));
    }
}

void report_no_sandbox(repeats_t *repeats, const char *app)
{
    int64_t times = repeats_note(repeats, "sandbox", clock_mono_ms());

    if (times > 0) {
        log_error("push.no_sandbox", TEXT("app", app), TIMES(times),
                  TEXT("remedy", "a device asks for its sandbox: add an app "
                                 "with the same topic and environment "
                                 "sandbox"));
    }
}

void report_no_registry(repeats_t *repeats)
{
    int64_t times = repeats_note(repeats, "registry", clock_mono_ms());

    if (times > 0) {
        log_warn("push.no_registry", TIMES(times),
                 TEXT("remedy", "if devices registered before all apps were "
                                "stateless, run a registry as well"));
    }
}

void report_limit(repeats_t *repeats, const char *setting, const char *app)
{
    char key[160];

    snprintf(key, sizeof key, "%s %s", setting, app != NULL ? app : "");
    int64_t times = repeats_note(repeats, key, clock_mono_ms());
    if (times > 0) {
        log_warn("limit.reached", TEXT("limit", setting), TEXT("app", app),
                 TIMES(times),
                 TEXT("remedy", "if it is not abuse, raise it: wakebusctl "
                                "status and /metrics tell how much there is"));
    }
}

void report_no_room(repeats_t *repeats, enum no_room why)
{
    static const char *const WHY[] = {
        [NO_ROOM_FOR_ANY] = "push.max_in_flight requests are open",
        [NO_ROOM_FOR_DOMAIN] = "one domain has its share of them open",
        [NO_ROOM_IN_TIME] = "more is asked for than can be done"};
    int64_t times = repeats_note(repeats, WHY[why], clock_mono_ms());

    if (times > 0) {
        log_warn("request.no_room", TEXT("why", WHY[why]), TIMES(times),
                 TEXT("remedy", "run more senders and registries, or raise "
                                "push.max_in_flight"));
    }
}

bool report_overload(repeats_t *repeats)
{
    int64_t times = repeats_note_change(repeats, "overload", clock_mono_ms());

    LOG_AT(times > 0 ? LEVEL_WARN : LEVEL_DEBUG, "overload.began", TIMES(times),
           TEXT("remedy", "run more senders and registries, or on more "
                          "processors"));
    return times > 0;
}

void report_overload_end(bool told, int64_t lasted_ms)
{
    LOG_AT(told ? LEVEL_INFO : LEVEL_DEBUG, "overload.ended",
           NUM("lasted_ms", lasted_ms));
}

void report_crowded(repeats_t *repeats, const char *app)
{
    int64_t times = repeats_note(repeats, "crowded", clock_mono_ms());

    if (times > 0) {
        log_warn("push.crowded", TEXT("app", app), TIMES(times),
                 TEXT("remedy", "if it happens often, run more senders"));
    }
}

void report_no_worker(repeats_t *repeats, const char *role, const char *app)
{
    char fault[160];

    snprintf(fault, sizeof fault, "no %s %s", role, app != NULL ? app : "");
    int64_t times = repeats_note(repeats, fault, clock_mono_ms());
    if (times > 0) {
        log_error("job.no_worker", TEXT("role", role), TEXT("app", app),
                  TIMES(times),
                  TEXT("remedy", "start one; its bus.frontends must name "
                                 "this frontend"));
    }
}

void report_not_encoded(repeats_t *repeats, const char *id,
                        const struct proto_err *err)
{
    int64_t times = repeats_note(repeats, err->field, clock_mono_ms());

    if (times > 0) {
        log_error("job.not_encoded", TEXT("id", id), TEXT("field", err->field),
                  TEXT("why", err->why), TIMES(times),
                  TEXT("remedy", "none of yours: please report it"));
    }
}

void report_result_refused(repeats_t *repeats, const struct msg *m,
                           const struct proto_err *err)
{
    int64_t times = repeats_note(repeats, "result", clock_mono_ms());

    if (times > 0) {
        log_error("result.refused", TEXT("id", m->id), TEXT("type", m->type),
                  TEXT("field", err->field), TEXT("why", err->why),
                  TIMES(times),
                  TEXT("remedy", "run all processes in the same version"));
    }
}

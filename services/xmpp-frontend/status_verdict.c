/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_verdict.h"

#include "common/words.h"
#include "services/xmpp-frontend/status_row.h"
#include <stdio.h>
#include <string.h>

enum { BAD_PERCENT = 5 }; /* of pushes may fail before the page says so */

/* The app of the check "sender.<app>", or NULL. */
static const char *app_of(const struct health_check *check)
{
    static const char PREFIX[] = "sender.";

    return strncmp(check->name, PREFIX, sizeof PREFIX - 1) == 0
               ? check->name + sizeof PREFIX - 1
               : NULL;
}

static void judge_check(struct verdict *verdict,
                        const struct health_check *check)
{
    const char *app = app_of(check);

    verdict->state = "bad";
    if (app != NULL) {
        snprintf(verdict->headline, sizeof verdict->headline,
                 "No sender for %s", app);
        snprintf(verdict->detail, sizeof verdict->detail,
                 "Nobody who uses it is woken until there is one.");
    } else {
        bool link = strcmp(check->name, "xmpp") == 0;
        snprintf(verdict->headline, sizeof verdict->headline, "%s",
                 link ? "No link to the XMPP server" : "No registry");
        snprintf(verdict->detail, sizeof verdict->detail,
                 "Nobody is woken until %s.",
                 link ? "it is back" : "there is one");
    }
}

struct verdict verdict_of(const struct health *health, bool draining,
                          const struct recent_counts *now,
                          const struct recent_counts *then)
{
    struct verdict verdict = {"ok", "All is well",
                              "The XMPP server is connected, and there is a "
                              "worker for everything."};
    uint64_t bad = now->bad - then->bad;
    uint64_t all = bad + now->well - then->well;
    char share[WORD_ROOM];

    if (draining) {
        return (struct verdict){"warn", "About to end",
                                "This frontend finishes what it has, and turns "
                                "away what comes."};
    }
    for (size_t i = 0; i < health->count; i++) {
        if (!health->checks[i].ok) {
            judge_check(&verdict, &health->checks[i]);
            return verdict;
        }
    }
    if (bad * 100 > all * BAD_PERCENT) {
        word_share(share, (double)bad, (double)all);
        verdict.state = "warn";
        snprintf(verdict.headline, sizeof verdict.headline, "Pushes fail");
        snprintf(verdict.detail, sizeof verdict.detail,
                 "%s of the last minute's. The errors in the log name the "
                 "remedy.",
                 share);
    }
    return verdict;
}

json_t *verdict_problems(const struct health *health)
{
    json_t *problems = json_array();

    for (size_t i = 0; i < health->count; i++) {
        if (!health->checks[i].ok) {
            struct verdict verdict;
            judge_check(&verdict, &health->checks[i]);
            json_t *row = row_add(problems);
            row_set(row, "what", verdict.headline);
            row_set(row, "remedy", health->checks[i].why);
        }
    }
    return problems;
}

json_t *verdict_stops(const struct health *health, const metrics_t *metrics)
{
    json_t *stops = json_array();
    char word[WORD_ROOM];

    for (size_t i = 0; i < health->count; i++) {
        const struct health_check *check = &health->checks[i];
        const char *app = app_of(check);
        json_t *row = row_add(stops);
        if (app != NULL) {
            row_set(row, "name", app);
            word_some(word, metrics_sum(metrics, "wakebus_app_workers", 0, app),
                      "sender");
        } else if (strcmp(check->name, "xmpp") == 0) {
            row_set(row, "name", "XMPP server");
            snprintf(word, sizeof word, check->ok ? "connected" : "no link");
        } else {
            row_set(row, "name", "Registry");
            word_some(word,
                      metrics_sum(metrics, "wakebus_workers", 0, "registry"),
                      "worker");
        }
        row_set(row, "word", word);
        row_set(row, "state", check->ok ? "ok" : "bad");
    }
    return stops;
}

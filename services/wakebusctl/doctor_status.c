/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/doctor_status.h"

#include "common/words.h"
#include "services/wakebusctl/status_view.h"
#include <jansson.h>
#include <string.h>

const char DOCTOR_NO_NEED[] = "not needed for stateless apps";

static const char CHECK_SERVER[] =
    "see whether the XMPP server runs, and the frontend's log";

/* A frontend that has answered. */
struct answer {
    checkup_t *checkup;
    const json_t *frontend;
    const char *endpoint; /* named where there are several, else "" … */
    const char *colon;    /* … and then ": " */
};

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

static int64_t number_of(const json_t *object, const char *member)
{
    return json_integer_value(json_object_get(object, member));
}

/* ---- the link ---- */

static void tell_link(const struct answer *answer)
{
    const json_t *link = json_object_get(answer->frontend, "link");
    const char *remedy = text_of(link, "remedy");
    int64_t silent_ms = number_of(link, "silent_ms");
    char span[WORD_ROOM];

    if (strcmp(text_of(link, "state"), "up") != 0) {
        const char *why = text_of(link, "why");
        checkup_note(answer->checkup, "link", FINDING_FAULT,
                     remedy[0] != '\0' ? remedy : CHECK_SERVER, "%s%sdown%s%s",
                     answer->endpoint, answer->colon,
                     why[0] != '\0' ? ": " : "", why);
    } else if (silent_ms >= STATUS_SILENT_MS) {
        word_span(span, silent_ms / 1000);
        checkup_note(answer->checkup, "link", FINDING_FAULT,
                     "see whether the XMPP server hangs, and where it sends "
                     "what is for xmpp.jid",
                     "%s%sup, but no ping comes back for %s", answer->endpoint,
                     answer->colon, span);
    } else {
        word_span(span, number_of(link, "since_s"));
        checkup_note(answer->checkup, "link", FINDING_OK, NULL,
                     "%s%sup for %s, and a ping comes back", answer->endpoint,
                     answer->colon, span);
    }
}

/* ---- workers ---- */

static void tell_workers(const struct answer *answer, const char *step,
                         int64_t count, const char *noun, const char *remedy)
{
    char word[WORD_ROOM];

    word_some(word, (double)count, noun);
    checkup_note(answer->checkup, step, count > 0 ? FINDING_OK : FINDING_FAULT,
                 count > 0 ? NULL : remedy, "%s%s%s", answer->endpoint,
                 answer->colon, word);
}

static void tell_registry(const struct answer *answer, bool is_needed)
{
    const json_t *workers = json_object_get(answer->frontend, "workers");
    const json_t *worker;
    int64_t count = 0;
    size_t i;

    json_array_foreach(workers, i, worker) {
        count += strcmp(text_of(worker, "role"), "registry") == 0 ? 1 : 0;
    }
    if (count > 0 || is_needed) {
        tell_workers(answer, "registry", count, "worker",
                     "start one whose bus.frontends names this frontend");
    } else {
        checkup_note(answer->checkup, "registry", FINDING_SKIPPED, NULL,
                     "%s%s%s", answer->endpoint, answer->colon, DOCTOR_NO_NEED);
    }
}

/* The one without a name is not an app. */
static void tell_senders(const struct answer *answer, const char *only)
{
    const json_t *apps = json_object_get(answer->frontend, "apps");
    const json_t *app;
    size_t i;

    json_array_foreach(apps, i, app) {
        const char *name = text_of(app, "app");
        char step[96];
        snprintf(step, sizeof step, "%s.sender", name);
        if (name[0] != '\0' && (only == NULL || strcmp(only, name) == 0)) {
            tell_workers(answer, step, number_of(app, "senders"), "sender",
                         "start one that has this app, and whose bus.frontends "
                         "names this frontend");
        }
    }
}

/* ---- all of it ---- */

static void tell_frontend(checkup_t *checkup, const json_t *frontend,
                          bool several, const struct doctor_scope *scope)
{
    const char *endpoint = text_of(frontend, "endpoint");
    const struct answer answer = {checkup, frontend, several ? endpoint : "",
                                  several ? ": " : ""};
    char span[WORD_ROOM];

    if (strcmp(text_of(frontend, "state"), "up") != 0) {
        checkup_note(checkup, "frontend", FINDING_FAULT,
                     "see whether it runs and its log, or take it out of "
                     "bus.frontends",
                     "%s: %s", endpoint, text_of(frontend, "why"));
        return;
    }
    word_span(span, number_of(frontend, "since_s"));
    checkup_note(checkup, "frontend",
                 json_is_true(json_object_get(frontend, "draining"))
                     ? FINDING_WARNING
                     : FINDING_OK,
                 NULL, "%s: up for %s, version %s", endpoint, span,
                 text_of(frontend, "version"));
    tell_link(&answer);
    tell_registry(&answer, !scope->is_stateless);
    tell_senders(&answer, scope->app);
}

static void tell_waiting(checkup_t *checkup, const json_t *waiting,
                         const struct doctor_scope *scope)
{
    char word[WORD_ROOM];

    if (json_is_integer(waiting)) {
        word_some(word, (double)json_integer_value(waiting), "target");
        checkup_note(checkup, "waiting", FINDING_OK, NULL,
                     "%s in Redis, for another try of a push", word);
    } else {
        checkup_note(checkup, "waiting", FINDING_SKIPPED, NULL, "%s",
                     scope->is_stateless ? DOCTOR_NO_NEED
                                         : "no registry tells, or not yet");
    }
}

int doctor_status(checkup_t *checkup, const char *text,
                  const struct doctor_scope *scope)
{
    json_t *root = json_loads(text, 0, NULL);
    const json_t *frontends = json_object_get(root, "frontends");
    const json_t *frontend;
    size_t i;

    if (!json_is_array(frontends)) {
        json_decref(root);
        return -1;
    }
    json_array_foreach(frontends, i, frontend) {
        tell_frontend(checkup, frontend, json_array_size(frontends) > 1, scope);
    }
    tell_waiting(checkup, json_object_get(root, "waiting"), scope);
    json_decref(root);
    return 0;
}

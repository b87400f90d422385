/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells what is wrong with a deployment, link by link of the chain: 0 when
 * nothing is, 1 when something is.
 *
 * Each program examines its own part (common/self_test.h): it alone has the
 * libraries, the credentials and the way into the network that its work has,
 * and so exactly what is used is what is tried. What is left is to run them,
 * to ask the frontends that run how they are, and to tell it all. */
#include "common/checkup.h"
#include "common/config.h"
#include "common/keyring.h"
#include "common/self_test.h"
#include "common/settings.h"
#include "services/wakebusctl/child.h"
#include "services/wakebusctl/client.h"
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/doctor_status.h"
#include "services/wakebusctl/unit_secrets.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum {
    PATIENCE_MS = SELF_TEST_MS + 5000,
    ARGS_MAX = 8,
    NAME_ROOM = 48,
    LINE_ROOM = 300,
};

static const char BASE[] = "/etc/wakebus"; /* of files that packages know */

/* A program, and what it has found. */
struct part {
    const char *name;    /* "registry" */
    const char *backend; /* it is run if there is an app of it; NULL: always */
    child_t *child;      /* NULL: it was not run … */
    int error;           /* … for this reason, as in errno, or 0 */
    char secrets[UNIT_SECRETS_ROOM]; /* "" if there are none */
    checkup_t *checkup;              /* NULL: it is not needed */
};

enum { FRONTEND, REGISTRY, FCM, APNS, DEPLOYMENT, PARTS };

struct doctor {
    const char *file; /* of the configuration, or NULL */
    struct doctor_scope scope;
    struct part parts[PARTS];
};

/* ---- what is to be run ---- */

static bool has_backend(const struct doctor *self,
                        const struct settings *settings, const char *backend)
{
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        if (app->name != NULL && app->backend != NULL &&
            strcmp(app->backend, backend) == 0 &&
            (self->scope.app == NULL ||
             strcmp(self->scope.app, app->name) == 0)) {
            return true;
        }
    }
    return false;
}

/* What is wrong with the configuration the programs tell, each for itself.
 * Returns 0, or 64 when there is no such app. */
static int choose(struct doctor *self)
{
    const struct settings_origin origin = {.program = ROLE_OPERATOR,
                                           .file = self->file};
    const struct settings *settings = settings_read(&origin);
    size_t faults = notes_count(config_notes(settings->source), NOTE_FAULT);
    const char *name = self->scope.app;
    const struct app *app = name != NULL ? settings_app(settings, name) : NULL;
    int status = EX_OK;

    if (name != NULL && faults == 0 && app == NULL) {
        fprintf(stderr, "doctor: no such app in the configuration: %s\n", name);
        status = EX_USAGE;
    }
    self->scope.is_stateless =
        app != NULL ? app->is_stateless : !settings_need_registry(settings);
    for (size_t i = 0; i < PARTS && status == EX_OK; i++) {
        struct part *part = &self->parts[i];
        if (part->backend == NULL ||
            has_backend(self, settings, part->backend)) {
            part->checkup = checkup_new();
        }
    }
    settings_release(&settings);
    return status;
}

/* ---- running ---- */

static void start(struct part *part, const struct child_conf *conf)
{
    part->child = child_start(conf);
    part->error = part->child == NULL ? errno : 0;
}

static void start_test(const struct doctor *self, struct part *part)
{
    char program[NAME_ROOM];
    const char *argv[ARGS_MAX] = {program, "--self-test=json"};
    struct child_conf conf = {.program = program, .argv = argv};
    size_t argc = 2;

    snprintf(program, sizeof program, "wakebus-%s", part->name);
    if (self->file != NULL) {
        argv[argc++] = "--config";
        argv[argc++] = self->file;
    } else if (unit_secrets_make(BASE, part->name, part->secrets)) {
        conf.directory = part->secrets;
    } else if (errno == EACCES) {
        checkup_note(part->checkup, "secrets", FINDING_WARNING,
                     "run wakebusctl doctor as root",
                     "%s/secrets cannot be read", BASE);
    }
    if (self->scope.app != NULL) {
        argv[argc++] = "--app";
        argv[argc++] = self->scope.app;
    }
    start(part, &conf);
}

static void start_status(const struct doctor *self, struct part *part)
{
    const char *argv[ARGS_MAX] = {"wakebusctl", "status", "--json"};
    const struct child_conf conf = {.program = "wakebusctl", .argv = argv};

    if (self->file != NULL) {
        argv[3] = "--config";
        argv[4] = self->file;
    }
    start(part, &conf);
}

static bool is_needed(const struct doctor *self, size_t part)
{
    return part != REGISTRY || !self->scope.is_stateless;
}

static void run(struct doctor *self)
{
    child_t *children[PARTS] = {NULL};

    for (size_t i = 0; i < PARTS; i++) {
        struct part *part = &self->parts[i];
        if (part->checkup != NULL && i == DEPLOYMENT) {
            start_status(self, part);
        } else if (part->checkup != NULL && is_needed(self, i)) {
            start_test(self, part);
        }
        children[i] = part->child;
    }
    children_wait(children, PARTS, PATIENCE_MS);
}

/* ---- what they have found ---- */

struct line {
    char text[LINE_ROOM];
};

/* The first one, without who has written it. */
static struct line first_line(const char *text)
{
    struct line line;

    text += strncmp(text, "status: ", 8) == 0 ? 8 : 0;
    snprintf(line.text, sizeof line.text, "%.*s", (int)strcspn(text, "\n"),
             text);
    return line;
}

static void note_not_run(struct part *part)
{
    if (part->error == ENOENT) {
        checkup_note(part->checkup, "program", FINDING_SKIPPED, NULL,
                     "wakebus-%s is not installed here: run it with "
                     "--self-test where it is",
                     part->name);
    } else {
        checkup_note(part->checkup, "program", FINDING_FAULT,
                     "see whether this machine has memory and descriptors left",
                     "it cannot be run: %s", strerror(part->error));
    }
}

static bool has_finding(const checkup_t *checkup, const struct finding *finding)
{
    for (size_t i = 0; checkup != NULL && i < checkup_size(checkup); i++) {
        const struct finding *other = checkup_finding(checkup, i);
        if (strcmp(other->step, finding->step) == 0 &&
            strcmp(other->text, finding->text) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_fault(const struct doctor *self, const char *step)
{
    for (size_t i = 0; i < PARTS; i++) {
        const checkup_t *checkup = self->parts[i].checkup;
        for (size_t n = 0; checkup != NULL && n < checkup_size(checkup); n++) {
            const struct finding *finding = checkup_finding(checkup, n);
            if (finding->state == FINDING_FAULT &&
                strcmp(finding->step, step) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* All read the same file: what is wrong with it is told once. */
static bool is_told(const struct doctor *self, const struct part *part,
                    const struct finding *finding)
{
    bool bad =
        finding->state == FINDING_FAULT || finding->state == FINDING_WARNING;

    for (const struct part *before = self->parts;
         bad && strcmp(finding->step, "configuration") == 0 && before < part;
         before++) {
        if (has_finding(before->checkup, finding)) {
            return true;
        }
    }
    return false;
}

/* Returns whether there was any line of JSON. */
static bool take_lines(const struct doctor *self, struct part *part)
{
    checkup_t *all = checkup_new();
    char *text = strdup(child_output(part->child));
    char *rest;

    assert(text);
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        checkup_read_json(all, line);
    }
    for (size_t i = 0; i < checkup_size(all); i++) {
        const struct finding *finding = checkup_finding(all, i);
        if (!is_told(self, part, finding)) {
            checkup_note(part->checkup, finding->step, finding->state,
                         finding->remedy, "%s", finding->text);
        }
    }
    bool any = checkup_size(all) > 0;
    free(text);
    checkup_destroy(&all);
    return any;
}

static void take_test(const struct doctor *self, struct part *part)
{
    if (!take_lines(self, part)) {
        checkup_note(part->checkup, "program", FINDING_FAULT,
                     "run all programs in the same version",
                     "wakebus-%s --self-test ended with %d: %s", part->name,
                     child_status(part->child),
                     first_line(child_errors(part->child)).text);
    }
}

/* That no frontend runs is no news: each worker has tried to reach one. Nor is
 * a fault of the configuration, but for one of our own key. */
static void take_status(const struct doctor *self, struct part *part)
{
    int status = child_status(part->child);
    struct line why = first_line(child_errors(part->child));

    if (doctor_status(part->checkup, child_output(part->child), &self->scope) ==
        0) {
        return;
    }
    if (status == EX_UNAVAILABLE) {
        checkup_note(part->checkup, "frontend", FINDING_SKIPPED, NULL, "%s",
                     why.text);
    } else if (status == EX_CONFIG && has_fault(self, "configuration")) {
        checkup_note(part->checkup, "frontend", FINDING_SKIPPED, NULL,
                     "the configuration has faults");
    } else {
        checkup_note(part->checkup, "frontend", FINDING_FAULT,
                     "man wakebusctl says what it needs to ask frontends",
                     "wakebusctl status ended with %d: %s", status, why.text);
    }
}

static void take(struct doctor *self)
{
    for (size_t i = 0; i < PARTS; i++) {
        struct part *part = &self->parts[i];
        if (part->checkup == NULL) {
            continue;
        }
        if (!is_needed(self, i)) {
            checkup_note(part->checkup, "program", FINDING_SKIPPED, NULL, "%s",
                         DOCTOR_NO_NEED);
        } else if (part->child == NULL) {
            note_not_run(part);
        } else if (i == DEPLOYMENT) {
            take_status(self, part);
        } else {
            take_test(self, part);
        }
    }
}

/* ---- telling ---- */

static size_t count(const struct doctor *self, enum finding_state state)
{
    size_t sum = 0;

    for (size_t i = 0; i < PARTS; i++) {
        if (self->parts[i].checkup != NULL) {
            sum += checkup_count(self->parts[i].checkup, state);
        }
    }
    return sum;
}

static void print_text(const struct doctor *self)
{
    bool colours = checkup_wants_colours(stdout);
    char summary[64];

    for (size_t i = 0; i < PARTS; i++) {
        if (self->parts[i].checkup != NULL) {
            puts(self->parts[i].name);
            checkup_print(self->parts[i].checkup, stdout, colours);
        }
    }
    checkup_summary(count(self, FINDING_FAULT), count(self, FINDING_WARNING),
                    summary, sizeof summary);
    puts(summary);
}

static void print_json(const struct doctor *self)
{
    json_t *findings = json_array();

    for (size_t i = 0; i < PARTS; i++) {
        if (self->parts[i].checkup != NULL) {
            checkup_add_json(self->parts[i].checkup, self->parts[i].name,
                             findings);
        }
    }
    json_t *root = json_pack("{s:I,s:I,s:o}", "faults",
                             (json_int_t)count(self, FINDING_FAULT), "warnings",
                             (json_int_t)count(self, FINDING_WARNING),
                             "findings", findings);
    json_dumpf(root, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(root);
}

static void clean_up(struct doctor *self)
{
    for (size_t i = 0; i < PARTS; i++) {
        struct part *part = &self->parts[i];
        child_destroy(&part->child);
        checkup_destroy(&part->checkup);
        if (part->secrets[0] != '\0') {
            unit_secrets_remove(part->secrets);
        }
    }
}

int doctor_command(const struct arguments *arguments)
{
    struct doctor self = {
        .file = arguments_value(arguments, "config"),
        .scope = {.app = arguments_value(arguments, "app")},
        .parts = {[FRONTEND] = {.name = "xmpp-frontend"},
                  [REGISTRY] = {.name = "registry"},
                  [FCM] = {.name = "fcm-sender", .backend = "fcm"},
                  [APNS] = {.name = "apns-sender", .backend = "apns"},
                  [DEPLOYMENT] = {.name = "deployment"}}};
    int status = choose(&self);

    if (status == EX_OK) {
        run(&self);
        take(&self);
        if (arguments_has(arguments, "json")) {
            print_json(&self);
        } else {
            print_text(&self);
        }
        status = count(&self, FINDING_FAULT) > 0 ? CLIENT_NO : EX_OK;
    }
    clean_up(&self);
    return status;
}

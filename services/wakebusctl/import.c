/* SPDX-License-Identifier: BSD-3-Clause */
/* Takes targets over from p2, or from an export: 0 when all of them are in. The
 * whole file is looked at before anything is done. An import that was cut short
 * is run again: what is in already stays as it is. */
#include "common/config.h"
#include "common/settings.h"
#include "services/wakebusctl/client.h"
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/import_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct job {
    const struct arguments *arguments;
    enum targets_format format;
    struct settings_origin origin;
    const struct settings *settings;
    struct p2_apps apps;
    char *app_names; /* what --app lists */
    struct targets_file file;
    struct transfer transfer;
};

/* ---- what is asked for ---- */

static int read_format(struct job *job)
{
    const char *name = arguments_value(job->arguments, "from");

    if (name == NULL) {
        job->format = FORMAT_ANY;
    } else if (strcmp(name, "own") == 0) {
        job->format = FORMAT_OWN;
    } else if (strcmp(name, "p2") == 0) {
        job->format = FORMAT_P2;
    } else {
        fprintf(stderr, "import: --from %s: it is own or p2\n", name);
        return EX_USAGE;
    }
    return EX_OK;
}

static int read_settings(struct job *job)
{
    job->origin = (struct settings_origin){
        .program = ROLE_OPERATOR,
        .file = arguments_value(job->arguments, "config")};
    job->settings = settings_read(&job->origin);
    if (notes_count(config_notes(job->settings->source), NOTE_FAULT) == 0) {
        return EX_OK;
    }
    config_report(job->settings->source);
    return EX_CONFIG;
}

static const char *default_app(const struct settings *settings,
                               const char *backend)
{
    const struct app *app = settings_default_app(settings, backend);

    return app != NULL ? app->name : NULL;
}

/* An app is for the service that it is of. */
static int choose_app(struct job *job, const char *name)
{
    const struct app *app = settings_app(job->settings, name);

    if (app == NULL) {
        fprintf(stderr, "import: --app %s: no such app in the configuration\n",
                name);
        return EX_USAGE;
    }
    if (strcmp(app->backend, "fcm") == 0) {
        job->apps.fcm = app->name;
    } else {
        job->apps.apns = app->name;
    }
    return EX_OK;
}

static int read_apps(struct job *job)
{
    const char *list = arguments_value(job->arguments, "app");
    int status = EX_OK;
    char *rest = NULL;

    job->apps = (struct p2_apps){.fcm = default_app(job->settings, "fcm"),
                                 .apns = default_app(job->settings, "apns")};
    if (list == NULL) {
        return EX_OK;
    }
    job->app_names = strdup(list);
    for (char *name = strtok_r(job->app_names, ",", &rest);
         name != NULL && status == EX_OK; name = strtok_r(NULL, ",", &rest)) {
        status = choose_app(job, name);
    }
    return status;
}

/* ---- the file ---- */

static bool is_known(const void *arg, const char *app)
{
    return settings_app(arg, app) != NULL;
}

static int read_file(struct job *job)
{
    const char *path = job->arguments->operands[0];

    if (targets_file_read(&job->file, path, job->format, &job->apps) != 0) {
        fprintf(stderr, "import: %s: %s\n", path, strerror(errno));
        return EX_NOINPUT;
    }
    target_rows_check_apps(&job->file.rows, &job->file.faults, is_known,
                           job->settings);
    return EX_OK;
}

/* ---- doing it ---- */

static int transfer(struct job *job)
{
    client_t *client;
    int status = client_open(&client, job->arguments);

    if (status == EX_OK) {
        status = transfer_run(&job->transfer, client, &job->file.rows,
                              &job->file.faults);
        client_close(&client);
    }
    return status;
}

static int import(struct job *job)
{
    const struct arguments *arguments = job->arguments;
    struct import_report report = {
        .path = arguments->operands[0],
        .file = &job->file,
        .transfer = &job->transfer,
        .faulty = job->file.rows.seen - job->file.rows.count,
        .dry_run = arguments_has(arguments, "dry-run"),
    };
    int status = EX_OK;

    report.refused =
        job->file.faults.count > 0 && !arguments_has(arguments, "skip-faulty");
    if (!report.refused && !report.dry_run) {
        status = transfer(job);
    }
    if (arguments_has(arguments, "json")) {
        import_report_print_json(&report);
    } else {
        import_report_print(&report);
    }
    return status == EX_OK && job->file.faults.count > 0 ? EX_DATAERR : status;
}

int import_command(const struct arguments *arguments)
{
    struct job job = {.arguments = arguments};
    int status = read_format(&job);

    status = status == EX_OK ? read_settings(&job) : status;
    status = status == EX_OK ? read_apps(&job) : status;
    status = status == EX_OK ? read_file(&job) : status;
    status = status == EX_OK ? import(&job) : status;
    targets_file_free(&job.file);
    settings_release(&job.settings);
    free(job.app_names);
    return status;
}

/* SPDX-License-Identifier: BSD-3-Clause */
/* Writes all targets down, for a backup or a move, as import reads them. The
 * file holds tokens and secrets. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/node_set.h"
#include "services/wakebusctl/own_format.h"
#include "services/wakebusctl/pages.h"
#include "services/wakebusctl/progress.h"
#include "services/wakebusctl/secret_file.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

struct export
{
    const char *path; /* NULL: standard output */
    struct secret_file file;
    struct node_set met; /* a way through Redis may meet one twice */
    size_t unfit;
    int error; /* of writing, or 0 */
    struct progress progress;
};

/* ---- pages ---- */

static char *encode(const struct pages *self, const char *after, const char *id,
                    struct proto_err *err)
{
    const struct operator_export request = {.asker = client_asker(self->client),
                                            .budget_ms =
                                                client_budget_ms(self->client),
                                            .after = after};

    return operator_export_encode(&request, id, err);
}

/* `line` is freed. */
static void put(struct export *export, char *line)
{
    if (export->error == 0 && fputs(line, export->file.out) == EOF) {
        export->error = errno;
    }
    free(line);
}

static void put_target(struct export *export,
                       const struct operator_export_target *target)
{
    const struct target_row row = {.app = target->app,
                                   .device = target->device,
                                   .channel = target->channel,
                                   .domain = target->domain,
                                   .token = target->token,
                                   .node = target->node,
                                   .secret = target->secret,
                                   .created_ms = target->created_ms,
                                   .renewed_ms = target->renewed_ms};

    if (!node_is_valid(target->node)) {
        export->unfit++;
    } else if (node_set_add(&export->met, target->node)) {
        put(export, own_format_row(&row));
    }
}

static int take(const struct pages *self, const struct msg *page,
                struct pages_next *next, struct proto_err *err)
{
    struct operator_export_result result;
    struct export *export = self->arg;

    if (operator_export_result_decode(&result, page, err) != 0) {
        return -1;
    }
    export->unfit += (size_t)result.unfit;
    for (size_t i = 0; i < result.targets.count; i++) {
        put_target(export, &result.targets.items[i]);
    }
    progress_show(&export->progress, export->met.count);
    *next = (struct pages_next){result.outcome, result.after};
    return export->error != 0 ? 1 : 0;
}

/* ---- the file ---- */

static int fail_to_write(const struct export *export, int error)
{
    fprintf(stderr, "export: %s: %s\n",
            export->path != NULL ? export->path : "standard output",
            strerror(error));
    return EX_CANTCREAT;
}

/* Everything but the end, which says how many there are. */
static int write_targets(struct export *export,
                         const struct arguments *arguments)
{
    struct pages pages = {.encode = encode, .take = take, .arg = export};
    int status = client_open(&pages.client, arguments);

    if (status != EX_OK) {
        return status;
    }
    put(export, own_format_head());
    progress_begin(&export->progress, "export", 0);
    status = pages_walk(&pages);
    progress_end(&export->progress);
    client_close(&pages.client);
    return status;
}

static int write_file(struct export *export, const struct arguments *arguments)
{
    if (secret_file_open(&export->file, export->path) != 0) {
        return fail_to_write(export, errno);
    }
    int status = write_targets(export, arguments);
    if (status == EX_OK) {
        put(export, own_format_end(export->met.count));
    }
    if (status == EX_OK && export->error == 0 &&
        secret_file_keep(&export->file) != 0) {
        export->error = errno;
    }
    if (status != EX_OK || export->error != 0) {
        secret_file_discard(&export->file);
    }
    return status == EX_OK && export->error != 0
               ? fail_to_write(export, export->error)
               : status;
}

/* ---- telling ---- */

static void report(const struct export *export, bool json)
{
    FILE *to = export->path != NULL ? stdout : stderr;

    if (json) {
        json_t *object =
            json_pack("{s:I,s:I}", "targets", (json_int_t) export->met.count,
                      "unfit", (json_int_t) export->unfit);
        json_dumpf(object, to, JSON_COMPACT);
        fputc('\n', to);
        json_decref(object);
    } else {
        fprintf(to, "%zu target%s exported\n", export->met.count,
                export->met.count == 1 ? "" : "s");
    }
    if (export->unfit > 0) {
        fprintf(stderr,
                "export: %zu rows in Redis are no targets of Wakebus, and were "
                "left out: find who else writes below wakebus: there\n",
                export->unfit);
    }
}

static int read_path(struct export *export, const struct arguments *arguments)
{
    const char *path =
        arguments->operand_count > 0 ? arguments->operands[0] : "-";

    export->path = strcmp(path, "-") == 0 ? NULL : path;
    if (export->path == NULL && isatty(STDOUT_FILENO) == 1) {
        fputs("export: it holds tokens and secrets: name a FILE for it rather "
              "than a terminal\n",
              stderr);
        return EX_USAGE;
    }
    return EX_OK;
}

int export_command(const struct arguments *arguments)
{
    struct export export = {0};
    int status = read_path(&export, arguments);

    if (status == EX_OK) {
        status = write_file(&export, arguments);
    }
    if (status == EX_OK) {
        report(&export, arguments_has(arguments, "json"));
        status = export.unfit > 0 ? EX_DATAERR : EX_OK;
    }
    node_set_free(&export.met);
    return status;
}

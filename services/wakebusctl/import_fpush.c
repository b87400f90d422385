/* SPDX-License-Identifier: BSD-3-Clause */
/* Turns fpush's configuration into ours. There is nothing else to take over:
 * fpush stores nothing. */
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/fpush_settings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* What jansson says of a fault shows what stands there: a secret, maybe. */
static int read_file(const char *path, json_t **settings)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    json_error_t error;

    if (file == NULL) {
        fprintf(stderr, "import fpush: %s: %s\n", path, strerror(errno));
        return EX_NOINPUT;
    }
    *settings = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    if (!is_stdin) {
        fclose(file);
    }
    if (*settings == NULL) {
        fprintf(stderr, "import fpush: %s: not JSON, as line %d shows\n", path,
                error.line);
        return EX_DATAERR;
    }
    return EX_OK;
}

static void print_notes(const json_t *notes)
{
    size_t index;
    const json_t *note;

    json_array_foreach(notes, index, note) {
        fprintf(stderr, "%s: %s\n",
                json_string_value(json_object_get(note, "member")),
                json_string_value(json_object_get(note, "note")));
    }
}

int import_fpush_command(const struct arguments *arguments)
{
    json_t *settings = NULL;
    int status = read_file(arguments->operands[0], &settings);

    if (status != EX_OK) {
        return status;
    }
    struct fpush_settings ours = fpush_settings_convert(settings);
    json_decref(settings);
    if (json_object_size(json_object_get(ours.converted, "apps")) > 0) {
        json_dumpf(ours.converted, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    print_notes(ours.notes);
    status = ours.lost > 0 ? EX_DATAERR : EX_OK;
    fpush_settings_free(&ours);
    return status;
}

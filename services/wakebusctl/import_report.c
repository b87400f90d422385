/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/import_report.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

static size_t kept_faults(const struct faults *faults)
{
    return faults->count < FAULTS_KEPT ? faults->count : FAULTS_KEPT;
}

static size_t left(const struct import_report *self)
{
    const struct transfer *transfer = self->transfer;

    return self->file->rows.count -
           (transfer->imported + transfer->kept + transfer->taken);
}

/* ---- for people ---- */

/* "p2.txt:17: node is not …", as compilers do. */
static void print_fault(const struct import_report *self,
                        const struct file_fault *fault)
{
    fprintf(stderr, "%s:", strcmp(self->path, "-") == 0 ? "stdin" : self->path);
    if (fault->line > 0) {
        fprintf(stderr, "%zu:", fault->line);
    }
    if (fault->member != NULL) {
        fprintf(stderr, " %s", fault->member);
    }
    fprintf(stderr, " %s", fault->why);
    if (fault->other_line > 0) {
        fprintf(stderr, " line %zu", fault->other_line);
    }
    fputc('\n', stderr);
}

static void print_faults(const struct import_report *self)
{
    const struct faults *faults = &self->file->faults;

    for (size_t i = 0; i < kept_faults(faults); i++) {
        print_fault(self, &faults->kept[i]);
    }
    if (faults->count > FAULTS_KEPT) {
        fprintf(stderr, "and %zu faults more\n", faults->count - FAULTS_KEPT);
    }
}

static void print_targets(size_t count, const char *what)
{
    printf("%zu target%s %s", count, count == 1 ? "" : "s", what);
}

static void print_part(size_t count, const char *what)
{
    if (count > 0) {
        printf(", %zu %s", count, what);
    }
}

void import_report_print(const struct import_report *self)
{
    const struct transfer *transfer = self->transfer;

    print_faults(self);
    if (self->refused) {
        fprintf(stderr,
                "import: nothing was imported, for there are faults in %zu of "
                "%zu targets: mend the file, or import the rest with "
                "--skip-faulty\n",
                self->faulty, self->file->rows.seen);
        return;
    }
    if (self->dry_run) {
        print_targets(self->file->rows.count, "could be imported");
    } else {
        print_targets(transfer->imported, "imported");
    }
    print_part(transfer->kept, "kept, as they are newer here");
    print_part(transfer->taken, "refused");
    print_part(self->faulty, "faulty");
    print_part(self->dry_run ? 0 : left(self),
               "left: run it again, and it goes on");
    putchar('\n');
}

/* ---- for scripts ---- */

static json_t *fault_to_json(const struct file_fault *fault)
{
    json_t *object = json_pack("{s:s}", "why", fault->why);

    if (fault->line > 0) {
        json_object_set_new(object, "line",
                            json_integer((json_int_t)fault->line));
    }
    if (fault->other_line > 0) {
        json_object_set_new(object, "other_line",
                            json_integer((json_int_t)fault->other_line));
    }
    if (fault->member != NULL) {
        json_object_set_new(object, "member", json_string(fault->member));
    }
    return object;
}

void import_report_print_json(const struct import_report *self)
{
    const struct transfer *transfer = self->transfer;
    const struct targets_file *file = self->file;
    json_t *faults = json_array();

    for (size_t i = 0; i < kept_faults(&file->faults); i++) {
        json_array_append_new(faults, fault_to_json(&file->faults.kept[i]));
    }
    json_t *object = json_pack(
        "{s:s,s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "format",
        file->format == FORMAT_OWN ? "own" : "p2", "dry_run", self->dry_run,
        "targets", (json_int_t)file->rows.seen, "faulty",
        (json_int_t)self->faulty, "imported", (json_int_t)transfer->imported,
        "kept", (json_int_t)transfer->kept, "taken",
        (json_int_t)transfer->taken, "left", (json_int_t)left(self),
        "fault_count", (json_int_t)file->faults.count, "faults", faults);
    json_dumpf(object, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(object);
}

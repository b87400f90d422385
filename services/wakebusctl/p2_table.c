/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/p2_table.h"

#include "services/wakebusctl/records.h"
#include <ctype.h>
#include <string.h>
#include <strings.h>

enum column { SERVICE, DEVICE, CHANNEL, DOMAIN, TOKEN, NODE, SECRET, COLUMNS };

static const char *const NAMES[COLUMNS] = {
    "service", "device", "channel", "domain", "token", "node", "secret"};

enum { NOWHERE = FIELDS_MAX };

/* Where in a record each column is. */
struct layout {
    size_t width; /* fields in a record */
    size_t places[COLUMNS];
};

/* ---- which of the formats ---- */

static size_t first_line_size(const char *text, size_t size)
{
    const char *end = memchr(text, '\n', size);

    return end != NULL ? (size_t)(end - text) : size;
}

/* Only a header has these names in it, whatever else a first line has. */
static bool has_header(const char *line, size_t size)
{
    return memmem(line, size, "secret", 6) != NULL &&
           memmem(line, size, "device", 6) != NULL;
}

static struct records_format format_of(const char *text, size_t size)
{
    size_t first = first_line_size(text, size);
    const char *tab = memchr(text, '\t', first);
    const char *comma = memchr(text, ',', first);
    bool tabs = tab != NULL && (comma == NULL || tab < comma);

    return (struct records_format){
        .separator = tabs ? '\t' : ',',
        .quotes = !tabs,
        .escapes = tabs || !has_header(text, first),
    };
}

/* ---- where the columns are ---- */

static struct layout table_layout(void)
{
    struct layout layout = {.width = COLUMNS};

    for (size_t i = 0; i < COLUMNS; i++) {
        layout.places[i] = i;
    }
    return layout;
}

static size_t find(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->count; i++) {
        if (record->fields[i] != NULL && strcmp(record->fields[i], name) == 0) {
            return i;
        }
    }
    return NOWHERE;
}

/* Returns false, and notes a fault for each column that is not there. */
static bool read_header(struct layout *layout, const struct record *header,
                        struct faults *faults)
{
    bool whole = true;

    layout->width = header->count;
    for (size_t i = 0; i < COLUMNS; i++) {
        layout->places[i] = find(header, NAMES[i]);
        if (layout->places[i] == NOWHERE) {
            faults_add(faults,
                       &(struct file_fault){.line = header->line,
                                            .member = NAMES[i],
                                            .why = "is no column of this "
                                                   "table"});
            whole = false;
        }
    }
    return whole;
}

/* ---- rows ---- */

static const char *take(const struct record *record,
                        const struct layout *layout, enum column column)
{
    const char *text = record->fields[layout->places[column]];

    return text == NULL || text[0] == '\0' ? NULL : text;
}

/* As a frontend does with the domains that it sees. */
static void fold_case(char *domain)
{
    for (; domain != NULL && *domain != '\0'; domain++) {
        *domain = (char)tolower((unsigned char)*domain);
    }
}

/* Sets `why` when there is no app for it. */
static const char *app_for(const char *service, const struct p2_apps *apps,
                           const char **why)
{
    const char *app = NULL;

    if (service != NULL && strcasecmp(service, "FCM") == 0) {
        app = apps->fcm;
    } else if (service != NULL && strcasecmp(service, "APNS") == 0) {
        app = apps->apns;
    } else {
        *why = "is neither FCM nor APNS";
        return NULL;
    }
    *why = app == NULL ? "has no app: see --app" : NULL;
    return app;
}

static void read_row(struct target_rows *rows, struct faults *faults,
                     const struct record *record, const struct layout *layout,
                     const struct p2_apps *apps)
{
    size_t before = faults->count;
    const char *why;
    struct target_row row = {
        .line = record->line,
        .app = app_for(take(record, layout, SERVICE), apps, &why),
        .device = take(record, layout, DEVICE),
        .channel = take(record, layout, CHANNEL),
        .domain = take(record, layout, DOMAIN),
        .token = take(record, layout, TOKEN),
        .node = take(record, layout, NODE),
        .secret = take(record, layout, SECRET),
    };

    fold_case(record->fields[layout->places[DOMAIN]]);
    if (why != NULL) {
        faults_add(faults, &(struct file_fault){.line = row.line,
                                                .member = "service",
                                                .why = why});
        row.app = "unknown"; /* that is told; the rest is still looked at */
    }
    if (target_row_check(&row, faults) == 0 && faults->count == before) {
        target_rows_add(rows, &row);
    }
}

static const char *judge_shape(const struct record *record,
                               const struct layout *layout)
{
    if (record->why != NULL) {
        return record->why;
    }
    return record->count == layout->width
               ? NULL
               : "has another number of columns than the table";
}

void p2_table_read(struct target_rows *rows, struct faults *faults, char *text,
                   size_t size, const struct p2_apps *apps)
{
    struct records_format format = format_of(text, size);
    bool header = has_header(text, first_line_size(text, size));
    struct layout layout = table_layout();
    struct records records;
    struct record record;

    records_begin(&records, text, size, &format);
    if (header && records_next(&records, &record) &&
        !read_header(&layout, &record, faults)) {
        return;
    }
    while (records_next(&records, &record)) {
        const char *why = judge_shape(&record, &layout);

        rows->seen++;
        if (why != NULL) {
            faults_add(faults,
                       &(struct file_fault){.line = record.line, .why = why});
        } else {
            read_row(rows, faults, &record, &layout, apps);
        }
    }
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/metrics.h"

#include <assert.h>
#include <czmq.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES_MAX = 96, NUMBER_ROOM = 32 };

/* A metric with all its lines. */
struct family {
    const struct metric *metric;
    FILE *lines;
    char *text; /* of `lines`, after fflush */
    size_t size;
};

struct metrics {
    struct family families[FAMILIES_MAX];
    size_t count;
    zhashx_t *seen; /* names with labels, so that none comes twice */
};

/* ---- words ---- */

/* The shortest of two forms that reads back as the same number. */
static void print_number(char out[NUMBER_ROOM], double number)
{
    snprintf(out, NUMBER_ROOM, "%.15g", number);
    if (strtod(out, NULL) != number) {
        snprintf(out, NUMBER_ROOM, "%.17g", number);
    }
}

/* In the text of a HELP line a quote is nothing special. */
static void write_escaped(FILE *out, const char *text, bool quoted)
{
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\\') {
            fputs("\\\\", out);
        } else if (*at == '\n') {
            fputs("\\n", out);
        } else if (*at == '"' && quoted) {
            fputs("\\\"", out);
        } else {
            fputc(*at, out);
        }
    }
}

/* {app="ios",outcome="sent",le="0.5"}; `le` may be NULL. malloc'd, empty if
 * there is nothing to say. */
static char *print_labels(const struct metric *metric,
                          const char *const *values, const char *le)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    const char *before = "{";

    assert(out);
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric->labels[i]; i++) {
        assert(values != NULL && values[i] != NULL);
        fprintf(out, "%s%s=\"", before, metric->labels[i]);
        write_escaped(out, values[i], true);
        fputc('"', out);
        before = ",";
    }
    if (le != NULL) {
        fprintf(out, "%sle=\"%s\"", before, le);
        before = ",";
    }
    fputs(*before == ',' ? "}" : "", out);
    fclose(out);
    assert(text);
    return text;
}

/* ---- lines ---- */

static struct family *family_of(metrics_t *self, const struct metric *metric)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->families[i].metric->name, metric->name) == 0) {
            return &self->families[i];
        }
    }
    assert(self->count < FAMILIES_MAX);
    struct family *family = &self->families[self->count++];
    family->metric = metric;
    family->lines = open_memstream(&family->text, &family->size);
    assert(family->lines);
    return family;
}

/* Two equal lines would make Prometheus refuse the whole page. */
static void note_seen(metrics_t *self, const struct metric *metric,
                      const char *labels)
{
    char *key;
    int length = asprintf(&key, "%s%s", metric->name, labels);

    assert(length > 0);
    int status = zhashx_insert(self->seen, key, self);
    assert(status == 0);
    free(key);
}

void metrics_add(metrics_t *self, const struct metric *metric,
                 const char *const *values, double number)
{
    struct family *family = family_of(self, metric);
    char *labels = print_labels(metric, values, NULL);
    char text[NUMBER_ROOM];

    assert(metric->type != METRIC_HISTOGRAM);
    note_seen(self, metric, labels);
    print_number(text, number);
    fprintf(family->lines, "%s%s %s\n", metric->name, labels, text);
    free(labels);
}

static void add_bucket(struct family *family, const char *const *values,
                       const char *le, uint64_t count)
{
    char *labels = print_labels(family->metric, values, le);

    fprintf(family->lines, "%s_bucket%s %" PRIu64 "\n", family->metric->name,
            labels, count);
    free(labels);
}

void metrics_add_histogram(metrics_t *self, const struct metric *metric,
                           const char *const *values,
                           const struct histogram *histogram)
{
    struct family *family = family_of(self, metric);
    char *labels = print_labels(metric, values, NULL);
    uint64_t count = 0;
    char text[NUMBER_ROOM];

    assert(metric->type == METRIC_HISTOGRAM);
    note_seen(self, metric, labels);
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        count += histogram->counts[i];
        print_number(text, (double)HISTOGRAM_BOUNDS_US[i] / 1e6);
        add_bucket(family, values, text, count);
    }
    count += histogram->counts[HISTOGRAM_BOUNDS];
    add_bucket(family, values, "+Inf", count);
    print_number(text, (double)histogram->sum_us / 1e6);
    fprintf(family->lines, "%s_sum%s %s\n", metric->name, labels, text);
    fprintf(family->lines, "%s_count%s %" PRIu64 "\n", metric->name, labels,
            count);
    free(labels);
}

/* ---- the page ---- */

char *metrics_print(metrics_t *self)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    char *page = NULL;
    size_t size;
    FILE *out = open_memstream(&page, &size);

    assert(out);
    for (size_t i = 0; i < self->count; i++) {
        struct family *family = &self->families[i];
        fflush(family->lines);
        fprintf(out, "# HELP %s ", family->metric->name);
        write_escaped(out, family->metric->help, false);
        fprintf(out, "\n# TYPE %s %s\n%s", family->metric->name,
                TYPES[family->metric->type], family->text);
    }
    fclose(out);
    assert(page);
    return page;
}

metrics_t *metrics_new(void)
{
    metrics_t *self = calloc(1, sizeof *self);

    assert(self);
    self->seen = zhashx_new();
    assert(self->seen);
    return self;
}

void metrics_destroy(metrics_t **self_p)
{
    metrics_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        fclose(self->families[i].lines);
        free(self->families[i].text);
    }
    zhashx_destroy(&self->seen);
    free(self);
    *self_p = NULL;
}

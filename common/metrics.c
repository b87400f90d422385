/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/metrics.h"

#include <assert.h>
#include <czmq.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FAMILIES_MAX = 96, NUMBER_ROOM = 32 };

/* A metric with all that was added to it. */
struct family {
    const struct metric *metric;
    struct metric_sample *samples;
    size_t count;
    size_t room;
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

/* ---- samples ---- */

static const struct family *find(const metrics_t *self, const char *name)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->families[i].metric->name, name) == 0) {
            return &self->families[i];
        }
    }
    return NULL;
}

static struct family *family_of(metrics_t *self, const struct metric *metric)
{
    const struct family *family = find(self, metric->name);

    if (family != NULL) {
        return &self->families[family - self->families];
    }
    assert(self->count < FAMILIES_MAX);
    self->families[self->count].metric = metric;
    return &self->families[self->count++];
}

/* Two equal lines would make Prometheus refuse the whole page. */
static void note_seen(metrics_t *self, const struct metric *metric,
                      const char *const *values)
{
    char *labels = print_labels(metric, values, NULL);
    char *key;
    int length = asprintf(&key, "%s%s", metric->name, labels);

    assert(length > 0);
    int status = zhashx_insert(self->seen, key, self);
    assert(status == 0);
    free(key);
    free(labels);
}

static struct metric_sample *add_sample(metrics_t *self,
                                        const struct metric *metric,
                                        const char *const *values)
{
    struct family *family = family_of(self, metric);

    note_seen(self, metric, values);
    if (family->count == family->room) {
        family->room = family->room == 0 ? 4 : family->room * 2;
        family->samples =
            realloc(family->samples, family->room * sizeof *family->samples);
        assert(family->samples);
    }
    struct metric_sample *sample = &family->samples[family->count++];
    *sample = (struct metric_sample){0};
    for (size_t i = 0; i < METRIC_LABELS_MAX && metric->labels[i]; i++) {
        sample->values[i] = strdup(values[i]);
        assert(sample->values[i]);
    }
    return sample;
}

void metrics_add(metrics_t *self, const struct metric *metric,
                 const char *const *values, double number)
{
    assert(metric->type != METRIC_HISTOGRAM);
    add_sample(self, metric, values)->number = number;
}

void metrics_add_histogram(metrics_t *self, const struct metric *metric,
                           const char *const *values,
                           const struct histogram *histogram)
{
    assert(metric->type == METRIC_HISTOGRAM);
    add_sample(self, metric, values)->histogram = *histogram;
}

const struct metric_sample *metrics_samples(const metrics_t *self,
                                            const char *name, size_t *count)
{
    const struct family *family = find(self, name);

    *count = family != NULL ? family->count : 0;
    return family != NULL ? family->samples : NULL;
}

double metrics_sum(const metrics_t *self, const char *name, size_t label,
                   const char *value)
{
    size_t count;
    const struct metric_sample *samples = metrics_samples(self, name, &count);
    double sum = 0;

    for (size_t i = 0; i < count; i++) {
        if (value == NULL || strcmp(samples[i].values[label], value) == 0) {
            sum += samples[i].number;
        }
    }
    return sum;
}

/* ---- the page ---- */

static const char *const *values_of(const struct metric_sample *sample)
{
    return (const char *const *)sample->values;
}

static void write_number(FILE *out, const struct metric *metric,
                         const struct metric_sample *sample)
{
    char *labels = print_labels(metric, values_of(sample), NULL);
    char text[NUMBER_ROOM];

    print_number(text, sample->number);
    fprintf(out, "%s%s %s\n", metric->name, labels, text);
    free(labels);
}

static void write_bucket(FILE *out, const struct metric *metric,
                         const struct metric_sample *sample, const char *le,
                         uint64_t count)
{
    char *labels = print_labels(metric, values_of(sample), le);

    fprintf(out, "%s_bucket%s %" PRIu64 "\n", metric->name, labels, count);
    free(labels);
}

static void write_histogram(FILE *out, const struct metric *metric,
                            const struct metric_sample *sample)
{
    const struct histogram *histogram = &sample->histogram;
    char *labels = print_labels(metric, values_of(sample), NULL);
    uint64_t count = 0;
    char text[NUMBER_ROOM];

    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        count += histogram->counts[i];
        print_number(text, (double)HISTOGRAM_BOUNDS_US[i] / 1e6);
        write_bucket(out, metric, sample, text, count);
    }
    count += histogram->counts[HISTOGRAM_BOUNDS];
    write_bucket(out, metric, sample, "+Inf", count);
    print_number(text, (double)histogram->sum_us / 1e6);
    fprintf(out, "%s_sum%s %s\n", metric->name, labels, text);
    fprintf(out, "%s_count%s %" PRIu64 "\n", metric->name, labels, count);
    free(labels);
}

static void write_family(FILE *out, const struct family *family)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    const struct metric *metric = family->metric;

    fprintf(out, "# HELP %s ", metric->name);
    write_escaped(out, metric->help, false);
    fprintf(out, "\n# TYPE %s %s\n", metric->name, TYPES[metric->type]);
    for (size_t i = 0; i < family->count; i++) {
        if (metric->type == METRIC_HISTOGRAM) {
            write_histogram(out, metric, &family->samples[i]);
        } else {
            write_number(out, metric, &family->samples[i]);
        }
    }
}

char *metrics_print(const metrics_t *self)
{
    char *page = NULL;
    size_t size;
    FILE *out = open_memstream(&page, &size);

    assert(out);
    for (size_t i = 0; i < self->count; i++) {
        write_family(out, &self->families[i]);
    }
    fclose(out);
    assert(page);
    return page;
}

/* ---- life ---- */

metrics_t *metrics_new(void)
{
    metrics_t *self = calloc(1, sizeof *self);

    assert(self);
    self->seen = zhashx_new();
    assert(self->seen);
    return self;
}

static void drop_family(struct family *family)
{
    for (size_t i = 0; i < family->count; i++) {
        for (size_t label = 0; label < METRIC_LABELS_MAX; label++) {
            free(family->samples[i].values[label]);
        }
    }
    free(family->samples);
}

void metrics_destroy(metrics_t **self_p)
{
    metrics_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    for (size_t i = 0; i < self->count; i++) {
        drop_family(&self->families[i]);
    }
    zhashx_destroy(&self->seen);
    free(self);
    *self_p = NULL;
}

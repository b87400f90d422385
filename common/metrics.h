/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_METRICS_H
#define COMMON_METRICS_H

/* One page of metrics, in Prometheus' text format 0.0.4:
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * Whoever has something to tell keeps plain numbers, counts with ++, and puts
 * them on the page when it is asked for, as with health.h. So that a page has
 * bounds, labels are made of the names of apps and of words of ours: no label
 * holds a token, an address, a node or a domain. Pure. */

#include "common/histogram.h"
#include <stddef.h>

enum metric_type { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

enum { METRIC_LABELS_MAX = 3 };

/* What is constant about a metric. Names follow
 * https://prometheus.io/docs/practices/naming/ */
struct metric {
    const char *name;
    enum metric_type type;
    const char *help;
    const char *labels[METRIC_LABELS_MAX]; /* their names, as many as it has */
};

typedef struct metrics metrics_t;

/* Never NULL. */
metrics_t *metrics_new(void);
void metrics_destroy(metrics_t **self_p);

/* The values of a metric's labels, in their order. */
#define LABELS(...) ((const char *const[METRIC_LABELS_MAX]){__VA_ARGS__})

/* Put a counter or a gauge on the page, once for each set of values, which may
 * hold any UTF-8 and are NULL if it has no labels. `metric` is kept, the rest
 * is not. Those of one metric stand together, whenever they are added. */
void metrics_add(metrics_t *self, const struct metric *metric,
                 const char *const *values, double number);
void metrics_add_histogram(metrics_t *self, const struct metric *metric,
                           const char *const *values,
                           const struct histogram *histogram);

/* The page so far, malloc'd. */
char *metrics_print(const metrics_t *self);

/* A number, or a histogram, with the values of its labels. */
struct metric_sample {
    char *values[METRIC_LABELS_MAX];
    double number;
    struct histogram histogram;
};

/* What the page has of a metric; valid until more is added. NULL and no `count`
 * when there is nothing. */
const struct metric_sample *metrics_samples(const metrics_t *self,
                                            const char *name, size_t *count);

/* The sum of those numbers of a metric whose label number `label` (0, 1 …) has
 * this value; NULL: of all. 0 when there are none. */
double metrics_sum(const metrics_t *self, const char *name, size_t label,
                   const char *value);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_PROCESS_METRICS_H
#define COMMON_PROCESS_METRICS_H

/* What Prometheus' own client libraries tell of every process: processor time,
 * memory, descriptors, start. */

#include "common/metrics.h"

/* What cannot be read is left out. `started_s` is Unix time. */
void process_metrics(metrics_t *page, double started_s);

#endif

/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/process_metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static const struct metric CPU = {"process_cpu_seconds_total",
                                  METRIC_COUNTER,
                                  "User and system processor time.",
                                  {NULL}};
static const struct metric MEMORY = {"process_resident_memory_bytes",
                                     METRIC_GAUGE,
                                     "Memory that is in RAM.",
                                     {NULL}};
static const struct metric VIRTUAL = {"process_virtual_memory_bytes",
                                      METRIC_GAUGE,
                                      "Memory that has an address.",
                                      {NULL}};
static const struct metric OPEN_FDS = {
    "process_open_fds", METRIC_GAUGE, "Open file descriptors.", {NULL}};
static const struct metric MAX_FDS = {"process_max_fds",
                                      METRIC_GAUGE,
                                      "File descriptors that may be open.",
                                      {NULL}};
static const struct metric START = {
    "process_start_time_seconds",
    METRIC_GAUGE,
    "When the process started, in seconds since 1970.",
    {NULL}};

/* Fields of /proc/self/stat, counted from the state, which is behind the name
 * in parentheses; see proc(5). */
enum { UTIME = 11, STIME = 12, VSIZE = 20, RSS = 21, STATS };

/* Returns 0, or -1 when it cannot be read. */
static int read_stats(double stats[STATS])
{
    char text[1024];
    FILE *file = fopen("/proc/self/stat", "re");

    if (file == NULL) {
        return -1;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *rest = strrchr(text, ')');
    char *save = NULL;
    int count = 0;
    for (char *word = rest != NULL ? strtok_r(rest + 1, " ", &save) : NULL;
         word != NULL && count < STATS; word = strtok_r(NULL, " ", &save)) {
        stats[count++] = strtod(word, NULL);
    }
    return count == STATS ? 0 : -1;
}

static void add_descriptors(metrics_t *page)
{
    struct rlimit limit;
    DIR *open_fds = opendir("/proc/self/fd");

    if (open_fds != NULL) {
        double count = -3; /* ".", "..", and the directory itself */
        while (readdir(open_fds) != NULL) {
            count++;
        }
        closedir(open_fds);
        metrics_add(page, &OPEN_FDS, NULL, count);
    }
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        metrics_add(page, &MAX_FDS, NULL, (double)limit.rlim_cur);
    }
}

void process_metrics(metrics_t *page, double started_s)
{
    double stats[STATS];
    double per_second = (double)sysconf(_SC_CLK_TCK);

    if (read_stats(stats) == 0) {
        metrics_add(page, &CPU, NULL,
                    (stats[UTIME] + stats[STIME]) / per_second);
        metrics_add(page, &MEMORY, NULL,
                    stats[RSS] * (double)sysconf(_SC_PAGESIZE));
        metrics_add(page, &VIRTUAL, NULL, stats[VSIZE]);
    }
    add_descriptors(page);
    metrics_add(page, &START, NULL, started_s);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/status_chart.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    STEP = CHART_WIDTH / RECENT_STEPS,
    INK = 8, /* of a step's width; the rest tells bars apart */
};

static uint64_t highest(const struct recent_bar bars[RECENT_STEPS])
{
    uint64_t most = 0;

    for (size_t i = 0; i < RECENT_STEPS; i++) {
        uint64_t height = bars[i].well + bars[i].bad;
        most = height > most ? height : most;
    }
    return most;
}

static double height_of(uint64_t number, uint64_t most)
{
    return most > 0 ? (double)number * CHART_HEIGHT / (double)most : 0;
}

struct chart chart_draw(const struct recent_bar bars[RECENT_STEPS])
{
    struct chart chart = {.most = highest(bars)};
    size_t size;
    FILE *well = open_memstream(&chart.well, &size);
    FILE *bad = open_memstream(&chart.bad, &size);

    assert(well && bad);
    for (int i = 0; i < RECENT_STEPS; i++) {
        double low = height_of(bars[i].bad, chart.most);
        double high = height_of(bars[i].well, chart.most);
        if (low > 0) {
            fprintf(bad, "M%d %dv%.1fh%dV%dz", i * STEP, CHART_HEIGHT, -low,
                    INK, CHART_HEIGHT);
        }
        if (high > 0) {
            fprintf(well, "M%d %.1fv%.1fh%dv%.1fz", i * STEP,
                    CHART_HEIGHT - low, -high, INK, high);
        }
    }
    fclose(well);
    fclose(bad);
    assert(chart.well && chart.bad);
    return chart;
}

void chart_clear(struct chart *chart)
{
    free(chart->well);
    free(chart->bad);
}

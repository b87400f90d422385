/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XMPP_FRONTEND_STATUS_CHART_H
#define XMPP_FRONTEND_STATUS_CHART_H

/* What became of pushes lately, as a drawing. Pure. */

#include "services/xmpp-frontend/recent.h"

/* The size of the drawing; page/status.html has it too. */
enum { CHART_WIDTH = 600, CHART_HEIGHT = 60 };

struct chart {
    char *well; /* paths of an SVG, malloc'd; "" if there is nothing to draw */
    char *bad;
    uint64_t most; /* in a step: the highest bar */
};

/* A bar for each step. What went badly stands on the ground, so that it is
 * seen, the rest on it. */
struct chart chart_draw(const struct recent_bar bars[RECENT_STEPS]);
void chart_clear(struct chart *chart);

#endif

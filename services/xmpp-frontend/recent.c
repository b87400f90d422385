/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/recent.h"

#include <string.h>

enum { ITEMS = RECENT_STEPS + 1 };

void recent_note(struct recent *self, const struct recent_counts *now)
{
    if (self->count == ITEMS) {
        memmove(self->items, self->items + 1,
                (ITEMS - 1) * sizeof *self->items);
        self->count--;
    }
    self->items[self->count++] = *now;
}

const struct recent_counts *recent_before(const struct recent *self,
                                          const struct recent_counts *now,
                                          int64_t age_ms)
{
    const struct recent_counts *found = self->count > 0 ? self->items : now;

    for (size_t i = 1; i < self->count; i++) {
        if (now->at_ms - self->items[i].at_ms >= age_ms) {
            found = &self->items[i];
        }
    }
    return found;
}

void recent_bars(const struct recent *self, const struct recent_counts *now,
                 struct recent_bar bars[RECENT_STEPS])
{
    size_t bar = RECENT_STEPS;

    memset(bars, 0, RECENT_STEPS * sizeof *bars);
    for (size_t i = self->count; i-- > 0 && bar-- > 0; now = &self->items[i]) {
        bars[bar].well = now->well - self->items[i].well;
        bars[bar].bad = now->bad - self->items[i].bad;
    }
}

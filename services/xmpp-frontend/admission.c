/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/admission.h"

/* How many are done in ADMISSION_WAIT_MS. */
static size_t done_while_waiting(struct admission *self, uint64_t ended,
                                 int64_t now_ms)
{
    size_t at = self->turns % ADMISSION_TURNS;
    size_t oldest = self->turns < ADMISSION_TURNS ? 0 : at;
    int64_t past_ms = now_ms - self->past[oldest].at_ms;
    uint64_t done = ended - self->past[oldest].ended;
    bool is_known = self->turns > 0 && past_ms > 0;

    self->past[at].at_ms = now_ms;
    self->past[at].ended = ended;
    self->turns++;
    return is_known ? (size_t)(done * ADMISSION_WAIT_MS / (uint64_t)past_ms)
                    : 0;
}

static bool note_refusals(struct admission *self, uint64_t turned_away,
                          int64_t now_ms)
{
    bool refused = turned_away > self->turned_away;

    self->turned_away = turned_away;
    if (!refused) {
        return false;
    }
    if (!self->has_refused || now_ms - self->refused_ms > ADMISSION_GAP_MS) {
        self->burst_ms = now_ms;
    }
    self->has_refused = true;
    self->refused_ms = now_ms;
    return true;
}

static bool is_over(const struct admission *self, int64_t now_ms)
{
    return now_ms - self->refused_ms >= ADMISSION_QUIET_MS ||
           now_ms - self->overloaded_ms >= ADMISSION_LONGEST_MS;
}

void admission_turn(struct admission *self,
                    const struct admission_counts *counts, int64_t now_ms)
{
    size_t done = done_while_waiting(self, counts->ended, now_ms);
    bool refused = note_refusals(self, counts->turned_away, now_ms);

    if (self->is_overloaded && is_over(self, now_ms)) {
        self->is_overloaded = false;
        self->burst_ms = now_ms;
    } else if (!self->is_overloaded && refused &&
               now_ms - self->burst_ms >= ADMISSION_LASTING_MS) {
        self->is_overloaded = true;
        self->overloaded_ms = now_ms;
        self->times++;
    }
    self->room = done > ADMISSION_LEAST ? done : ADMISSION_LEAST;
}

size_t admission_room(const struct admission *self)
{
    return self->is_overloaded ? self->room : ADMISSION_ANY;
}

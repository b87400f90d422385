/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/progress.h"

#include "common/clock.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { EVERY_MS = 100, BAR = 24 };

void progress_line(char out[PROGRESS_ROOM], const struct progress *self,
                   size_t done, int64_t ms)
{
    size_t per_s = ms > 0 ? done * 1000 / (size_t)ms : 0;
    char bar[BAR + 1];

    if (self->total == 0) {
        snprintf(out, PROGRESS_ROOM, "%s: %zu  %zu/s", self->what, done, per_s);
        return;
    }
    memset(bar, '.', BAR);
    memset(bar, '#', done * BAR / self->total);
    bar[BAR] = '\0';
    int size = snprintf(out, PROGRESS_ROOM, "%s: [%s] %zu%%  %zu of %zu  %zu/s",
                        self->what, bar, done * 100 / self->total, done,
                        self->total, per_s);
    if (per_s > 0 && size > 0 && size < PROGRESS_ROOM) {
        snprintf(out + size, PROGRESS_ROOM - (size_t)size, "  %zu s left",
                 (self->total - done) / per_s);
    }
}

void progress_begin(struct progress *self, const char *what, size_t total)
{
    *self = (struct progress){.what = what,
                              .total = total,
                              .begun_ms = clock_mono_ms(),
                              .on = isatty(STDERR_FILENO) == 1};
}

/* Is it time for another line? */
static bool is_time(struct progress *self, int64_t now_ms)
{
    bool is = self->on && now_ms - self->shown_ms >= EVERY_MS;

    self->shown_ms = is ? now_ms : self->shown_ms;
    return is;
}

void progress_show(struct progress *self, size_t done)
{
    int64_t now_ms = clock_mono_ms();
    char line[PROGRESS_ROOM];

    if (is_time(self, now_ms)) {
        progress_line(line, self, done, now_ms - self->begun_ms);
        fprintf(stderr, "\r\033[K%s", line);
    }
}

void progress_say(struct progress *self, const char *words)
{
    if (is_time(self, clock_mono_ms())) {
        fprintf(stderr, "\r\033[K%s: %.60s", self->what, words);
    }
}

void progress_end(struct progress *self)
{
    if (self->on) {
        fputs("\r\033[K", stderr);
    }
    self->on = false;
}

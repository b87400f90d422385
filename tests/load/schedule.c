/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/schedule.h"

#include <stdlib.h>

static int read_amount(const char **at, char end, double *out)
{
    char *rest;

    *out = strtod(*at, &rest);
    bool is_last = end == ',' && *rest == '\0';
    if (rest == *at || !(*out > 0 && *out <= 1e9) ||
        (*rest != end && !is_last)) {
        return -1;
    }
    *at = is_last ? rest : rest + 1;
    return 0;
}

int schedule_read(struct schedule *self, bool is_open, const char *text)
{
    *self = (struct schedule){.is_open = is_open};
    do {
        struct schedule_step *step = &self->steps[self->count];
        if (self->count == SCHEDULE_STEPS_MAX ||
            read_amount(&text, 'x', &step->amount) != 0 ||
            read_amount(&text, ',', &step->seconds) != 0) {
            return -1;
        }
        self->count++;
    } while (*text != '\0');
    return 0;
}

void schedule_begin(struct schedule *self, int64_t now_us)
{
    self->step = 0;
    self->begin_us = now_us;
    self->in_step = 0;
    self->requests = 0;
}

static int64_t end_of_step(const struct schedule *self)
{
    return self->begin_us + (int64_t)(self->steps[self->step].seconds * 1e6);
}

static int64_t next_due_us(const struct schedule *self)
{
    return self->begin_us + (int64_t)((double)self->in_step * 1e6 /
                                      self->steps[self->step].amount);
}

static void leave_step(struct schedule *self)
{
    self->begin_us = end_of_step(self);
    self->step++;
    self->in_step = 0;
}

static bool open_next(struct schedule *self, int64_t now_us, int64_t *due_us)
{
    while (self->step < self->count && next_due_us(self) >= end_of_step(self) &&
           now_us >= end_of_step(self)) {
        leave_step(self);
    }
    if (self->step == self->count || next_due_us(self) > now_us ||
        next_due_us(self) >= end_of_step(self)) {
        return false;
    }
    *due_us = next_due_us(self);
    return true;
}

static bool closed_next(struct schedule *self, int64_t now_us,
                        size_t on_the_way, int64_t *due_us)
{
    while (self->step < self->count && now_us >= end_of_step(self)) {
        leave_step(self);
    }
    *due_us = now_us;
    return self->step < self->count &&
           (double)on_the_way < self->steps[self->step].amount;
}

bool schedule_next(struct schedule *self, int64_t now_us, size_t on_the_way,
                   int64_t *due_us)
{
    bool is_due = self->is_open ? open_next(self, now_us, due_us)
                                : closed_next(self, now_us, on_the_way, due_us);

    if (is_due) {
        self->in_step++;
        self->requests++;
    }
    return is_due;
}

bool schedule_is_over(const struct schedule *self)
{
    return self->step == self->count;
}

int64_t schedule_pause_us(const struct schedule *self, int64_t now_us)
{
    if (schedule_is_over(self)) {
        return -1;
    }
    int64_t end_us = end_of_step(self);
    int64_t next_us = self->is_open && next_due_us(self) < end_us
                          ? next_due_us(self)
                          : end_us;
    if (self->is_open && self->steps[self->step].amount > SCHEDULE_SINGLY) {
        next_us = next_us > now_us ? now_us + SCHEDULE_REST_US : now_us;
    }
    return next_us > now_us ? next_us - now_us : 0;
}

double schedule_seconds(const struct schedule *self)
{
    double seconds = 0;

    for (size_t i = 0; i < self->count; i++) {
        seconds += self->steps[i].seconds;
    }
    return seconds;
}

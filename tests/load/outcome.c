/* SPDX-License-Identifier: BSD-3-Clause */
#include "tests/load/outcome.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWERED = -1 };

void outcome_begin(struct outcome *self, uint64_t first_id, int64_t begin_us,
                   double seconds)
{
    *self = (struct outcome){
        .first_id = first_id, .begin_us = begin_us, .seconds = seconds};
    self->second_count = (size_t)ceil(seconds);
    self->by_second = calloc(self->second_count + 1, sizeof *self->by_second);
    assert(self->by_second != NULL);
}

void outcome_end(struct outcome *self, int64_t now_us)
{
    if (self->seconds <= 0) {
        self->seconds = (double)(now_us - self->begin_us) / 1e6;
        self->in_time = self->results;
    }
}

void outcome_free(struct outcome *self)
{
    free(self->due_us);
    free(self->by_second);
    *self = (struct outcome){0};
}

uint64_t outcome_send(struct outcome *self, int64_t due_us)
{
    if (self->sent == self->room) {
        self->room = self->room > 0 ? 2 * self->room : 4096;
        self->due_us = realloc(self->due_us, self->room * sizeof *self->due_us);
        assert(self->due_us != NULL);
    }
    self->due_us[self->sent] = due_us;
    return self->first_id + self->sent++;
}

/* What comes after the end of the run is counted in a second of its own. */
static struct outcome_second *second_of(const struct outcome *self, int64_t us)
{
    size_t second = (size_t)((us - self->begin_us) / 1000000);

    if (second > self->second_count) {
        second = self->second_count;
    }
    return &self->by_second[second];
}

/* When the open request was due, or -1. It is answered from then on. */
static int64_t take(struct outcome *self, uint64_t id)
{
    uint64_t number = id - self->first_id;

    if (id < self->first_id || number >= self->sent ||
        self->due_us[number] == ANSWERED) {
        self->surplus++;
        return -1;
    }
    int64_t due_us = self->due_us[number];
    self->due_us[number] = ANSWERED;
    return due_us;
}

static void raise_to(int64_t *most, int64_t value)
{
    if (value > *most) {
        *most = value;
    }
}

int outcome_result(struct outcome *self, uint64_t id, int64_t now_us)
{
    int64_t due_us = take(self, id);

    if (due_us < 0) {
        return -1;
    }
    self->results++;
    if ((double)(now_us - self->begin_us) <= self->seconds * 1e6) {
        self->in_time++;
    }
    latency_note(&self->result_latency, now_us - due_us);
    second_of(self, due_us)->results++;
    raise_to(&second_of(self, due_us)->result_max_us, now_us - due_us);
    second_of(self, now_us)->got++;
    return 0;
}

static void count_error(struct outcome *self, const char *type,
                        const char *condition)
{
    char name[sizeof self->errors->name];
    size_t i = 0;

    snprintf(name, sizeof name, "%s/%s", type, condition);
    while (i < ERRORS_MAX && self->errors[i].count > 0 &&
           strcmp(self->errors[i].name, name) != 0) {
        i++;
    }
    snprintf(self->errors[i].name, sizeof name, "%s",
             i < ERRORS_MAX ? name : "others");
    self->errors[i].count++;
}

int outcome_error(struct outcome *self, uint64_t id, const char *type,
                  const char *condition, int64_t now_us)
{
    int64_t due_us = take(self, id);

    if (due_us < 0) {
        return -1;
    }
    count_error(self, type, condition);
    latency_note(&self->error_latency, now_us - due_us);
    second_of(self, due_us)->errors++;
    raise_to(&second_of(self, due_us)->error_max_us, now_us - due_us);
    return 0;
}

size_t outcome_open(const struct outcome *self)
{
    return self->sent - self->result_latency.count - self->error_latency.count;
}

static json_t *report_latency(const struct latency *latency)
{
    return json_pack("{s:I,s:I,s:I,s:I}", "p50",
                     (json_int_t)latency_within(latency, 500000), "p99",
                     (json_int_t)latency_within(latency, 990000), "p999",
                     (json_int_t)latency_within(latency, 999000), "max",
                     (json_int_t)latency->max_us);
}

static json_t *report_errors(const struct outcome *self)
{
    json_t *errors = json_object();

    for (size_t i = 0; i <= ERRORS_MAX && self->errors[i].count > 0; i++) {
        json_object_set_new(errors, self->errors[i].name,
                            json_integer((json_int_t)self->errors[i].count));
    }
    return errors;
}

static json_t *report_seconds(const struct outcome *self)
{
    json_t *seconds = json_array();

    for (size_t i = 0; i < self->second_count; i++) {
        const struct outcome_second *second = &self->by_second[i];
        json_array_append_new(
            seconds,
            json_pack("{s:I,s:I,s:I,s:I,s:I}", "results",
                      (json_int_t)second->results, "errors",
                      (json_int_t)second->errors, "got",
                      (json_int_t)second->got, "result_max_us",
                      (json_int_t)second->result_max_us, "error_max_us",
                      (json_int_t)second->error_max_us));
    }
    return seconds;
}

json_t *outcome_report(const struct outcome *self)
{
    json_t *report = json_pack(
        "{s:f,s:I,s:I,s:I,s:I,s:f,s:o,s:o,s:o,s:o}", "seconds", self->seconds,
        "sent", (json_int_t)self->sent, "results", (json_int_t)self->results,
        "unanswered", (json_int_t)outcome_open(self), "surplus",
        (json_int_t)self->surplus, "per_second",
        (double)self->in_time / self->seconds, "errors", report_errors(self),
        "latency_us", report_latency(&self->result_latency), "error_latency_us",
        report_latency(&self->error_latency), "by_second",
        report_seconds(self));

    assert(report != NULL);
    return report;
}

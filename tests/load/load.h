/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_LOAD_LOAD_H
#define TESTS_LOAD_LOAD_H

/* The runs of the generator, one at a time, over one component. */

#include "tests/load/component.h"
#include "tests/load/devices.h"
#include "tests/load/schedule.h"
#include <jansson.h>

typedef struct load load_t;

/* Never NULL. `who` must outlive it. */
load_t *load_new(const struct addresses *who);
void load_destroy(load_t **self_p);

/* Where it sends to. */
void load_use(load_t *self, component_t *component);

/* An answer of that component; component_conf's callback. */
void load_on_answer(void *arg, const struct answer *answer);

/* Begin a run, when none is going on. They return NULL, or why not.
 *
 * Register `count` devices of a service (fcm or apns), in place of those that
 * it had. With `pretend` nobody is asked: for a component that takes any. */
const char *load_register(load_t *self, const char *service, uint64_t count,
                          int64_t now_us);
const char *load_pretend(load_t *self, const char *service, uint64_t count);

/* Publish to devices of a service, or of both in turn (mixed). */
const char *load_publish(load_t *self, const char *service,
                         const struct schedule *schedule, int64_t now_us);

/* Send what is due. */
void load_pump(load_t *self, int64_t now_us);

/* Microseconds until load_pump has something to do, or -1: not by itself. */
int64_t load_pause_us(const load_t *self, int64_t now_us);

/* The report of a run that has ended just now, the caller's; else NULL. */
json_t *load_harvest(load_t *self, int64_t now_us);

#endif

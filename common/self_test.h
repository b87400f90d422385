/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef COMMON_SELF_TEST_H
#define COMMON_SELF_TEST_H

/* --self-test: a program tries out what it needs for its work, tells what it
 * has found, and exits. It does so itself because only it has the libraries,
 * the credentials and the way into the network that its work will have: in a
 * container or a unit of systemd nobody else has them. `wakebusctl doctor`
 * runs the programs in turn and puts what they say together.
 *
 * A test disturbs nothing that runs: it takes no job, no inbox and no port. */

#include "common/checkup.h"
#include "common/settings.h"
#include <czmq.h>

struct service;

/* What the command line asks for. */
struct self_test_request {
    bool wanted;
    bool json;       /* an object a line, rather than a table */
    const char *app; /* only what concerns this app, or NULL */
};

typedef struct self_test self_test_t;

/* Everything that is at fault is found within this, and what does not answer
 * until then is a fault. */
enum { SELF_TEST_MS = 20 * 1000 };

/* Run the service's test. Returns the status to exit with: 0, 1 when there is
 * a fault, or 64 when there is no such app. Settings with faults are told and
 * not used. */
int self_test_run(const struct service *service,
                  const struct settings *settings,
                  const struct self_test_request *request);

/* ---- for the tests ---- */

zloop_t *self_test_loop(self_test_t *self);
const struct settings *self_test_settings(const self_test_t *self);
checkup_t *self_test_checkup(self_test_t *self);

/* Is this app to be examined? */
bool self_test_covers(const self_test_t *self, const struct app *app);

/* A test has parts that go on at the same time; it is over when each that was
 * begun has ended. */
void self_test_begin(self_test_t *self);
void self_test_end(self_test_t *self);

/* The part that all workers have: do the frontends of bus.frontends let this
 * one in? To be called once at most. */
void self_test_try_bus(self_test_t *self);

#endif

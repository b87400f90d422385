/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/self_test.h"

#include "common/bus_probe.h"
#include "common/config.h"
#include "common/daemon.h"
#include "common/log.h"
#include "common/service.h"
#include <assert.h>
#include <string.h>
#include <sysexits.h>

enum { SOME_FAULT = 1 };

static const char CONFIGURATION[] = "configuration";

struct self_test {
    const struct service *service;
    const struct settings *settings;
    const struct self_test_request *request;
    checkup_t *checkup;
    daemon_t *daemon;
    size_t open;      /* parts */
    bus_probe_t *bus; /* or NULL */
};

/* ---- the configuration ---- */

static void tell_note(void *arg, enum note_kind kind, const char *path,
                      const char *what, const char *remedy)
{
    const self_test_t *self = arg;

    checkup_note(self->checkup, CONFIGURATION,
                 kind == NOTE_FAULT ? FINDING_FAULT : FINDING_WARNING, remedy,
                 "%s: %s", path, what);
}

/* Returns whether it can be used. */
static bool tell_configuration(self_test_t *self)
{
    const struct settings *settings = self->settings;
    const char *file = settings->origin->file;
    notes_t *notes = config_notes(settings->source);

    notes_each(notes, tell_note, self);
    if (notes_count(notes, NOTE_FAULT) > 0) {
        checkup_note(self->checkup, "all else", FINDING_SKIPPED, NULL,
                     "the configuration has faults");
        return false;
    }
    checkup_note(self->checkup, CONFIGURATION, FINDING_OK, NULL, "%s",
                 file != NULL ? file : SETTINGS_DEFAULT_FILE);
    return true;
}

/* ---- running ---- */

static int on_time_out(zloop_t *loop, int timer_id, void *arg)
{
    const self_test_t *self = arg;

    (void)loop;
    (void)timer_id;
    daemon_finish(self->daemon, EX_OK);
    return 0;
}

/* A part that ends at once must not end the test before the others began. */
static void run_parts(self_test_t *self)
{
    self->daemon = daemon_new();
    zloop_timer(self_test_loop(self), SELF_TEST_MS, 1, on_time_out, self);
    self_test_begin(self);
    void *parts = self->service->test(self);
    self_test_end(self);
    daemon_run(self->daemon);
    self->service->test_end(parts);
    bus_probe_destroy(&self->bus);
    daemon_destroy(&self->daemon);
    checkup_conclude(self->checkup, "no answer in time");
}

static void print(const self_test_t *self)
{
    const char *service = self->service->program + strlen("wakebus-");
    char summary[64];

    if (self->request->json) {
        checkup_print_json(self->checkup, stdout, service);
        return;
    }
    puts(service);
    checkup_print(self->checkup, stdout, checkup_wants_colours(stdout));
    checkup_summary(checkup_count(self->checkup, FINDING_FAULT),
                    checkup_count(self->checkup, FINDING_WARNING), summary,
                    sizeof summary);
    puts(summary);
}

static int examine(self_test_t *self)
{
    const char *app = self->request->app;
    bool usable = tell_configuration(self);

    if (usable && app != NULL && settings_app(self->settings, app) == NULL) {
        fprintf(stderr, "%s: no such app in the configuration: %s\n",
                self->service->program, app);
        return EX_USAGE;
    }
    if (usable) {
        run_parts(self);
    }
    print(self);
    return checkup_count(self->checkup, FINDING_FAULT) > 0 ? SOME_FAULT : EX_OK;
}

int self_test_run(const struct service *service,
                  const struct settings *settings,
                  const struct self_test_request *request)
{
    self_test_t self = {
        .service = service, .settings = settings, .request = request};

    log_silence();
    self.checkup = checkup_new();
    int status = examine(&self);
    checkup_destroy(&self.checkup);
    return status;
}

/* ---- for the tests ---- */

zloop_t *self_test_loop(self_test_t *self)
{
    return daemon_loop(self->daemon);
}

const struct settings *self_test_settings(const self_test_t *self)
{
    return self->settings;
}

checkup_t *self_test_checkup(self_test_t *self)
{
    return self->checkup;
}

bool self_test_covers(const self_test_t *self, const struct app *app)
{
    const char *only = self->request->app;

    return only == NULL || strcmp(only, app->name) == 0;
}

void self_test_begin(self_test_t *self)
{
    self->open++;
}

void self_test_end(self_test_t *self)
{
    assert(self->open > 0);
    if (--self->open == 0) {
        daemon_finish(self->daemon, EX_OK);
    }
}

static void on_bus_done(void *arg)
{
    self_test_t *self = arg;

    bus_probe_tell(self->bus, self->checkup);
    self_test_end(self);
}

void self_test_try_bus(self_test_t *self)
{
    const struct settings *settings = self->settings;

    self_test_begin(self);
    checkup_expect(self->checkup, "bus");
    self->bus = bus_probe_new(self_test_loop(self), settings->bus.keys,
                              &settings->bus.frontends, on_bus_done, self);
}

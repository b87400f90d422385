/* SPDX-License-Identifier: BSD-3-Clause */
/* Configuration files, read as each of the programs reads them. What is taken
 * is within what the other code relies on. */
#include "common/command_line.h"
#include "common/config.h"
#include "services/apns-sender/payload.h"
#include "services/apns-sender/payload_check.h"
#include "services/fcm-sender/message.h"
#include "services/fcm-sender/message_check.h"
#include "tests/fuzz/fuzz_target.h"

#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

static const char CONTENT[] = "aGVsbG8gd29ybGQ=";
static const char HASH[] = "0000000000000000000000000000000000000000";
static const struct push_request PUSH = {.token = "t",
                                         .device = HASH,
                                         .channel = HASH,
                                         .encrypted = CONTENT,
                                         .iv = CONTENT};

/* Is there a fault more since there were `before`? */
static bool is_refused(const struct settings *settings, size_t before)
{
    return notes_count(config_notes(settings->source), NOTE_FAULT) > before;
}

static void check_body(char *body, const char *part, size_t most)
{
    json_t *whole = json_loads(body, JSON_REJECT_DUPLICATES, NULL);

    assert(json_object_get(whole, part) != NULL && strlen(body) <= most);
    json_decref(whole);
    free(body);
}

/* What a sender takes becomes a push that its provider takes. */
static void check_pushes(const struct settings *settings, const struct app *app)
{
    size_t before = notes_count(config_notes(settings->source), NOTE_FAULT);
    enum forwarding forwarding;

    if (strcmp(app->backend, "apns") == 0) {
        payload_check(settings, app);
        if (!is_refused(settings, before)) {
            payload_t *payload = payload_new(app);
            assert(payload_room(payload) >= 0);
            check_body(payload_write(payload, &PUSH, false, &forwarding), "aps",
                       PAYLOAD_MAX);
            payload_destroy(&payload);
        }
        return;
    }
    message_check(settings, app);
    if (!is_refused(settings, before)) {
        message_t *message = message_new(app);
        assert(message_room(message) >= 0);
        check_body(message_body(message, &PUSH, &forwarding), "message",
                   SIZE_MAX);
        message_destroy(&message);
    }
}

static void check_apps(const struct settings *settings)
{
    assert(settings->app_count <= APPS_MAX);
    for (size_t i = 0; i < settings->app_count; i++) {
        const struct app *app = &settings->apps[i];
        assert(app->backend != NULL && strlen(app->name) >= 1 &&
               strlen(app->name) <= 64);
        assert(settings_app(settings, app->name) == app);
        assert(!app->is_default ||
               settings_default_app(settings, app->backend) == app);
        check_pushes(settings, app);
    }
}

static void check_settings(const struct settings *settings)
{
    check_apps(settings);
    assert(settings->xmpp.port >= 1 && settings->xmpp.port <= 65535);
    assert(settings->bus.bind != NULL && settings->redis.url != NULL);
    char *shown = config_print(settings->source);
    json_t *again = json_loads(shown, JSON_REJECT_DUPLICATES, NULL);
    assert(again != NULL);
    json_decref(again);
    free(shown);
}

static void read_as(char *program, char *path)
{
    char config[] = "--config";
    char *argv[] = {program, config, path, NULL};
    struct settings_origin origin = {.program = program};
    const struct settings *settings;
    struct self_test_request test;

    optind = 0; /* a new command line */
    int status = command_line_start(&settings, &test, &origin, 3, argv);
    assert(status == -1 || status == EX_CONFIG);
    if (status == -1) {
        check_settings(settings);
    }
    settings_release(&settings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char programs[][32] = {"wakebus-xmpp-frontend", "wakebus-registry",
                                  "wakebus-fcm-sender", "wakebus-apns-sender"};
    FILE *shown = stderr;
    char path[64];

    int file = memfd_create("config", MFD_CLOEXEC);
    ssize_t written = write(file, data, size);
    assert(written == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    stderr = fopen("/dev/null", "w"); /* thousands of faults are expected */
    assert(stderr != NULL);
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        read_as(programs[i], path);
    }
    fclose(stderr);
    stderr = shown;
    close(file);
    return 0;
}

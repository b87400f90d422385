/* SPDX-License-Identifier: BSD-3-Clause */
/* Tells how all frontends and their workers are: 0 when each frontend has
 * answered, 1 when one of several has not. */
#include "common/clock.h"
#include "services/wakebusctl/client.h"
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/screen.h"
#include "services/wakebusctl/status_view.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { INTERVAL_MS = 1000, ENDPOINT_ROOM = 300, WHY_ROOM = 401 };

/* What a frontend has answered, and has had to be asked for. */
struct sample {
    char endpoint[ENDPOINT_ROOM];
    char id[PROTO_ID_MAX + 1]; /* of the request; "": it cannot be reached */
    char trouble[WHY_ROOM];
    bool answered;
    struct msg answer; /* owner of the strings in … */
    struct operator_status_result result;
};

/* All of them, at one time. */
struct samples {
    int64_t unix_ms;
    size_t count;
    struct sample items[CLIENT_FRONTENDS_MAX];
    char waiting_id[PROTO_ID_MAX + 1];
    int64_t waiting;
    char waiting_trouble[WHY_ROOM];
    size_t open; /* requests without answer */
};

static void samples_destroy(struct samples **samples_p)
{
    struct samples *samples = *samples_p;

    for (size_t i = 0; samples != NULL && i < samples->count; i++) {
        if (samples->items[i].answered) {
            msg_close(&samples->items[i].answer);
        }
    }
    free(samples);
    *samples_p = NULL;
}

/* ---- asking ---- */

static void ask_frontend(client_t *client, struct samples *samples,
                         const struct worker_frontend *frontend)
{
    struct sample *sample = &samples->items[samples->count++];
    const struct operator_status request = {client_asker(client),
                                            client_budget_ms(client)};
    struct proto_err err;

    snprintf(sample->endpoint, sizeof sample->endpoint, "%s",
             frontend->endpoint);
    snprintf(sample->trouble, sizeof sample->trouble, "%s",
             frontend->refusal != NULL ? frontend->refusal
             : frontend->up            ? "no answer: see its log"
                                       : "cannot be reached: see whether it "
                                         "runs");
    if (frontend->up) {
        snprintf(sample->id, sizeof sample->id, "%s", client_next_id(client));
        char *frame = operator_status_encode(&request, sample->id, &err);
        samples->open +=
            client_send(client, sample->endpoint, frame) == EX_OK ? 1 : 0;
    }
}

static void ask_waiting(client_t *client, struct samples *samples)
{
    const struct operator_waiting request = {client_asker(client),
                                             client_budget_ms(client)};
    struct proto_err err;

    snprintf(samples->waiting_id, sizeof samples->waiting_id, "%s",
             client_next_id(client));
    char *frame = operator_waiting_encode(&request, samples->waiting_id, &err);
    samples->open += client_send(client, NULL, frame) == EX_OK ? 1 : 0;
}

static void take_waiting(struct samples *samples, const struct msg *m)
{
    struct operator_waiting_result result;
    struct operator_later later;
    struct proto_err err;

    samples->open--;
    if (operator_waiting_result_decode(&result, m, &err) == 0) {
        samples->waiting = result.targets;
    } else if (operator_later_decode(&later, m, &err) == 0) {
        snprintf(samples->waiting_trouble, sizeof samples->waiting_trouble,
                 "%s", later.why);
    }
}

/* Returns whether the message is kept. */
static bool take_status(struct samples *samples, struct sample *sample,
                        const struct msg *m)
{
    struct operator_later later;
    struct proto_err err;

    samples->open--;
    if (operator_status_result_decode(&sample->result, m, &err) == 0) {
        sample->answered = true;
        sample->answer = *m;
        return true;
    }
    if (operator_later_decode(&later, m, &err) == 0) {
        snprintf(sample->trouble, sizeof sample->trouble, "%s", later.why);
    }
    return false;
}

static void take(struct samples *samples, struct msg *m)
{
    bool kept = false;

    if (strcmp(m->id, samples->waiting_id) == 0) {
        take_waiting(samples, m);
    }
    for (size_t i = 0; i < samples->count && !kept; i++) {
        struct sample *sample = &samples->items[i];
        if (!sample->answered && strcmp(m->id, sample->id) == 0) {
            kept = take_status(samples, sample, m);
        }
    }
    if (!kept) {
        msg_close(m);
    }
}

/* Returns 0 or 130; who has not answered in time, is not `answered`. */
static int take_sample(client_t *client, struct samples **out)
{
    struct worker_frontend frontends[CLIENT_FRONTENDS_MAX];
    size_t count = client_frontends(client, frontends);
    struct samples *samples = calloc(1, sizeof *samples);
    int status = EX_OK;
    struct msg m;

    assert(samples);
    samples->unix_ms = clock_unix_ms();
    for (size_t i = 0; i < count; i++) {
        ask_frontend(client, samples, &frontends[i]);
    }
    samples->waiting = -1;
    snprintf(samples->waiting_trouble, WHY_ROOM, "no answer");
    if (samples->open > 0) {
        ask_waiting(client, samples);
    }
    while (samples->open > 0 && status == EX_OK) {
        status = client_receive(client, &m);
        if (status == EX_OK) {
            take(samples, &m);
        }
    }
    *out = samples;
    return status == CLIENT_INTERRUPTED ? status : EX_OK;
}

/* ---- showing ---- */

static const struct sample *find(const struct samples *samples,
                                 const char *endpoint)
{
    for (size_t i = 0; samples != NULL && i < samples->count; i++) {
        const struct sample *sample = &samples->items[i];
        if (sample->answered && strcmp(sample->endpoint, endpoint) == 0) {
            return sample;
        }
    }
    return NULL;
}

typedef void print_fn(const struct status_view *view, FILE *to);

/* Returns 0, or 1 when a frontend has not answered. */
static int show(const struct samples *now, const struct samples *before,
                print_fn *print, FILE *to)
{
    struct status_frontend frontends[CLIENT_FRONTENDS_MAX];
    struct status_view view = {.unix_ms = now->unix_ms,
                               .count = now->count,
                               .frontends = frontends,
                               .waiting = now->waiting,
                               .waiting_trouble = now->waiting_trouble};
    int status = EX_OK;

    for (size_t i = 0; i < now->count; i++) {
        const struct sample *sample = &now->items[i];
        const struct sample *old = find(before, sample->endpoint);
        frontends[i] =
            (struct status_frontend){sample->endpoint, sample->trouble,
                                     sample->answered ? &sample->result : NULL,
                                     old != NULL ? &old->result : NULL};
        status = sample->answered ? status : CLIENT_NO;
    }
    print(&view, to);
    return status;
}

static void paint(const struct samples *now, const struct samples *before)
{
    size_t size;
    char *text = NULL;
    FILE *to = open_memstream(&text, &size);

    assert(to);
    show(now, before, status_print, to);
    fputs("\nAny key ends this.\n", to);
    fclose(to);
    screen_paint(text);
    free(text);
}

/* ---- once, or again and again ---- */

static int tell_once(client_t *client, print_fn *print)
{
    struct samples *before = NULL;
    struct samples *now = NULL;
    int status = take_sample(client, &before);

    if (status == EX_OK) {
        status = client_pause(client, INTERVAL_MS, -1);
    }
    if (status == EX_OK) {
        status = take_sample(client, &now);
    }
    if (status == EX_OK) {
        status = show(now, before, print, stdout);
    }
    samples_destroy(&now);
    samples_destroy(&before);
    return status;
}

/* `print` NULL: on the screen. Ends well with a key, ^C, or when nobody reads
 * any more. */
static int watch(client_t *client, print_fn *print, int keys)
{
    struct samples *before = NULL;
    int status = EX_OK;

    while (status == EX_OK && !ferror(stdout)) {
        struct samples *now = NULL;
        status = take_sample(client, &now);
        if (status == EX_OK && print == NULL) {
            paint(now, before);
        } else if (status == EX_OK) {
            show(now, before, print, stdout);
            fflush(stdout);
        }
        samples_destroy(&before);
        before = now;
        if (status == EX_OK) {
            status = client_pause(client, INTERVAL_MS, keys);
        }
    }
    samples_destroy(&before);
    return EX_OK;
}

static int watch_on_screen(client_t *client)
{
    struct screen screen;

    screen_open(&screen);
    int status = watch(client, NULL, screen.keys);
    screen_close(&screen);
    return status;
}

static int tell(client_t *client, const struct arguments *arguments)
{
    bool json = arguments_has(arguments, "json");

    if (!arguments_has(arguments, "watch")) {
        return tell_once(client, json ? status_print_json : status_print);
    }
    if (json || !isatty(STDOUT_FILENO)) {
        return watch(client, json ? status_print_json : status_print_lines, -1);
    }
    return watch_on_screen(client);
}

int status_command(const struct arguments *arguments)
{
    client_t *client;
    int status = client_open(&client, arguments);

    if (status == EX_OK) {
        status = client_gather(client);
        status = status == EX_OK ? tell(client, arguments) : status;
        client_close(&client);
    }
    return status;
}

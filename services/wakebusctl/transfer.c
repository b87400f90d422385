/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/transfer.h"

#include "common/clock.h"
#include "services/wakebusctl/progress.h"
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum {
    WINDOW = 100,    /* rows on the way; a frontend takes 128 of one who asks */
    WAIT_MS = 100,   /* for an answer, before it is looked what else to do */
    PAUSE_MS = 200,  /* when something could not be done now */
    WORRY_MS = 1000, /* without anything that gets done: then it is told why */
    PATIENCE = 6,    /* timeouts without anything that gets done */
    WHY_ROOM = 401,
};

/* A row on the way. */
struct slot {
    bool is_open;
    size_t row;
    int64_t sent_ms;
    char id[PROTO_ID_MAX + 1];
};

struct sending {
    struct transfer *transfer;
    client_t *client;
    const struct target_rows *rows;
    struct faults *faults;
    struct progress progress;
    size_t next; /* row that was not yet sent */
    struct slot slots[WINDOW];
    size_t open;
    size_t again[WINDOW]; /* rows to be sent again */
    size_t again_count;
    int64_t pause_until_ms;
    int64_t progress_ms; /* when something got done last */
    char why[WHY_ROOM];  /* nothing gets done, or "" */
};

static size_t done(const struct transfer *transfer)
{
    return transfer->imported + transfer->kept + transfer->taken;
}

/* ---- sending ---- */

static struct slot *free_slot(struct sending *self)
{
    struct slot *slot = self->slots;

    assert(self->open < WINDOW);
    while (slot->is_open) {
        slot++;
    }
    return slot;
}

static char *encode(struct sending *self, const struct target_row *row,
                    const char *id)
{
    const struct operator_import request = {.asker = client_asker(self->client),
                                            .budget_ms =
                                                client_budget_ms(self->client),
                                            .app = row->app,
                                            .device = row->device,
                                            .channel = row->channel,
                                            .domain = row->domain,
                                            .token = row->token,
                                            .node = row->node,
                                            .secret = row->secret,
                                            .created_ms = row->created_ms,
                                            .renewed_ms = row->renewed_ms};
    struct proto_err err;
    char *frame = operator_import_encode(&request, id, &err);

    assert(frame); /* the row was checked */
    return frame;
}

static int send_row(struct sending *self, size_t row)
{
    struct slot *slot = free_slot(self);

    *slot =
        (struct slot){.is_open = true, .row = row, .sent_ms = clock_mono_ms()};
    snprintf(slot->id, sizeof slot->id, "%s", client_next_id(self->client));
    self->open++;
    return client_send(self->client, NULL,
                       encode(self, &self->rows->items[row], slot->id));
}

static int fill(struct sending *self)
{
    int status = EX_OK;

    if (clock_mono_ms() < self->pause_until_ms ||
        !client_can_ask(self->client)) {
        return EX_OK;
    }
    while (status == EX_OK && self->open < WINDOW) {
        if (self->again_count > 0) {
            status = send_row(self, self->again[--self->again_count]);
        } else if (self->next < self->rows->count) {
            status = send_row(self, self->next++);
        } else {
            break;
        }
    }
    return status;
}

/* ---- answers ---- */

static void close_slot(struct sending *self, struct slot *slot)
{
    slot->is_open = false;
    self->open--;
}

static void send_again(struct sending *self, struct slot *slot)
{
    close_slot(self, slot);
    assert(self->again_count < WINDOW);
    self->again[self->again_count++] = slot->row;
}

static void count(struct sending *self, const struct slot *slot,
                  enum import_outcome outcome)
{
    self->progress_ms = clock_mono_ms();
    switch (outcome) {
    case IMPORT_OK:
        self->transfer->imported++;
        break;
    case IMPORT_KEPT:
        self->transfer->kept++;
        break;
    case IMPORT_TAKEN:
        self->transfer->taken++;
        faults_add(self->faults, &(struct file_fault){
                                     .line = self->rows->items[slot->row].line,
                                     .member = "node",
                                     .why = "is here that of another device"});
        break;
    }
}

static struct slot *slot_of(struct sending *self, const char *id)
{
    for (size_t i = 0; i < WINDOW; i++) {
        if (self->slots[i].is_open && strcmp(self->slots[i].id, id) == 0) {
            return &self->slots[i];
        }
    }
    return NULL; /* it was given up before */
}

static int take(struct sending *self, const struct msg *answer)
{
    struct slot *slot = slot_of(self, answer->id);
    struct operator_import_result result;
    struct operator_later later;
    struct proto_err err;

    if (slot == NULL) {
        return EX_OK;
    }
    if (msg_is(answer, OPERATOR_LATER) &&
        operator_later_decode(&later, answer, &err) == 0) {
        snprintf(self->why, sizeof self->why, "%s", later.why);
        self->pause_until_ms = clock_mono_ms() + PAUSE_MS;
        send_again(self, slot);
        return EX_OK;
    }
    if (operator_import_result_decode(&result, answer, &err) != 0) {
        return client_misfit(self->client, &err);
    }
    count(self, slot, result.outcome);
    close_slot(self, slot);
    return EX_OK;
}

/* A frontend that is gone answers nothing. */
static void give_up_old(struct sending *self)
{
    int64_t since_ms = clock_mono_ms() - client_timeout_ms(self->client);

    for (size_t i = 0; i < WINDOW; i++) {
        if (self->slots[i].is_open && self->slots[i].sent_ms < since_ms) {
            send_again(self, &self->slots[i]);
        }
    }
}

static int receive(struct sending *self)
{
    struct msg answer;
    int status = client_wait(self->client, WAIT_MS, &answer);

    if (status == EX_OK) {
        status = take(self, &answer);
        msg_close(&answer);
        return status;
    }
    give_up_old(self);
    return status == EX_UNAVAILABLE ? EX_OK : status;
}

static void tell(struct sending *self)
{
    bool waits = clock_mono_ms() - self->progress_ms >= WORRY_MS;

    if (waits && self->why[0] != '\0') {
        progress_say(&self->progress, self->why);
    } else {
        progress_show(&self->progress, done(self->transfer));
    }
}

static bool is_stuck(const struct sending *self)
{
    return clock_mono_ms() - self->progress_ms >=
           PATIENCE * client_timeout_ms(self->client);
}

static int say_stuck(const struct sending *self)
{
    if (!client_can_ask(self->client)) {
        return client_explain(self->client);
    }
    return client_fail(self->client, EX_UNAVAILABLE,
                       self->why[0] != '\0' ? self->why
                                            : "the frontend does not answer");
}

int transfer_run(struct transfer *self, client_t *client,
                 const struct target_rows *rows, struct faults *faults)
{
    struct sending sending = {.transfer = self,
                              .client = client,
                              .rows = rows,
                              .faults = faults,
                              .progress_ms = clock_mono_ms()};
    int status = EX_OK;

    *self = (struct transfer){0};
    progress_begin(&sending.progress, "import", rows->count);
    while (status == EX_OK && done(self) < rows->count) {
        status = fill(&sending);
        status = status == EX_OK ? receive(&sending) : status;
        tell(&sending);
        if (status == EX_OK && is_stuck(&sending)) {
            progress_end(&sending.progress);
            status = say_stuck(&sending);
        }
    }
    progress_end(&sending.progress);
    return status;
}

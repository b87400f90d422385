/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/pages.h"

#include "common/clock.h"
#include <string.h>
#include <sysexits.h>

enum { PAUSE_MS = 250 }; /* until a page is asked for again */

/* Why there is no page now: a frontend's or a registry's reason, or "". */
struct reason {
    char text[401];
    bool is_final;
};

static void read_later(struct reason *reason, const struct msg *answer)
{
    struct operator_later later;
    struct proto_err err;

    if (operator_later_decode(&later, answer, &err) == 0) {
        snprintf(reason->text, sizeof reason->text, "%s", later.why);
        reason->is_final = later.is_final != 0;
    }
}

/* One attempt. Returns 0 with a page; 1 when it is worth another; or the exit
 * status. */
static int ask_once(const struct pages *self, struct msg *page,
                    struct reason *reason)
{
    const char *id = client_next_id(self->client);
    struct proto_err err;

    if (!client_can_ask(self->client)) {
        return CLIENT_NO;
    }
    char *frame = self->encode(
        self, self->after[0] != '\0' ? self->after : NULL, id, &err);
    if (frame == NULL) {
        return client_fail(self->client, EX_USAGE,
                           "what is asked for is too long, or not UTF-8");
    }
    int status = client_send(self->client, NULL, frame);
    while (status == EX_OK) {
        status = client_receive(self->client, page);
        if (status == EX_OK && strcmp(page->id, id) == 0) {
            break;
        }
        if (status == EX_OK) {
            msg_close(page); /* too late: of an attempt before */
        }
    }
    if (status == EX_UNAVAILABLE) {
        return client_no_answer(self->client);
    }
    if (status == EX_OK && msg_is(page, OPERATOR_LATER)) {
        read_later(reason, page);
        msg_close(page);
        return CLIENT_NO;
    }
    return status;
}

/* Returns 0 with a page, or the exit status. */
static int ask(const struct pages *self, struct msg *page)
{
    int64_t until_ms = clock_mono_ms() + client_timeout_ms(self->client);
    struct reason reason = {"no frontend can be reached any more", false};
    int status = ask_once(self, page, &reason);

    while (status == CLIENT_NO && !reason.is_final &&
           clock_mono_ms() < until_ms) {
        status = client_pause(self->client, PAUSE_MS, -1);
        status = status == EX_OK ? ask_once(self, page, &reason) : status;
    }
    return status == CLIENT_NO
               ? client_fail(self->client, EX_UNAVAILABLE, reason.text)
               : status;
}

/* Returns 0 when there is a next page, 1 when not, or the exit status. */
static int take(struct pages *self, const struct msg *page)
{
    struct pages_next next;
    struct proto_err err;
    int taken = self->take(self, page, &next, &err);

    if (taken < 0) {
        return client_misfit(self->client, &err);
    }
    if (next.outcome == OPERATOR_CHANGED) {
        self->after[0] = '\0';
        return client_fail(self->client, EX_UNAVAILABLE,
                           "Redis was restarted, or another has taken over: "
                           "begin again");
    }
    self->has_begun = true;
    snprintf(self->after, sizeof self->after, "%s",
             next.after != NULL ? next.after : "");
    return taken > 0 || next.after == NULL ? CLIENT_NO : EX_OK;
}

int pages_walk(struct pages *self)
{
    int status = EX_OK;

    while (status == EX_OK) {
        struct msg page;
        status = ask(self, &page);
        if (status == EX_OK) {
            status = take(self, &page);
            msg_close(&page);
        }
    }
    return status == CLIENT_NO ? EX_OK : status;
}

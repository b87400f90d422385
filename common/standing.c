/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/standing.h"

static const char UNPROVEN[] =
    "no push of this app has worked since the start: check that environment, "
    "topic and key (or project) are those the app was built with";
static const char TOO_MANY[] =
    "so many devices do not die at once: check that environment, topic and "
    "key (or project) are those the app was built with";

bool standing_admits(struct standing *self, int64_t now_ms,
                     struct judgement *answer)
{
    if (self->held_until_ms == 0) {
        return true;
    }
    if (now_ms >= self->held_until_ms) {
        /* This push is the probe; the others wait for what comes of it. */
        self->held_until_ms = now_ms + STANDING_PROBE_MS;
        return true;
    }
    *answer = self->last;
    answer->again = AGAIN_NOT;
    answer->remedy = NULL;
    return false;
}

static void disbelieve(struct judgement *judgement, const char *remedy)
{
    judgement->verdict = PUSH_MISCONFIGURED;
    judgement->since_ms = 0;
    judgement->remedy = remedy;
}

static void note_doubt(struct standing *self, struct judgement *judgement,
                       int64_t now_ms)
{
    /* Once disbelieved, time alone does not make it believable again. */
    if (self->doubts < STANDING_DOUBTS &&
        now_ms - self->doubts_from_ms > STANDING_WINDOW_MS) {
        self->doubts = 0;
    }
    if (self->doubts == 0) {
        self->doubts_from_ms = now_ms;
    }
    if (self->doubts < STANDING_DOUBTS) {
        self->doubts++;
    }
    if (!self->proven) {
        disbelieve(judgement, UNPROVEN);
    } else if (self->doubts >= STANDING_DOUBTS) {
        disbelieve(judgement, TOO_MANY);
    }
}

static int64_t hold_ms(const struct standing *self,
                       const struct judgement *judgement)
{
    int64_t hold = STANDING_HOLD_MS;

    for (unsigned i = 0; i < self->holds && hold < STANDING_HOLD_MAX_MS; i++) {
        hold *= 2;
    }
    if (hold < judgement->retry_after_s * 1000) {
        hold = judgement->retry_after_s * 1000;
    }
    return hold < STANDING_HOLD_MAX_MS ? hold : STANDING_HOLD_MAX_MS;
}

static void note_fault(struct standing *self, const struct judgement *judgement,
                       int64_t now_ms)
{
    bool of_ours = judgement->verdict == PUSH_MISCONFIGURED;

    if (self->faults < STANDING_FAULTS) {
        self->faults++;
    }
    if (!of_ours && self->faults < STANDING_FAULTS) {
        return;
    }
    self->held_until_ms = now_ms + hold_ms(self, judgement);
    self->last = *judgement;
    if (self->holds < 16) {
        self->holds++;
    }
}

void standing_note(struct standing *self, struct judgement *judgement,
                   int64_t now_ms)
{
    if (judgement->reach == REACH_NONE) {
        return;
    }
    if (judgement->reach == REACH_APP) {
        note_fault(self, judgement, now_ms);
        return;
    }
    /* Any answer about a single device shows that the door is open. */
    self->faults = 0;
    self->holds = 0;
    self->held_until_ms = 0;
    if (judgement->reach == REACH_PROOF) {
        self->proven = true;
        self->doubts = 0;
    } else if (judgement->reach == REACH_DOUBT) {
        note_doubt(self, judgement, now_ms);
    }
}

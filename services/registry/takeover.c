/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/takeover.h"

#include "common/backoff.h"
#include "common/clock.h"
#include "services/registry/answer.h"
#include "services/registry/keys.h"
#include "services/registry/pointer.h"
#include "services/registry/scripts.h"
#include <assert.h>
#include <inttypes.h>

enum { TIME_ROOM = 24 };

struct takeover {
    redis_t *redis;
    struct operator_import what; /* its strings are in `texts` */
    char at[POINTER_ROOM];       /* the pointer; "" if the node needs none */
    takeover_fn *on_done;
    void *arg;
    char texts[];
};

/* Tells by the answer how it went. */
static void end(struct takeover *takeover, const struct redis_answer *answer)
{
    static const char *const WORDS[] = {
        [IMPORT_OK] = "ok", [IMPORT_KEPT] = "kept", [IMPORT_TAKEN] = "taken"};
    const char *word = answer_word(answer);
    bool known = false;
    enum import_outcome outcome = IMPORT_OK;

    for (size_t i = 0; word != NULL && i < sizeof WORDS / sizeof *WORDS; i++) {
        if (strcmp(word, WORDS[i]) == 0) {
            outcome = (enum import_outcome)i;
            known = true;
        }
    }
    takeover->on_done(takeover->arg, known, outcome);
    free(takeover);
}

static void on_row(void *arg, const struct redis_answer *answer)
{
    struct takeover *takeover = arg;

    pointers_remove(takeover->redis, answer);
    end(takeover, answer);
}

/* "" when it is not known. */
static void time_text(char text[TIME_ROOM], int64_t unix_ms)
{
    text[0] = '\0';
    if (unix_ms > 0) {
        snprintf(text, TIME_ROOM, "%" PRId64, unix_ms);
    }
}

static void write_row(struct takeover *takeover)
{
    const struct operator_import *what = &takeover->what;
    char index[KEY_ROOM];
    char row[KEY_ROOM];
    char mark[KEY_ROOM];
    char none[KEY_ROOM];
    char field[FIELD_ROOM];
    char created[TIME_ROOM];
    char renewed[TIME_ROOM];
    char now[TIME_ROOM];

    key_of_device(index, what->device);
    key_of_row(row, what->device, what->node);
    key_of_end(mark, what->device);
    key_of_none(none, what->device);
    field_of(field, what->app, what->channel);
    time_text(created, what->created_ms);
    time_text(renewed, what->renewed_ms);
    time_text(now, clock_unix_ms());
    const char *argv[] = {
        "EVAL",
        SCRIPT_IMPORT,
        "4",
        index,
        row,
        mark,
        none,
        field,
        what->node,
        what->secret,
        what->domain,
        what->token,
        what->app,
        what->device,
        created,
        renewed,
        now,
        takeover->at,
        what->channel == NULL ? "" : what->channel,
    };
    redis_send(takeover->redis, argv, sizeof argv / sizeof *argv, on_row,
               takeover);
}

static void on_pointer(void *arg, const struct redis_answer *answer)
{
    struct takeover *takeover = arg;
    const char *word = answer_word(answer);

    if (word != NULL && strcmp(word, "ok") == 0) {
        write_row(takeover);
    } else {
        end(takeover, answer);
    }
}

/* Copies `*text` to where `room` stands, and moves that behind it. */
static void keep(const char **text, char **room)
{
    if (*text != NULL) {
        size_t size = strlen(*text) + 1;
        *text = memcpy(*room, *text, size);
        *room += size;
    }
}

static struct takeover *new_takeover(const struct operator_import *what)
{
    struct operator_import kept = *what;
    const char **const texts[] = {&kept.app,    &kept.device, &kept.channel,
                                  &kept.domain, &kept.token,  &kept.node,
                                  &kept.secret};
    size_t size = 0;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size += *texts[i] != NULL ? strlen(*texts[i]) + 1 : 0;
    }
    struct takeover *takeover = calloc(1, sizeof *takeover + size);
    assert(takeover);
    char *room = takeover->texts;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        keep(texts[i], &room);
    }
    takeover->what = kept;
    return takeover;
}

void takeover_start(redis_t *redis, const struct operator_import *what,
                    takeover_fn *on_done, void *arg)
{
    struct takeover *takeover = new_takeover(what);

    takeover->redis = redis;
    takeover->on_done = on_done;
    takeover->arg = arg;
    if (node_is_at_home(what->node, what->device)) {
        write_row(takeover);
        return;
    }
    pointer_make(takeover->at, what->device, random_u32());
    pointer_write(redis, what->node, takeover->at, on_pointer, takeover);
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/registry/walk.h"

#include "common/clock.h"
#include "services/registry/scripts.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEP_KEYS =
        64,        /* that one command looks at: Redis does nothing else then */
    PAGE_MS = 250, /* then the page is given, however empty */
};

/* One page on its way. */
struct walking {
    redis_t *redis;
    struct walk what; /* its strings are owned */
    struct walk_cursor cursor;
    struct walk_page page;
    unsigned step_keys;
    int64_t until_ms;
    walk_fn *on_page;
    void *arg;
};

static void finish(struct walking *walking, enum walk_outcome outcome,
                   const char *after)
{
    walking->on_page(walking->arg, outcome, &walking->page, after);
    walk_page_release(&walking->page);
    free((void *)(uintptr_t)walking->what.domain);
    free((void *)(uintptr_t)walking->what.app);
    free(walking);
}

static void finish_here(struct walking *walking)
{
    char after[CURSOR_ROOM];

    walk_cursor_print(&walking->cursor, after);
    finish(walking, WALK_OK, after);
}

/* ---- steps ---- */

static redis_answer_fn on_step;

static void step(struct walking *walking)
{
    const struct walk *what = &walking->what;
    char keys[16];

    if (redis_part_count(walking->redis) != walking->cursor.parts) {
        finish(walking, WALK_CHANGED, NULL);
        return;
    }
    snprintf(keys, sizeof keys, "%u", walking->step_keys);
    const char *argv[] = {"EVAL",
                          SCRIPT_WALK,
                          "0",
                          walking->cursor.scan,
                          keys,
                          what->domain != NULL ? what->domain : "",
                          what->app != NULL ? what->app : "",
                          what->counts  ? "count"
                          : what->whole ? "whole"
                                        : "list"};
    redis_send_part(walking->redis, walking->cursor.part, argv,
                    sizeof argv / sizeof *argv, on_step, walking);
}

/* More than fits: give what there is, and try again with less. */
static void step_back(struct walking *walking)
{
    if (walking->page.count > 0) {
        finish_here(walking);
    } else if (walking->step_keys > 1) {
        walking->step_keys /= 2;
        step(walking);
    } else {
        finish(walking, WALK_LATER, NULL);
    }
}

static void take_step(struct walking *walking, const char *scan,
                      const char *lines, const char *run)
{
    struct walk_cursor *cursor = &walking->cursor;

    if (cursor->run[0] != '\0' && run[0] != '\0' &&
        strcmp(cursor->run, run) != 0) {
        finish(walking, WALK_CHANGED, NULL);
    } else if (!walk_page_add(&walking->page, lines)) {
        step_back(walking);
    } else if (!walk_cursor_advance(cursor, scan, run)) {
        finish(walking, WALK_OK, NULL);
    } else if (walk_page_is_full(&walking->page) ||
               clock_mono_ms() >= walking->until_ms) {
        finish_here(walking);
    } else {
        step(walking);
    }
}

static void on_step(void *arg, const struct redis_answer *answer)
{
    if (answer == NULL || answer->count != 3 || answer->items[0] == NULL ||
        answer->items[1] == NULL || answer->items[2] == NULL) {
        finish(arg, WALK_LATER, NULL);
    } else {
        take_step(arg, answer->items[0], answer->items[1], answer->items[2]);
    }
}

/* ---- begin ---- */

static char *copy_or_null(const char *text)
{
    char *copy = text != NULL ? strdup(text) : NULL;

    assert(text == NULL || copy != NULL);
    return copy;
}

int walk_start(redis_t *redis, const struct walk *what, walk_fn *on_page,
               void *arg)
{
    size_t parts = redis_part_count(redis);
    struct walk_cursor cursor;

    walk_cursor_begin(&cursor, (unsigned)parts);
    if (what->after != NULL && !walk_cursor_read(&cursor, what->after)) {
        return -1;
    }
    struct walking *walking = calloc(1, sizeof *walking);
    assert(walking);
    walking->redis = redis;
    walking->what = *what;
    walking->what.domain = copy_or_null(what->domain);
    walking->what.app = copy_or_null(what->app);
    walking->cursor = cursor;
    walking->page.counts = what->counts;
    walking->page.whole = what->whole;
    walking->step_keys = STEP_KEYS;
    walking->until_ms = clock_mono_ms() + PAGE_MS;
    walking->on_page = on_page;
    walking->arg = arg;
    if (parts > 0) {
        step(walking);
    } else {
        finish(walking, WALK_LATER, NULL);
    }
    return 0;
}

/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/xmpp-frontend/coalesce.h"

#include "services/xmpp-frontend/marks.h"
#include <assert.h>
#include <czmq.h>
#include <string.h>
#include <sys/queue.h>

struct key {
    uint64_t hash;
    struct push_target target;
};

/* A push that can be joined. */
struct open_push {
    TAILQ_ENTRY(open_push) in_line; /* while it waits */
    struct key key;
    void *push;
    bool waits;
    int64_t due_ms; /* waits: until then */
};
TAILQ_HEAD(open_list, open_push);

struct coalesce {
    struct coalesce_conf conf;
    marks_t *windows; /* by hash: when each ends, and who may not wait for it */
    zhashx_t *open;   /* struct open_push * by struct key */
    struct open_list waiting; /* the first that is due comes first */
};

/* ---- keys ---- */

static bool is_same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a;
    const struct key *y = b;

    return x->hash == y->hash &&
                   is_same_text(x->target.domain, y->target.domain) &&
                   is_same_text(x->target.node, y->target.node) &&
                   is_same_text(x->target.secret, y->target.secret) &&
                   is_same_text(x->target.module, y->target.module) &&
                   x->target.sandbox == y->target.sandbox
               ? 0
               : 1;
}

static size_t hash_of_key(const void *key)
{
    return ((const struct key *)key)->hash;
}

static struct key key_of(const coalesce_t *self,
                         const struct push_target *target)
{
    const struct siphash_key *key = &self->conf.key;
    uint64_t hash = siphash_text(key, 0, target->domain);

    hash = siphash_text(key, hash, target->node);
    hash = siphash_text(key, hash, target->secret);
    hash = siphash_text(key, hash, target->module);
    return (struct key){hash ^ (target->sandbox ? 1 : 0), *target};
}

static struct open_push *find(const coalesce_t *self, const struct key *key)
{
    return zhashx_lookup(self->open, key);
}

/* ---- windows ---- */

/* A mark holds the end of a window and, in its last bit, whether an urgent push
 * began it. Marks are in the order of the ends. */
static int64_t mark_of(int64_t end_ms, bool is_urgent)
{
    return end_ms * 2 + (is_urgent ? 1 : 0);
}

static int64_t end_of(int64_t mark)
{
    return mark / 2;
}

static bool may_go(int64_t mark, bool is_urgent, int64_t now_ms)
{
    return end_of(mark) <= now_ms || (is_urgent && mark % 2 == 0);
}

/* ---- waiting ---- */

/* From the end, where it belongs unless the window has become shorter. */
static void wait_in_line(coalesce_t *self, struct open_push *open)
{
    struct open_push *before = TAILQ_LAST(&self->waiting, open_list);

    while (before != NULL && before->due_ms > open->due_ms) {
        before = TAILQ_PREV(before, open_list, in_line);
    }
    if (before != NULL) {
        TAILQ_INSERT_AFTER(&self->waiting, before, open, in_line);
    } else {
        TAILQ_INSERT_HEAD(&self->waiting, open, in_line);
    }
    open->waits = true;
}

static void end_wait(coalesce_t *self, struct open_push *open)
{
    if (open->waits) {
        TAILQ_REMOVE(&self->waiting, open, in_line);
        open->waits = false;
    }
}

/* ---- */

void *coalesce_find(const coalesce_t *self, const struct push_target *target)
{
    const struct key key = key_of(self, target);
    const struct open_push *open = find(self, &key);

    return open != NULL ? open->push : NULL;
}

bool coalesce_join(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, int64_t now_ms)
{
    const struct key key = key_of(self, target);
    struct open_push *open = find(self, &key);
    bool goes = open->waits &&
                may_go(marks_get(self->windows, key.hash), is_urgent, now_ms);

    if (goes) {
        end_wait(self, open);
    }
    return goes;
}

bool coalesce_lead(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, void *push, int64_t now_ms)
{
    const struct key key = key_of(self, target);
    int64_t window = marks_get(self->windows, key.hash);

    if (self->conf.window_ms == 0) {
        return true;
    }
    struct open_push *open = calloc(1, sizeof *open);
    assert(open);
    open->key = key;
    open->push = push;
    if (!may_go(window, is_urgent, now_ms)) {
        open->due_ms = end_of(window);
        wait_in_line(self, open);
    }
    int status = zhashx_insert(self->open, &open->key, open);
    assert(status == 0);
    return !open->waits;
}

void *coalesce_due(coalesce_t *self, int64_t now_ms)
{
    struct open_push *first = TAILQ_FIRST(&self->waiting);

    if (first == NULL || first->due_ms > now_ms) {
        return NULL;
    }
    end_wait(self, first);
    return first->push;
}

static void close_key(coalesce_t *self, const struct key *key, const void *push)
{
    struct open_push *open = find(self, key);

    if (open != NULL && open->push == push) {
        end_wait(self, open);
        zhashx_delete(self->open, key);
        free(open);
    }
}

void coalesce_sent(coalesce_t *self, const struct push_target *target,
                   bool is_urgent, const void *push, int64_t now_ms)
{
    const struct key key = key_of(self, target);

    close_key(self, &key, push);
    if (self->conf.window_ms > 0) {
        marks_set(self->windows, key.hash,
                  mark_of(now_ms + self->conf.window_ms, is_urgent),
                  mark_of(now_ms, true));
    }
}

void coalesce_close(coalesce_t *self, const struct push_target *target,
                    const void *push)
{
    if (zhashx_size(self->open) > 0) {
        const struct key key = key_of(self, target);
        close_key(self, &key, push);
    }
}

/* ---- life ---- */

coalesce_t *coalesce_new(const struct coalesce_conf *conf)
{
    coalesce_t *self = zmalloc(sizeof *self);

    assert(self);
    self->conf = *conf;
    self->windows = marks_new(conf->most);
    TAILQ_INIT(&self->waiting);
    self->open = zhashx_new();
    assert(self->open);
    zhashx_set_key_duplicator(self->open, NULL);
    zhashx_set_key_destructor(self->open, NULL);
    zhashx_set_key_comparator(self->open, compare_keys);
    zhashx_set_key_hasher(self->open, hash_of_key);
    return self;
}

void coalesce_destroy(coalesce_t **self_p)
{
    coalesce_t *self = *self_p;

    if (self == NULL) {
        return;
    }
    assert(zhashx_size(self->open) == 0);
    zhashx_destroy(&self->open);
    marks_destroy(&self->windows);
    free(self);
    *self_p = NULL;
}

void coalesce_set_window(coalesce_t *self, int64_t window_ms)
{
    self->conf.window_ms = window_ms;
}

size_t coalesce_joinable(const coalesce_t *self)
{
    return zhashx_size(self->open);
}

size_t coalesce_windows(const coalesce_t *self)
{
    return marks_count(self->windows);
}

size_t coalesce_bytes(const coalesce_t *self)
{
    return marks_bytes(self->windows);
}

uint64_t coalesce_forgotten(const coalesce_t *self)
{
    return marks_pushed_out(self->windows);
}

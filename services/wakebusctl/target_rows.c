/* SPDX-License-Identifier: BSD-3-Clause */
#include "services/wakebusctl/target_rows.h"

#include "proto/notation.h"
#include "proto/target.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

void target_rows_add(struct target_rows *self, const struct target_row *row)
{
    if (self->count == self->room) {
        self->room = self->room == 0 ? 1024 : self->room * 2;
        self->items =
            reallocarray(self->items, self->room, sizeof *self->items);
        assert(self->items != NULL);
    }
    self->items[self->count++] = *row;
}

void target_rows_free(struct target_rows *self)
{
    free(self->items);
    *self = (struct target_rows){0};
}

/* ---- one row ---- */

static bool is_utf8(const char *text)
{
    json_t *string = json_string(text); /* NULL if it is not */

    json_decref(string);
    return string != NULL;
}

static const char *judge_text(const char *text, size_t most)
{
    if (text == NULL || text[0] == '\0') {
        return "is missing";
    }
    if (strlen(text) > most) {
        return "is too long";
    }
    return is_utf8(text) ? NULL : "is not UTF-8";
}

static const char *judge_domain(const char *domain)
{
    const char *why = judge_text(domain, TARGET_DOMAIN_MAX);

    if (why == NULL && strpbrk(domain, "@/ \t\r\n") != NULL) {
        return "is not the name of a server";
    }
    return why;
}

static const char *judge_form(const char *text, bool (*is_valid)(const char *),
                              const char *why)
{
    return text == NULL ? "is missing" : !is_valid(text) ? why : NULL;
}

#define NOT_A_HASH "is not 40 lowercase hex digits"

int target_row_check(const struct target_row *row, struct faults *faults)
{
    size_t before = faults->count;
    const struct {
        const char *member, *why;
    } judged[] = {
        {"app", judge_text(row->app, TARGET_APP_MAX)},
        {"device", judge_form(row->device, hash_is_valid, NOT_A_HASH)},
        {"channel", row->channel == NULL || hash_is_valid(row->channel)
                        ? NULL
                        : NOT_A_HASH},
        {"domain", judge_domain(row->domain)},
        {"token", judge_text(row->token, TARGET_TOKEN_MAX)},
        {"node", judge_form(row->node, node_is_valid,
                            "is not 12 characters of base64")},
        {"secret", judge_form(row->secret, secret_is_valid,
                              "is not 24 characters of base64")},
    };

    for (size_t i = 0; i < sizeof judged / sizeof *judged; i++) {
        if (judged[i].why != NULL) {
            faults_add(faults, &(struct file_fault){.line = row->line,
                                                    .member = judged[i].member,
                                                    .why = judged[i].why});
        }
    }
    return faults->count == before ? 0 : -1;
}

/* ---- all of them ---- */

void target_rows_check_apps(struct target_rows *self, struct faults *faults,
                            bool (*is_known)(const void *arg, const char *app),
                            const void *arg)
{
    size_t kept = 0;

    for (size_t i = 0; i < self->count; i++) {
        const struct target_row *row = &self->items[i];
        if (is_known(arg, row->app)) {
            self->items[kept++] = *row;
        } else {
            faults_add(faults, &(struct file_fault){
                                   .line = row->line,
                                   .member = "app",
                                   .why = "is not in the configuration"});
        }
    }
    self->count = kept;
}

typedef int compare_fn(const struct target_row *a, const struct target_row *b);

static int compare_nodes(const struct target_row *a, const struct target_row *b)
{
    return strcmp(a->node, b->node);
}

static int compare_optional(const char *a, const char *b)
{
    return strcmp(a == NULL ? "" : a, b == NULL ? "" : b);
}

static int compare_places(const struct target_row *a,
                          const struct target_row *b)
{
    int order = strcmp(a->device, b->device);

    order = order != 0 ? order : compare_optional(a->channel, b->channel);
    return order != 0 ? order : strcmp(a->app, b->app);
}

/* A question that rows must not answer alike. */
struct uniqueness {
    compare_fn *compare;
    const char *member;
    const char *why;
};

static int order(const void *a, const void *b, void *arg)
{
    const struct uniqueness *unique = arg;
    const struct target_row *one = *(const struct target_row *const *)a;
    const struct target_row *other = *(const struct target_row *const *)b;
    int order = unique->compare(one, other);

    return order != 0 ? order
                      : (one->line > other->line) - (one->line < other->line);
}

/* Sets `twins` of each row that is not the first of its kind to the line of the
 * first, and of the others to 0. */
static void find_twins(const struct target_rows *self,
                       struct uniqueness *unique, size_t *twins)
{
    const struct target_row **sorted =
        calloc(self->count, sizeof(struct target_row *));
    const struct target_row *first = NULL;

    assert(sorted != NULL);
    for (size_t i = 0; i < self->count; i++) {
        sorted[i] = &self->items[i];
    }
    qsort_r(sorted, self->count, sizeof(struct target_row *), order, unique);
    for (size_t i = 0; i < self->count; i++) {
        bool is_twin = first != NULL && unique->compare(first, sorted[i]) == 0;
        first = is_twin ? first : sorted[i];
        twins[sorted[i] - self->items] = is_twin ? first->line : 0;
    }
    free(sorted);
}

static void drop_twins(struct target_rows *self, struct uniqueness *unique,
                       struct faults *faults)
{
    size_t kept = 0;

    if (self->count == 0) {
        return;
    }
    size_t *twins = calloc(self->count, sizeof *twins);
    assert(twins != NULL);
    find_twins(self, unique, twins);
    for (size_t i = 0; i < self->count; i++) {
        if (twins[i] == 0) {
            self->items[kept++] = self->items[i];
        } else {
            faults_add(faults, &(struct file_fault){.line = self->items[i].line,
                                                    .other_line = twins[i],
                                                    .member = unique->member,
                                                    .why = unique->why});
        }
    }
    self->count = kept;
    free(twins);
}

void target_rows_check_nodes(struct target_rows *self, struct faults *faults)
{
    struct uniqueness nodes = {compare_nodes, "node", "is the same as in"};

    drop_twins(self, &nodes, faults);
}

void target_rows_check_places(struct target_rows *self, struct faults *faults)
{
    struct uniqueness places = {compare_places, NULL,
                                "has the same device, channel and app as"};

    drop_twins(self, &places, faults);
}

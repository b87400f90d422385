/* SPDX-License-Identifier: BSD-3-Clause */
/* How many targets there are, by app and by domain. */
#include "common/words.h"
#include "services/wakebusctl/commands.h"
#include "services/wakebusctl/pages.h"
#include "services/wakebusctl/sums.h"
#include "services/wakebusctl/table.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum { TOP = 10, TOP_MAX = 100000 };

struct counting {
    sums_t *apps;
    sums_t *domains;
    size_t top;     /* so many of each are told */
    bool on_screen; /* tell how far it is */
};

/* ---- asking ---- */

static char *encode(const struct pages *self, const char *after, const char *id,
                    struct proto_err *err)
{
    const struct operator_count request = {
        client_asker(self->client), client_budget_ms(self->client), after};

    return operator_count_encode(&request, id, err);
}

static void show_progress(const struct counting *counting)
{
    char number[WORD_ROOM];

    if (counting->on_screen) {
        word_count(number, (double)sums_total(counting->apps));
        fprintf(stderr, "\r%s targets …", number);
    }
}

static int take(const struct pages *self, const struct msg *page,
                struct pages_next *next, struct proto_err *err)
{
    struct counting *counting = self->arg;
    struct operator_count_result result;

    if (operator_count_result_decode(&result, page, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < result.counts.count; i++) {
        const struct operator_tally *tally = &result.counts.items[i];
        sums_add(counting->apps, tally->app != NULL ? tally->app : "",
                 tally->targets);
        sums_add(counting->domains, tally->domain != NULL ? tally->domain : "",
                 tally->targets);
    }
    *next = (struct pages_next){result.outcome, result.after};
    show_progress(counting);
    return 0;
}

/* ---- telling ---- */

static void print_table(const char *title, const sums_t *sums, size_t top)
{
    struct sum *sum = calloc(top, sizeof *sum);
    table_t *table = table_new("lr");
    char rest[WORD_ROOM + 16];
    int64_t told = 0;

    assert(sum);
    size_t count = sums_top(sums, sum, top);
    table_add(table, title);
    table_add(table, "TARGETS");
    for (size_t i = 0; i < count; i++) {
        table_add(table, sum[i].name[0] != '\0' ? sum[i].name : "(none)");
        table_add_count(table, (double)sum[i].number);
        told += sum[i].number;
    }
    if (count < sums_count(sums)) {
        char number[WORD_ROOM];
        word_count(number, (double)(sums_count(sums) - count));
        snprintf(rest, sizeof rest, "(%s others)", number);
        table_add(table, rest);
        table_add_count(table, (double)(sums_total(sums) - told));
    }
    putchar('\n');
    table_print(table, stdout);
    table_destroy(&table);
    free(sum);
}

static json_t *new_list(const char *name, const sums_t *sums, size_t top)
{
    struct sum *sum = calloc(top, sizeof *sum);
    json_t *list = json_array();

    assert(sum);
    size_t count = sums_top(sums, sum, top);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list,
                              json_pack("{s:s,s:I}", name, sum[i].name,
                                        "targets", (json_int_t)sum[i].number));
    }
    free(sum);
    return list;
}

static void print_json(const struct counting *counting)
{
    json_t *root =
        json_pack("{s:I,s:I,s:I,s:o,s:o}", "targets",
                  (json_int_t)sums_total(counting->apps), "app_count",
                  (json_int_t)sums_count(counting->apps), "domain_count",
                  (json_int_t)sums_count(counting->domains), "apps",
                  new_list("app", counting->apps, counting->top), "domains",
                  new_list("domain", counting->domains, counting->top));

    json_dumpf(root, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(root);
}

static void print_text(const struct counting *counting)
{
    char number[WORD_ROOM];

    word_count(number, (double)sums_total(counting->apps));
    printf("%s targets\n", number);
    if (sums_total(counting->apps) > 0) {
        print_table("APP", counting->apps, counting->top);
        print_table("DOMAIN", counting->domains, counting->top);
    }
}

/* ---- the command ---- */

static int read_top(size_t *top, const char *text)
{
    char *end = NULL;
    long number = text != NULL ? strtol(text, &end, 10) : TOP;

    if ((text != NULL && (end == text || *end != '\0')) || number < 1 ||
        number > TOP_MAX) {
        fprintf(stderr, "count: --top %s: give 1 to %d\n", text, TOP_MAX);
        return EX_USAGE;
    }
    *top = (size_t)number;
    return EX_OK;
}

static int count(const struct arguments *arguments, struct counting *counting)
{
    struct pages pages = {.encode = encode, .take = take, .arg = counting};
    int status = client_open(&pages.client, arguments);

    if (status != EX_OK) {
        return status;
    }
    status = pages_walk(&pages);
    client_close(&pages.client);
    if (counting->on_screen) {
        fputs("\r\033[K", stderr);
    }
    if (status == EX_OK && arguments_has(arguments, "json")) {
        print_json(counting);
    } else if (status == EX_OK) {
        print_text(counting);
    }
    return status;
}

int count_command(const struct arguments *arguments)
{
    struct counting counting = {.on_screen = isatty(STDERR_FILENO) != 0};
    int status = read_top(&counting.top, arguments_value(arguments, "top"));

    if (status == EX_OK) {
        counting.apps = sums_new();
        counting.domains = sums_new();
        status = count(arguments, &counting);
        sums_destroy(&counting.apps);
        sums_destroy(&counting.domains);
    }
    return status;
}
